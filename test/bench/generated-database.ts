import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import { FAR, hoursAgo, NEAR } from './generated-estate.ts';
import { dataset, FILE_COPIES, type Maker, told, UNREACHABLE } from './generated-maker.ts';

const TABLES = 40;
const COPIES_PER_LOCATION = 4;
const RUNS = 14;

/** What a tenant database, its server and the dump locations tell of it. */
export function databaseEvidence(made: Maker): readonly AnyEvidence[] {
  const { database, trouble, random, index } = made;
  const server: readonly [string, string, string] = ['server db1:5432', 'pg_database', 'db1:5432'];
  const inside = (operation: string) => ['server db1:5432', operation, `db1:5432/${database.name}`] as const;
  const databaseOid = 20_000 + index;
  const blind = trouble === 'unreachable database' ? UNREACHABLE : null;
  const seen = <T>(items: readonly T[]): readonly T[] => (blind === null ? items : []);
  const runs = Array.from({ length: RUNS }, (_, day) => runOf(made, day));
  const copies = [NEAR, FAR].map((place) => ({
    place,
    items:
      trouble === 'no copies' ? [] : Array.from({ length: COPIES_PER_LOCATION }, (_, day) => copyOf(made, place, day)),
  }));
  return [
    told(made, 'backup-run', database, dataset('backup_runs'), runs),
    ...copies.map(({ place, items }) =>
      told(
        made,
        'copy',
        database,
        [`location ${place}`, 'list, and read the newest to its end', `/backup/${place}`],
        items,
      ),
    ),
    told(made, 'database-state', database, server, [
      { exists: true, databaseOid, sizeBytes: 8_000_000 + random.whole(1_000_000) },
    ]),
    told(
      made,
      'catalogue',
      database,
      inside('pg_class'),
      seen([
        {
          databaseOid,
          tables: Array.from({ length: TABLES }, (_, at) => ({
            oid: 30_000 + 3 * at,
            name: `novantra.table_of_the_product_${at}`,
          })),
        },
      ]),
      blind,
    ),
    told(
      made,
      'audit-head',
      database,
      inside('dataset audit_head'),
      seen([{ position: String(1000 + random.whole(100_000)), recordedAt: hoursAgo(1) }]),
      blind,
    ),
    told(
      made,
      'artifact-count',
      database,
      inside('dataset artifacts, counted'),
      seen(countingHours(made).map((hours) => ({ after: hoursAgo(hours), count: 3 * Math.floor(hours / 24) }))),
      blind,
    ),
    told(
      made,
      'access-rights',
      database,
      inside('grants in the database'),
      seen([{ canWrite: false, because: 'role recoverage_ro may write no table, sequence, schema or database here' }]),
      blind,
    ),
  ];
}

/** Rows are counted after every dump, after every backup set, and that plus the tolerated quarter of an hour. */
function countingHours(made: Maker): readonly number[] {
  const dumps =
    made.trouble === 'no copies' ? [] : Array.from({ length: COPIES_PER_LOCATION }, (_, day) => copyAge(made, day));
  const sets = Array.from({ length: FILE_COPIES }, (_, day) => setAge(day));
  return [...dumps, ...sets.flatMap((hours) => [hours, hours - 0.25])].sort((a, b) => b - a);
}

/** Hours since a backup set of so many days ago. */
export function setAge(day: number): number {
  return 15 + 24 * day;
}

function copyAge(made: Maker, day: number): number {
  return 16 + 24 * day + (made.trouble === 'stale copies' ? 24 * 4 : 0);
}

function copyPath(made: Maker, day: number): string {
  return `${hoursAgo(copyAge(made, day)).slice(0, 10)}/${made.database.name}.dump`;
}

function runOf(made: Maker, day: number): Facts['backup-run'] {
  const hours = copyAge(made, day);
  return {
    runId: `run-${made.index}-${day}`,
    planId: 'plan-1',
    status: 'succeeded',
    startedAt: hoursAgo(hours),
    finishedAt: hoursAgo(hours - 0.1),
    artifactUri: `file:///backup/${FAR}/${copyPath(made, day)}`,
    artifactBytes: 1_000_000 + made.index,
    sha256: null,
    error: null,
  };
}

function copyOf(made: Maker, place: string, day: number): Facts['copy'] {
  const { database, trouble, index } = made;
  const moment = hoursAgo(copyAge(made, day));
  const newest = day === 0;
  const damaged = trouble === 'damaged copies' && day < 2;
  const leftOut = trouble === 'one table left out' ? 5 : -1;
  return {
    ...DEFAULT_FACTS.copy,
    location: place,
    path: copyPath(made, day),
    bytes: 1_000_000 + index,
    modifiedAt: hoursAgo(copyAge(made, day) - 0.1),
    foundName: database.name,
    claimedName: database.name,
    databaseOid: 20_000 + index,
    tableOids: Array.from({ length: TABLES }, (_, at) => 30_000 + 3 * at).filter((_, at) => at !== leftOut),
    tableNames: null,
    tablesComplete: newest,
    moment: { notBefore: moment, notAfter: moment, origin: 'start of the dump, zone of the location' },
    integrity: damaged ? 'incomplete' : 'complete',
    integrityBecause: damaged
      ? 'it ends inside a block'
      : newest
        ? 'read to its last byte, every block ends where its header says'
        : 'its table of contents is whole and every block it names lies inside the file',
    readToEnd: newest,
  };
}
