import { BEFORE_ALL, DAY, HOUR } from '../../src/model/instant.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import { ago, INSTALL_DATABASE, TENANT_DATABASE } from '../evaluate/fixture.ts';
import { AGES, questioner } from './question.ts';

const { made, ask } = questioner();

const moment = (at: string, width = 0) => ({
  notBefore: at,
  notAfter: new Date(Date.parse(at) + width).toISOString(),
  origin: 'fixture',
});

const PHYSICAL = {
  kind: 'full' as const,
  label: 'F',
  builtOn: [],
  systemIdentifier: '7300000000000000001',
  timeline: 1,
  endpoints: [],
  declaredServer: false,
  sameIdentifierClusters: 1,
  databaseOids: [16_400],
  lockedUntil: null,
};

const ROW = DEFAULT_FACTS['key-version'];
const rowsInside = (...versions: Partial<typeof ROW>[]) => ({
  versions: versions.map((version) => ({ ...ROW, ...version })),
  because: null,
});
/** A copy that a service keeps and encrypted with a key of its account. */
const kept = (
  state: 'enabled' | 'disabled' | 'missing' | 'pending-deletion' | null,
  deletionDate: string | null = null,
) => {
  const key = 'arn:aws:kms:eu-central-1:111122223333:key/1';
  return { account: '111122223333', region: 'eu-central-1', keys: [{ key, state, deletionDate, because: null }] };
};

const WRITING = { segment: '000000020000000000000019', askedUntil: ago(0) };
const SERVER = { host: 'db1', systemIdentifier: PHYSICAL.systemIdentifier, timeline: 1, formerIdentifiers: [] };

for (const database of [INSTALL_DATABASE, TENANT_DATABASE]) {
  const name = database === INSTALL_DATABASE ? 'novantra' : 'tenant_acme';
  ask(
    database,
    'copy',
    { path: `${name}.dump`, foundName: name, claimedName: name },
    {
      location: ['sets', 'local'],
      path: ['a.dump', 'b.dump'],
      bytes: [0, 300_000, 5_000_000],
      foundName: [null, 'tenant_other'],
      claimedName: [null, 'tenant_other'],
      nameAgrees: [null, false],
      sameNameDatabases: [2],
      databaseOid: [null, 99],
      tableOids: [null, [], [16_402], [77]],
      tableNames: [null, [], ['public.items']],
      tablesComplete: [false],
      tablesWithoutRows: [['public.items']],
      objects: [[], [{ schema: 'app', kind: 'function', count: 2 }], [{ schema: 'app', kind: 'view', count: 1 }]],
      scope: ['schema-only', 'partial', 'unknown'],
      moment: [null, ...AGES.map((at) => moment(at)), moment(ago(30 * HOUR), 8 * HOUR), moment(ago(700 * DAY))],
      serverVersion: [null, '16.2', '19.1'],
      integrity: ['incomplete', 'unproven'],
      verifiedAt: [null, ago(2 * DAY), ago(40 * DAY)],
      restsOnReadingAt: [ago(2 * DAY), ago(40 * DAY)],
      byStructure: [
        { integrity: 'unproven', because: 'it lies in a gzip stream' },
        { integrity: 'complete', because: 'every block lies in its place' },
      ],
      sha256: ['aa'],
      checksumCompared: [true, false],
      method: ['pgbackrest'],
      encrypted: [true, null],
      keyVersionsInside: [
        rowsInside({ version: 1 }),
        rowsInside({ version: 1, createdAt: ago(DAY) }, { version: 3, createdAt: ago(2 * HOUR) }),
        rowsInside({ version: 2, state: 'retired', retiredAt: ago(DAY) }, { version: 1, state: 'destroyed' }),
        rowsInside({ keyRef: 'another' }),
        rowsInside({ keyRef: 'another', ofAnotherOrganization: true }),
        rowsInside(),
        { versions: null, because: 'its rows are INSERT statements, which are not read' },
      ],
      kept: [
        { account: '111122223333', region: 'eu-central-1' },
        { account: '111122223333', region: 'us-east-1' },
        kept('enabled'),
        kept('disabled'),
        kept('missing'),
        kept(null),
        { ...kept('pending-deletion', ago(DAY)), account: '444455556666' },
        kept('pending-deletion', ago(-DAY)),
      ],
      physical: [
        PHYSICAL,
        { ...PHYSICAL, kind: 'continuous' },
        { ...PHYSICAL, startedAt: ago(18 * HOUR) },
        { ...PHYSICAL, builtOn: ['F'], lockedUntil: ago(-40 * DAY) },
        { ...PHYSICAL, lastWal: '00000001000000000000001E' },
        { ...PHYSICAL, stopLsn: '0/15000001', followed: { timeline: 2, leftAt: '0/15000000' } },
        { ...PHYSICAL, timeline: null, sameIdentifierClusters: 2 },
      ],
    },
    [0, 3],
    false,
    // Three nights, the second of them elsewhere.
    [
      {},
      { location: 'sets', path: `${name}-40h.dump`, moment: moment(ago(40 * HOUR)) },
      { path: `${name}-64h.dump`, moment: moment(ago(64 * HOUR)) },
    ],
  );
  ask(
    database,
    'database-state',
    { server: SERVER },
    {
      exists: [false],
      databaseOid: [null, 99],
      sizeBytes: [null, 0, 900_000_000],
      createdAt: [null, ago(10 * HOUR), ago(2 * DAY), ago(60 * DAY)],
      server: [
        { ...SERVER, systemIdentifier: null },
        { ...SERVER, timeline: 2, writing: WRITING },
      ],
    },
  );
  ask(
    database,
    'catalogue',
    {},
    {
      tables: [[], [{ oid: 16_401, name: 'public.items' }], [{ oid: 5, name: 'public.x' }]],
      objects: [
        [],
        [{ schema: 'app', kind: 'function', count: 2, lowestOid: 16_390, highestOid: 16_391 }],
        [{ schema: 'app', kind: 'view', count: 2, lowestOid: 16_390, highestOid: 17_000 }],
        [{ schema: '', kind: 'large object', count: 1, lowestOid: 17, highestOid: 17 }],
      ],
    },
  );
  ask(
    database,
    'backup-run',
    { artifactUri: `file:///dumps/${name}.dump` },
    {
      runId: ['run-2', 'run-3'],
      planId: [null, 'plan-2'],
      status: ['failed', 'running', 'skipped'],
      startedAt: [...AGES, ago(16 * HOUR)],
      finishedAt: [null, ago(15 * HOUR)],
      artifactUri: [null, 'file:///dumps/other.dump', 'file:///sets/a.dump'],
      artifactBytes: [null, 5],
      sha256: ['aa', 'bb'],
    },
    [0, 4],
  );
  ask(database, 'artifact-count', {}, { count: [3, 900], after: [BEFORE_ALL, ago(20 * HOUR), ago(2 * HOUR)] }, [0, 2]);
  ask(database, 'declaration', { statement: 'database-recreated' }, { date: [ago(DAY)], expires: [ago(HOUR)] }, [0, 1]);
}

/** What is asked about databases, their copies and runs. */
export const DATABASE_QUESTIONS = made;
