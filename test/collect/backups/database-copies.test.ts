import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import { readLocation } from '../../../src/collect/backups/artifact-index.ts';
import { type CopiedDatabase, databaseCopies } from '../../../src/collect/backups/database-copies.ts';
import { indexDumps } from '../../../src/collect/backups/read-dumps.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DEFAULT_FACTS } from '../../evaluate/default-facts.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const { signal } = new AbortController();
const FIXTURES = join(import.meta.dirname, '../../fixtures/dumps');
/** Dumps of database tiny. */
const CUSTOM = readFileSync(join(FIXTURES, 'pg15-custom.dump'));
const CUSTOM_SHA256 = '865f6';
const PLAIN = readFileSync(join(FIXTURES, 'pg15-plain.sql'), 'latin1');
/** As `pg_dump --schema-only` writes it. */
const SCHEMA = PLAIN.replace(/^COPY [\s\S]*?^\\\.$|^-- Data for Name.*$/gm, '');
const ENCRYPTED = Buffer.from('8c0d0409030a', 'hex');

interface Case {
  /** Contents by path. Dumps of one moment are taken in the order of their paths. */
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly runs?: readonly Partial<Facts['backup-run']>[];
  readonly plans?: readonly Partial<Facts['backup-plan']>[];
}

async function lookAt({ files, runs = [], plans = [] }: Case) {
  using directory = scratchDirectory('copies');
  const written = Date.parse('2026-11-22T20:00:00Z') / 1000;
  for (const [index, [path, content]] of Object.entries(files).entries()) {
    const file = join(directory.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content, 'latin1');
    utimesSync(file, written + index, written + index);
  }
  const asker = createAsker(systemClock, [], signal);
  const place = {
    name: 'nas',
    tree: localDirectoryTree({ root: directory.path }),
    timeZone: 'UTC',
    servers: null,
  };
  const names = new Set(['tiny']);
  const dumps = [await readLocation(place, names, (error) => asker.blindSpotOf(error, 'nas'), signal)];
  const database: CopiedDatabase = {
    subject: { kind: 'database', key: 'o/tiny', organizationId: 'o', name: 'tiny' },
    name: 'tiny',
    server: null,
    runs: runs.map((run) => ({ ...DEFAULT_FACTS['backup-run'], ...run })),
    plans: plans.map((plan) => ({ ...DEFAULT_FACTS['backup-plan'], ...plan })),
  };
  const estate = { dumps, ...indexDumps(dumps), databaseServers: new Map([['tiny', new Set(['db'])]]) };
  const records = await databaseCopies({ asker, signal, config: { plans: [] } }, estate, database);
  const copies = records.flatMap((record) => (record.kind === 'copy' ? record.items : []));
  return { records, copies: new Map(copies.map((copy) => [copy.path, copy])), contents: dumps[0] };
}

const OTHER_SHA256 = 'f'.repeat(64);

