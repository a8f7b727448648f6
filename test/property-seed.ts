import * as fc from 'fast-check';

/**
 * Property tests draw the same cases in every run, so that a failure is the change's and not the day's. To look for
 * new ones: PROPERTY_SEED=random npm test, or PROPERTY_SEED=<the seed of a failure>.
 */
const wanted = process.env['PROPERTY_SEED'];
const FIXED = 20_261_122;
const drawn = Math.trunc(Math.random() * 2 ** 31);
if (wanted !== 'random') fc.configureGlobal({ seed: propertySeed() });

/** The seed of this run, for tests that draw their cases themselves. */
export function propertySeed(): number {
  if (wanted === 'random') return drawn;
  return wanted === undefined ? FIXED : Number(wanted);
}
