import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { readLocation } from '../../src/collect/backups/artifact-index.ts';
import type { CopiedDatabase } from '../../src/collect/backups/copied-database.ts';
import { databaseCopies } from '../../src/collect/backups/database-copies.ts';
import { indexDumps } from '../../src/collect/backups/read-dumps.ts';
import { NO_READINGS } from '../../src/collect/backups/verification/readings.ts';
import { keyVersionsInside } from '../../src/collect/key-versions-inside.ts';
import type { DatasetMapping, TableInCopies } from '../../src/collect/organizations/dataset-source.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { configSchema } from '../../src/config/schema.ts';
import type { Facts } from '../../src/model/facts.ts';
import type { Policy } from '../../src/model/policy.ts';
import { scratchDirectory } from '../services/scratch.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/dumps');
/** Dumps of database tiny. */
const CUSTOM = readFileSync(join(FIXTURES, 'pg15-custom.dump'));
const PLAIN = readFileSync(join(FIXTURES, 'pg15-plain.sql'), 'latin1');
const ENCRYPTED = Buffer.from('8c0d0409030a', 'hex');

/** A plain dump of tiny whose table of members holds these rows instead. */
function plainWith(...rows: readonly string[]): string {
  const copied = /^COPY public\.members [\s\S]*?^\\\.$/m;
  return PLAIN.replace(copied, () =>
    ['COPY public.members (id, name, state, made, ended) FROM stdin;', ...rows, '\\.'].join('\n'),
  );
}
const TABLE: TableInCopies = {
  schema: null,
  table: 'members',
  columns: { key_ref: 'name', version: 'id', state: 'state', created_at: 'made', retired_at: 'ended' },
};
const TWO = plainWith(
  '1\tacme\tretired\t2026-01-02 03:04:05.678+00\t2026-03-01 00:00:00+01',
  '2\tacme\tin use\t2026-03-01 00:00:00+00\t\\N',
);
const TWO_READ = [
  {
    keyRef: 'acme',
    version: 1,
    state: 'retired',
    createdAt: '2026-01-02T03:04:05.678Z',
    retiredAt: '2026-02-28T23:00:00.000Z',
  },
  { keyRef: 'acme', version: 2, state: 'active', createdAt: '2026-03-01T00:00:00.000Z', retiredAt: null },
];

interface Case {
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly table?: TableInCopies | null;
  readonly settings?: object;
  readonly refused?: readonly string[];
  readonly database?: Partial<CopiedDatabase>;
  readonly servers?: readonly string[];
}

async function lookAt({
  files,
  table = TABLE,
  settings = {},
  refused = [],
  database: changes = {},
  servers = ['db'],
}: Case) {
  using directory = scratchDirectory('inside');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(directory.path, path)), { recursive: true });
    writeFileSync(join(directory.path, path), content, 'latin1');
  }
  const { signal } = new AbortController();
  const asker = createAsker(systemClock, [], signal);
  const opened: string[] = [];
  const tree = localDirectoryTree({ root: directory.path });
  const open: typeof tree.open = (path, abort) => {
    opened.push(path);
    return tree.open(path, abort);
  };
  const place = { name: 'nas', tree: { ...tree, open }, timeZone: 'UTC', servers: null };
  const contents = await readLocation(
    place,
    new Set(['tiny', 'globex']),
    (error) => asker.blindSpotOf(error, 'nas'),
    signal,
  );
  const before = opened.length;
  const collect = configSchema.shape.collect.parse({ keyVersionsInCopies: { read: true, ...settings } });
  const mapping = (table === null ? {} : { keyVersionsInCopies: table }) as DatasetMapping;
  const policy = { limits: {}, organizationLimits: {} } as unknown as Policy;
  const config = { plans: [], locations: [], collect };
  const database: CopiedDatabase = {
    subject: { kind: 'database', key: 'o/tiny', organizationId: 'o', name: 'tiny' },
    name: 'tiny',
    server: null,
    schemaName: 'public',
    runs: [],
    plans: [],
    ...changes,
  };
  const readFails: typeof tree.open = (path, abort) =>
    refused.includes(path) ? Promise.reject(new Error('permission denied')) : open(path, abort);
  Object.assign(place.tree, { open: readFails });
  const estate = {
    dumps: [contents],
    ...indexDumps([contents]),
    databaseServers: new Map([['tiny', new Set(servers)]]),
    readings: NO_READINGS,
    rowsInside: keyVersionsInside({ config, mapping, asker, signal }),
  };
  const records = await databaseCopies({ asker, policy, config }, estate, database);
  const copies = records.flatMap((record) => (record.kind === 'copy' ? record.items : []));
  return {
    inside: new Map(
      copies.map((copy): [string, Facts['copy']['keyVersionsInside']] => [copy.path, copy.keyVersionsInside]),
    ),
    opened: opened.slice(before),
  };
}

