import { CLUSTER, HOST, PROVIDER, TENANT_STORE } from '../evaluate/fixture.ts';
import { LOCATIONS, questioner, type Variants } from './question.ts';

const { made, ask } = questioner();

const DOMAINS: Variants<'failure-domain'> = {
  host: [null, 'install-1', 'backup-2'],
  site: ['site-1'],
  account: ['111122223333'],
  region: ['eu-central-1'],
  origin: ['observed'],
};
const ELSEWHERE = LOCATIONS.filter(({ key }) => key !== 'local');
for (const place of ELSEWHERE) ask(place, 'failure-domain', { host: 'backup-1' }, DOMAINS, [1, 2], true);
for (const place of [PROVIDER, CLUSTER, HOST, TENANT_STORE, ...LOCATIONS.filter(({ key }) => key === 'local')]) {
  ask(place, 'failure-domain', { host: 'install-1' }, DOMAINS, [1, 2], true);
}
for (const place of LOCATIONS) ask(place, 'location', {}, { purposes: [[]], timezone: [null] }, [1, 1], true);
ask(CLUSTER, 'cluster', {}, { majorVersion: [16, 19], systemIdentifier: [null] });

/** What is asked about where things stand. */
export const PLACE_QUESTIONS = made;
