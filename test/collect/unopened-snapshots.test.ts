import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { matchCopies } from '../../src/collect/backups/physical/cluster-copies.ts';
import { readSnapshots } from '../../src/collect/backups/repositories/read-snapshots.ts';
import type { RepositoryMethod } from '../../src/collect/backups/repositories/repository-contents.ts';
import { physicalSchema } from '../../src/collect/recorded/physical-lines.ts';
import { unopenedFiles } from '../../src/collect/unopened-files.ts';
import { UNOPENED_FILES } from '../../src/model/evidence.ts';
import { evidence, subject } from '../evaluate/fixture.ts';

const { signal } = new AbortController();
const DATABASE = { subject: subject('database', 'o/t_a'), name: 't_a', server: 'db1', runs: [], plans: [] };

interface Case {
  readonly method?: RepositoryMethod;
  /** Paths in each snapshot, the oldest first. */
  readonly snapshots: readonly (readonly string[])[];
  readonly bytes?: number;
  readonly holdsFiles?: boolean;
  readonly servers?: readonly string[];
  readonly isFound?: boolean;
}

/** What is told of t_a, which no snapshot names. */
async function lookAt({ method = 'restic', snapshots, bytes = 10, holdsFiles = false, servers, isFound }: Case) {
  const asker = createAsker(systemClock, [], signal);
  const contents = await readSnapshots(
    {
      method,
      encrypted: true,
      snapshots: snapshots.map((_, index) => ({
        id: `${index}`,
        label: `name-${index}`,
        takenAt: `2026-11-2${index}T02:00:00.000Z`,
        series: 'one',
        host: 'h',
        paths: [],
        excludes: [],
      })),
      entriesOf: async ({ id }, onNode) => {
        for (const path of snapshots[Number(id)] ?? [])
          onNode({ path, isFile: true, bytes, isLinked: false, modifiedAt: null });
      },
    },
    {
      databaseNames: new Set(['t_a', 't_b']),
      declaredServer: null,
      holdsFiles,
      signal,
      blindSpotOf: (error) => asker.blindSpotOf(error, 'repository'),
    },
  );
  const whole = { archives: [], plans: [], ...contents };
  expect(physicalSchema.parse(whole).mayHoldAny).toEqual(contents.mayHoldAny);
  const location = { name: 'nas', purpose: method, locator: '/nas', servers: servers ?? null, contents: whole };
  const estate = {
    dumps: [],
    locations: [],
    physical: matchCopies([location], new Map()),
    providers: new Map(),
    fileCopies: [],
  };
  const found = isFound === true ? [evidence('copy', DATABASE.subject, [{}])] : [];
  const records = unopenedFiles({ asker }, estate, DATABASE, found);
  return { records, detail: records[0]?.blindSpot?.detail ?? null, unmatched: contents.unmatched };
}

describe('a snapshot with what no name ties to a database', () => {
  it.each([
    ['pg_dumpall from standard input', '/stdin', 'a file from standard input'],
    ['the same in an archive of Borg', 'stdin', 'a file from standard input'],
    ['the same under a name of its own', '/cluster.gz', 'a file from standard input'],
    ['a packed dump', '/srv/all.sql.gz', 'files that are called like dumps'],
    ['an encrypted dump', '/srv/cluster-2026-11-30.sql.zst.age', 'files that are called like dumps'],
    ['pg_dumpall by its name', '/srv/pg_dumpall-2026-11-30.gz', 'files that are called like dumps'],
    ['a directory dump', '/srv/all/toc.dat', 'files that are called like dumps'],
    ['a base backup in tar archives', '/srv/b/base.tar.gz', 'archives that are called like a base backup'],
    ['an archive', '/srv/2026-11-30.tar.zst', 'archives'],
    ['a repository of pgBackRest', '/srv/backup/main/backup.info', 'what looks like a repository of pgBackRest'],
    ['a backup of WAL-G', '/srv/b_backup_stop_sentinel.json', 'what looks like a repository of pgBackRest'],
  ])('may hold a copy of what has none: %s', async (_, path, words) => {
    const { detail, records, unmatched } = await lookAt({ snapshots: [[path]] });
    expect(detail).toMatch(/^location nas: no copy of it was found, and the restic snapshot name-0 of 2026-11-20/);
    expect(detail).toContain(`holds ${words}`);
    expect(records).toMatchObject([{ kind: 'copy', operation: UNOPENED_FILES, items: [] }]);
    expect(unmatched.map((one) => one.path)).toEqual([`name-0/${path.replace(/^\/|\/toc.dat$/g, '')}`]);
  });

  it('says of a data directory of whom nothing tells whose it is that it looks like one', async () => {
    const directory = ['PG_VERSION', 'global/pg_control', 'backup_label', 'base/5/1259'].map((name) => `/b/${name}`);
    expect((await lookAt({ snapshots: [directory] })).detail).toContain(
      'what looks like a data directory of PostgreSQL',
    );
    // Copied while its server ran: certainly no copy.
    const running = [...directory.filter((path) => path !== '/b/backup_label'), '/b/postmaster.pid'];
    expect((await lookAt({ snapshots: [running] })).records).toEqual([]);
  });

  it.each([
    ['documents', ['/home/notes.txt', '/home/report.pdf', '/home/photos/1.jpg']],
    ['files and a directory', ['/srv/files/o1/aa/bb', '/srv/files/o1/cc']],
    ['the state directory', ['/var/lib/novantra/state/keys.json', '/etc/novantra/bootstrap.env']],
    ['one document', ['/notes.txt']],
    ['roles alone', ['/srv/globals.sql']],
    ['WAL and snapshots of Vault', ['/srv/0000000100000000000000A3.gz', '/srv/vault.snap']],
    ['a dump of a database that is told', ['/srv/t_b.dump']],
  ])('holds none where that is certain: %s', async (_, paths) => {
    expect((await lookAt({ snapshots: [paths] })).records).toEqual([]);
  });

  it('holds none where the file is empty, nor archives among the files of the install', async () => {
    expect((await lookAt({ snapshots: [['/stdin']], bytes: 0 })).records).toEqual([]);
    const files = ['/srv/files/o1/upload.tar.gz', '/srv/files/o1/b'];
    expect((await lookAt({ snapshots: [files], holdsFiles: true })).records).toEqual([]);
    expect((await lookAt({ snapshots: [files] })).records).toHaveLength(1);
    expect((await lookAt({ snapshots: [['/stdin']], holdsFiles: true })).records).toHaveLength(1);
  });

  it('counts in older snapshots, too, and names an archive of Borg by its time alone', async () => {
    const { detail } = await lookAt({ method: 'borg', snapshots: [['stdin'], ['stdin'], ['home/notes.txt']] });
    expect(detail).toContain('the Borg archive of 2026-11-21');
    expect(detail).toContain('1 other snapshot holds such, too');
    expect(detail).not.toContain('name-');
  });

  it('changes nothing for a database with a copy, or of a server whose copies do not lie there', async () => {
    expect((await lookAt({ snapshots: [['/stdin']], isFound: true })).records).toEqual([]);
    expect((await lookAt({ snapshots: [['/stdin']], servers: ['db2', 'db3'] })).records).toEqual([]);
  });
});
