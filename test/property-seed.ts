import * as fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a failure is the change's and not the day's. To look for
 * new ones: PROPERTY_SEED=random npm test, or PROPERTY_SEED=<the seed of a failure>.
 */
const wanted = process.env['PROPERTY_SEED'];
if (wanted !== 'random') fc.configureGlobal({ seed: wanted === undefined ? 20261122 : Number(wanted) });