test('key-version rows are read as those of the live table are, bare and compressed', async () => {
  const { inside } = await lookAt({
    files: { 'tiny-1.sql': TWO, 'tiny-2.sql.gz': gzipSync(Buffer.from(TWO, 'latin1')) },
  });
  expect(inside.get('tiny-1.sql')).toEqual({ versions: TWO_READ, because: null });
  expect(inside.get('tiny-2.sql.gz')).toEqual({ versions: TWO_READ, because: null });
});

test('nobody looks inside unless asked to, nor into the install database', async () => {
  const files = { 'tiny.sql': TWO };
  const off = await lookAt({ files, settings: { read: false } });
  expect(off.inside.get('tiny.sql')).toBeUndefined();
  expect(off.opened).toEqual([]);
  const subject = { kind: 'database', key: 'install/tiny', organizationId: null, name: 'tiny' } as const;
  const install = await lookAt({ files, database: { subject } });
  expect(install.inside.get('tiny.sql')).toBeUndefined();
  expect(install.opened).toEqual([]);
});

test('nor into what names another database, or may be of another one of that name', async () => {
  const other = TWO.replaceAll(/tiny/g, 'globex');
  const foreign = await lookAt({ files: { 'tiny/nightly.sql': other } });
  expect(foreign.opened).toEqual([]);
  expect([...foreign.inside.values()].filter((one) => one !== undefined)).toEqual([]);
  const doubtful = await lookAt({ files: { 'tiny.sql': TWO }, servers: ['db', 'db2'] });
  expect(doubtful.opened).toEqual([]);
  expect(doubtful.inside.get('tiny.sql')).toMatchObject({ versions: null, because: expect.stringContaining('proves') });
});

test.each<[string, Partial<Case> & Pick<Case, 'files'>, string]>([
  ['the mapping names no table', { files: { 'tiny.sql': TWO }, table: null }, 'the mapping does not say'],
  [
    'the table is not there',
    { files: { 'tiny.sql': TWO }, table: { ...TABLE, table: 'keys' } },
    'table public.keys: it holds no rows',
  ],
  [
    'a column is not there',
    { files: { 'tiny.sql': TWO }, table: { ...TABLE, columns: { ...TABLE.columns, state: 'x' } } },
    'no column "x"',
  ],
  ['the table has no row', { files: { 'tiny.sql': plainWith() } }, 'table public.members in it has no row'],
  [
    'a value is none',
    { files: { 'tiny.sql': plainWith('1\tacme\tactive\t2026-01-02 03:04:05\t\\N') } },
    'in a row of it created_at is not a point in time',
  ],
  [
    'a value that must be there is null',
    { files: { 'tiny.sql': plainWith('1\t\\N\tactive\t2026-01-02 03:04:05+00\t\\N') } },
    'key_ref is null',
  ],
  ['it is encrypted', { files: { 'tiny.dump.gpg': ENCRYPTED } }, 'it is encrypted or in a format that is not opened'],
  ['it cannot be opened', { files: { 'tiny.sql': TWO }, refused: ['tiny.sql'] }, 'nas'],
])('a copy says why its rows were not read where %s', async (_, found, because) => {
  const { inside } = await lookAt(found);
  const [only] = [...inside.values()];
  expect(only?.versions).toBeNull();
  expect(only?.because).toContain(because);
});

test('the budget serves the newest first', async () => {
  const older = TWO.replaceAll('2026-11-22 19:06:50', '2026-11-20 19:06:50');
  const files = { 'tiny-a.sql': older, 'tiny-b.sql': TWO };
  const { inside } = await lookAt({ files, settings: { gibibytes: 100 / 1024 ** 3 } });
  expect(inside.get('tiny-b.sql')?.versions).toEqual(TWO_READ);
  expect(inside.get('tiny-a.sql')?.because).toContain('the budget of this run');
});

test('rows of a custom dump come from the same table', async () => {
  const columns = { key_ref: 'name', version: 'id', created_at: 'name' };
  const { inside } = await lookAt({ files: { 'tiny.dump': CUSTOM }, table: { ...TABLE, columns } });
  expect(inside.get('tiny.dump')?.because).toContain('created_at is not a point in time');
});