test('a copy with another checksum than its newest run recorded is damaged, and the one before it is read', async () => {
  const { copies } = await lookAt({
    files: { 'tiny-2.dump': CUSTOM, 'tiny-1.dump': CUSTOM },
    runs: [{ artifactUri: 's3://backups/tiny-1.dump', sha256: `sha256:${OTHER_SHA256}` }],
  });
  const changed = copies.get('tiny-1.dump');
  expect(changed).toMatchObject({ integrity: 'incomplete', readToEnd: true });
  expect(changed?.integrityBecause).toContain(`SHA-256 is ${CUSTOM_SHA256}`);
  expect(changed?.integrityBecause).toContain(`recorded ${OTHER_SHA256}`);
  expect(copies.get('tiny-2.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
});

test('a name that is written anew each time has the checksum of the last run; a failed run says nothing', async () => {
  const artifactUri = '/srv/dumps/tiny.dump';
  const older = { artifactUri, sha256: OTHER_SHA256, startedAt: '2026-11-21T02:00:00.000Z' };
  const newer = { ...older, startedAt: '2026-11-22T02:00:00.000Z' };
  const { copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, runs: [older, { ...newer, sha256: null }] });
  expect(copies.get('tiny.dump')?.integrity).toBe('complete');
  const failed = await lookAt({ files: { 'tiny.dump': CUSTOM }, runs: [{ ...newer, status: 'failed' }] });
  expect(failed.copies.get('tiny.dump')?.integrity).toBe('complete');
});

test('an empty or encrypted file that claims the database is a copy of it that proves nothing', async () => {
  const { copies } = await lookAt({
    files: { 'tiny-1.dump': CUSTOM, 'tiny-2.dump': '', 'tiny-3.dump.gpg': ENCRYPTED },
  });
  expect(copies.get('tiny-1.dump')).toMatchObject({ integrity: 'complete', readToEnd: true });
  expect(copies.get('tiny-2.dump')).toMatchObject({
    integrity: 'incomplete',
    integrityBecause: 'the file is empty',
    nameAgrees: null,
    bytes: 0,
  });
  expect(copies.get('tiny-3.dump.gpg')).toMatchObject({ integrity: 'unproven', encrypted: true, nameAgrees: null });
});

test('a file in another format is a copy only where a run names it: damaged if that run was to write a dump', async () => {
  const files = { 'nightly/1.bin': 'No dump, only a text.' };
  const runs = [{ artifactUri: 'nas://host/nightly/1.bin', planId: 'p' }];
  const unnamed = await lookAt({ files });
  expect([...unnamed.copies]).toEqual([]);
  expect(unnamed.contents?.closed.namedByRun('nightly/1.bin')).toBe(false);
  const dump = await lookAt({ files, runs, plans: [{ planId: 'p', method: 'pg_dump -Fc' }] });
  expect(dump.copies.get('nightly/1.bin')?.integrity).toBe('incomplete');
  expect(dump.contents?.closed.namedByRun('nightly/1.bin')).toBe(true);
  const other = await lookAt({ files, runs, plans: [{ planId: 'p', method: 'pg_basebackup' }] });
  expect(other.copies.get('nightly/1.bin')?.integrity).toBe('unproven');
});

test('dumps of definitions beside the real one do not keep it from being read', async () => {
  const schemas = Object.fromEntries([2, 3, 4, 5, 6, 7].map((n) => [`tiny-schema-${n}.sql`, SCHEMA]));
  const { copies } = await lookAt({ files: { ...schemas, 'tiny-whole.sql': PLAIN } });
  expect(copies.get('tiny-schema-7.sql')).toMatchObject({ scope: 'schema-only', readToEnd: true });
  expect(copies.get('tiny-whole.sql')).toMatchObject({ scope: 'full', integrity: 'complete', readToEnd: true });
});

test('of copies that name no database one is read, and the newest that names it', async () => {
  const nameless = PLAIN.replace(/^(CREATE DATABASE|ALTER DATABASE|\\connect|COMMENT ON DATABASE).*$/gm, '');
  const files = { 'tiny-1.sql': nameless, 'tiny-2.sql': nameless, 'tiny-3.sql': PLAIN, 'tiny-4.sql': PLAIN };
  const { copies } = await lookAt({ files });
  const whole = [...copies.values()].filter(({ readToEnd }) => readToEnd).map(({ path }) => path);
  expect(whole.sort()).toEqual(['tiny-1.sql', 'tiny-3.sql']);
});

test('damaged copies are read four deep', async () => {
  const cut = CUSTOM.subarray(0, -1);
  const files = Object.fromEntries([1, 2, 3, 4, 5, 6].map((n) => [`tiny-${n}.dump`, cut]));
  const { copies } = await lookAt({ files });
  expect([...copies.values()].filter(({ readToEnd }) => readToEnd)).toHaveLength(4);
});

test('a plan of another method leaves the copies unknown, in an answer of its own', async () => {
  const plans = [
    { planId: 'dump', method: 'PG_DUMP', covers: 'all' },
    { planId: 'base', method: 'pg_basebackup', covers: 'cluster' },
    { planId: 'off', method: 'pgbackrest', covers: 'cluster', enabled: false },
    { planId: 'elsewhere', method: 'snapshot', covers: 'install-database' },
  ] as const;
  const { records, copies } = await lookAt({ files: { 'tiny.dump': CUSTOM }, plans });
  expect(records.map(({ source }) => source)).toEqual(['location nas', 'backup plan base']);
  expect(records[0]?.blindSpot).toBeNull();
  expect(records[1]?.blindSpot).toMatchObject({
    reason: 'unsupported',
    detail: 'plan base uses pg_basebackup, whose copies this version cannot read',
  });
  expect(copies.size).toBe(1);
});
