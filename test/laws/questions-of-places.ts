import type { Facts } from '../../src/model/facts.ts';
import { DAY, HOUR, MINUTE } from '../../src/model/instant.ts';
import { ago, CLUSTER, HOST, PROVIDER, TENANT_STORE } from '../evaluate/fixture.ts';
import { AGES, LOCATIONS, questioner, type Variants } from './question.ts';

const { made, ask } = questioner();

const DOMAINS: Variants<'failure-domain'> = {
  host: [null, 'install-1', 'backup-2'],
  site: ['site-1'],
  account: ['111122223333'],
  region: [null, 'us-east-1'],
  origin: ['observed'],
};
const CLUSTER_COPY: Facts['copy']['physical'] = {
  kind: 'full',
  label: 'F',
  builtOn: [],
  systemIdentifier: '7300000000000000001',
  timeline: 1,
  endpoints: [],
  declaredServer: false,
  sameIdentifierClusters: 1,
  databaseOids: null,
  lockedUntil: null,
};
const ELSEWHERE = LOCATIONS.filter(({ key }) => key !== 'local');
for (const place of ELSEWHERE) {
  const stands = { host: place.key === 'sets' ? 'backup-2' : 'backup-1', region: 'eu-central-1' };
  ask(place, 'failure-domain', stands, DOMAINS, [1, 2], true);
}
for (const place of [PROVIDER, CLUSTER, HOST, TENANT_STORE, ...LOCATIONS.filter(({ key }) => key === 'local')]) {
  ask(place, 'failure-domain', { host: 'install-1' }, DOMAINS, [1, 2], true);
}
for (const place of LOCATIONS) {
  ask(place, 'location', {}, { kind: ['s3'], purposes: [[]], timezone: [null] }, [1, 1], true);
  ask(
    place,
    'store-lifecycle',
    { expiresAfterDays: 400 },
    { expiresAfterDays: [3, null], prefix: ['', 'documents/'], byTag: [true], enabled: [false] },
    [0, 2],
  );
}
for (const place of LOCATIONS) {
  ask(place, 'store-versioning', {}, { state: ['off', 'suspended'] });
  ask(place, 'store-object-lock', {}, { enabled: [false], mode: [null, 'GOVERNANCE'], days: [null, 1] });
  ask(
    place,
    'declaration',
    { statement: 'offline-copy-kept' },
    { statement: ['encryption-at-rest', 'encryption-at-rest'], expires: [ago(HOUR)] },
    [0, 2],
    false,
    [],
  );
  ask(place, 'store-encryption', {}, { byDefault: ['no', 'no', 'not-told'], algorithm: [null] });
  ask(
    place,
    'orphan-copy',
    {},
    { databaseName: ['tenant_left', 'postgres'], inside: ['cluster-copy'] },
    [0, 2],
    false,
    [],
  );
}
ask(CLUSTER, 'globals-copy', {}, { location: ['sets'], complete: [false, false, null] }, [0, 2]);
ask(CLUSTER, 'declaration', { statement: 'roles-in-code' }, { expires: [ago(HOUR)] }, [0, 1], false, []);
ask(
  CLUSTER,
  'copy',
  { method: 'pgbackrest', foundName: null, nameAgrees: null, physical: CLUSTER_COPY },
  { integrity: ['incomplete', 'unproven'], location: ['sets'] },
  [0, 2],
  false,
  [],
);
ask(
  CLUSTER,
  'archiver',
  { checkpointAt: ago(HOUR), lastFailedAt: ago(HOUR) },
  {
    mode: ['off', 'always'],
    lastArchivedWal: [null, '00000002.history', '000000010000000000000004.00000028.backup', '000000010000000000000007'],
    lastArchivedAt: [null, ...AGES],
    lastFailedWal: ['00000001000000000000000A', '00000001000000000000000A', '000000010000000000000003'],
    lastFailedAt: AGES,
    currentWal: [null, ...Array<string>(4).fill('00000001000000000000000C'), '00000002000000000000000A'],
    statisticsSince: [null, ago(HOUR)],
    checkpointWal: [null, '000000010000000000000009', ...Array<string>(2).fill('00000001000000000000000C')],
    checkpointAt: [null, ago(HOUR), ago(5 * MINUTE)],
  },
);
ask(
  CLUSTER,
  'wal-archive',
  {},
  {
    location: ['sets'],
    path: ['wal'],
    timeline: [null, 2],
    lastSegment: [null, '000000010000000000000003', '00000001000000000000000B'],
    missing: [2],
    restorableFrom: [null, ago(2 * DAY)],
    restorableTo: [null, ...AGES],
  },
  [0, 2],
);
ask(CLUSTER, 'cluster', {}, { majorVersion: [16, 19], systemIdentifier: [null] });

/** What is asked about where things stand. */
export const PLACE_QUESTIONS = made;
