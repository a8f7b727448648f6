import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { readLocation } from '../../src/collect/backups/artifact-index.ts';
import type { CopiedDatabase } from '../../src/collect/backups/copied-database.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { unopenedFiles } from '../../src/collect/unopened-files.ts';
import { type AnyEvidence, UNOPENED_FILES } from '../../src/model/evidence.ts';
import { evidence, subject } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { tarOf } from './backups/physical/tar-of.ts';

const { signal } = new AbortController();
const ENCRYPTED = Buffer.from('8c0d0409030a', 'hex');
const ZIP = Buffer.from('504b030414000000', 'hex');
const TAR = tarOf(
  new Map([['t_a.dump', readFileSync(join(import.meta.dirname, '../fixtures/dumps/pg15-custom.dump'))]]),
);

interface Case {
  readonly files: Readonly<Record<string, Uint8Array | string>>;
  readonly found?: readonly AnyEvidence[];
  readonly purposes?: readonly string[];
  /** What else is known of the estate. */
  readonly physical?: (root: string) => readonly object[];
  readonly others?: (root: string) => readonly object[];
  readonly strays?: readonly string[];
  readonly run?: string;
}

/** What is told of t_a, and of which database each file is by its name. */
async function lookAt({ files, found = [], purposes = ['dumps'], ...more }: Case) {
  using scratch = scratchDirectory('unopened');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
    writeFileSync(join(scratch.path, path), content);
  }
  const tree = localDirectoryTree({ root: scratch.path });
  const place = { name: 'nas', tree, timeZone: null, servers: null };
  const asker = createAsker(systemClock, [], signal);
  const contents = await readLocation(place, new Set(['t_a']), (error) => asker.blindSpotOf(error, 'nas'), signal);
  if (more.run !== undefined) {
    contents.closed.of('t_b', { certain: new Map([[more.run, []]]), doubtful: new Set() });
  }
  const own = { config: { name: 'nas', purposes }, tree };
  const strays = more.strays?.map((path) => ({ path, bytes: 1, modifiedAt: '2026-11-01T00:00:00.000Z' }));
  const estate = {
    dumps: [contents],
    locations: [own, ...(more.others?.(scratch.path) ?? [])],
    physical: more.physical?.(scratch.path) ?? [],
    providers: new Map(),
    fileCopies: strays === undefined ? [] : [{ location: { subject: { key: 'nas' } }, copies: { strays } }],
  } as unknown as Parameters<typeof unopenedFiles>[1];
  const database: CopiedDatabase = {
    subject: subject('database', 'o/t_a'),
    name: 't_a',
    server: 'db1',
    runs: [],
    plans: [],
  };
  const records = unopenedFiles({ asker }, estate, database, found);
  const claims = contents.closed.all.map(({ path, kind, claimedName }) => [path, kind, claimedName]);
  return { detail: records[0]?.blindSpot?.detail ?? null, records, claims };
}

const copyFound = evidence('copy', subject('database', 'o/t_a'), [{}]);

describe('a file that nobody can look into', () => {
  it.each([
    ['an encrypted dump of the cluster', 'cluster-2026-11-30.sql.gpg', ENCRYPTED],
    ['a zip', 'backup-2026-11-30.zip', ZIP],
    ['a packed tar archive', 'tenants-2026-11-30.tgz', gzipSync(TAR)],
    ['a tar archive in a directory of a database', 't_a/files.tar', TAR],
  ])('may hold a copy of what has none, where nothing ties it to a database: %s', async (_, path, bytes) => {
    const { detail, records } = await lookAt({ files: { [path]: bytes } });
    expect(detail).toMatch(/location nas: no copy of it was found, and 1 file there that is encrypted or packed/);
    expect(detail).not.toContain(path);
    expect(records).toMatchObject([{ kind: 'copy', operation: UNOPENED_FILES, items: [] }]);
  });

  it('is of the database that its name claims, as a tar archive too', async () => {
    const { claims, detail } = await lookAt({ files: { 't_a.tar': TAR, 't_a-2.tar.gz': gzipSync(TAR) } });
    expect(claims.sort()).toEqual([
      ['t_a-2.tar.gz', 'archive', 't_a'],
      ['t_a.tar', 'archive', 't_a'],
    ]);
    expect(detail).toBeNull();
  });

  it('changes nothing for a database of which a copy was found', async () => {
    const files = { 'backup.zip': ZIP };
    expect((await lookAt({ files, found: [copyFound] })).records).toEqual([]);
    const physical = () => [
      { location: { name: 'repository', purpose: 'pgbackrest' }, copies: [{ servers: ['db1'] }] },
    ];
    expect((await lookAt({ files, physical })).records).toEqual([]);
  });

  it.each([
    ['a WAL segment', 'wal/0000000100000000000000A3.gpg'],
    ['a history file', 'wal/00000002.history.gpg'],
    ['a snapshot of Vault', 'vault-2026-11-30.snap.gpg'],
    ['roles alone', 'globals-2026-11-30.sql.gpg'],
    ['a file of restic', `data/ab/${'ab'.repeat(32)}`],
  ])('holds no dump by the name that its tool gave it: %s', async (_, path) => {
    expect((await lookAt({ files: { [path]: ENCRYPTED } })).records).toEqual([]);
  });

  it('is no dump where another purpose of the place knows it', async () => {
    const files = { '2026-11-01.tar.gz': gzipSync(TAR), 'novantra-3.2.0.tar': TAR };
    const dated = { purposes: ['dumps', 'files', 'installers'], strays: ['novantra-3.2.0.tar'] };
    expect((await lookAt({ files, ...dated })).records).toEqual([]);
    const other = (root: string) => [
      { config: { name: 'sets', purposes: ['files'] }, tree: { locator: join(root, 'sets') } },
    ];
    expect((await lookAt({ files: { 'sets/2026-11-01.zip': ZIP }, others: other })).records).toEqual([]);
    expect((await lookAt({ files: { 'sets-2026-11-01.zip': ZIP }, others: other })).records).toHaveLength(1);
  });

  it('is of the database whose run names it', async () => {
    expect((await lookAt({ files: { 'nightly/1.gpg': ENCRYPTED }, run: 'nightly/1.gpg' })).records).toEqual([]);
  });
});
