import { type AnyEvidence, type BlindSpot, UNREAD_METHOD } from '../../../model/evidence.ts';
import type { Facts } from '../../../model/facts.ts';
import { counted, instantText } from '../../../model/text.ts';
import type { Collection, Estate } from '../../estate.ts';
import type { CopiedDatabase } from '../copied-database.ts';
import type { RepositoryMethod, SnapshotFile } from './repository-contents.ts';

/**
 * What repositories of restic and Borg hold of one database, by paths in their snapshots: one answer for each. What
 * could not be looked into may bring the database back, and says nothing about the copies that were read.
 */
export function repositoryCopies(
  { asker }: Pick<Collection, 'asker'>,
  { physical }: Pick<Estate, 'physical'>,
  { subject, name, server }: CopiedDatabase,
): readonly AnyEvidence[] {
  return physical.flatMap(({ location }) => {
    // By purpose: of one that could not be read nothing is known, not even that it holds no files.
    if (!REPOSITORIES.has(location.purpose) || isOfOthers(location.servers, server)) return [];
    const { files = [], leftOut = 0, blindSpot, databasesLookedFor } = location.contents;
    const question = { kind: 'copy', subject, source: `location ${location.name}`, locator: location.locator } as const;
    if (databasesLookedFor?.has(name) === false) {
      const unasked = notLookedFor(location.name);
      return [asker.record({ ...question, operation: UNREAD_METHOD }, { items: [], blindSpot: unasked })];
    }
    const missing = blindSpot ?? (leftOut === 0 ? null : olderSnapshots(location.name, leftOut));
    const items = files.filter(({ claimedName }) => claimedName === name).map((file) => copyFact(location.name, file));
    return [
      asker.record({ ...question, operation: `read as ${location.purpose}` }, { items }),
      ...(missing === null
        ? []
        : [asker.record({ ...question, operation: UNREAD_METHOD }, { items: [], blindSpot: missing })]),
    ];
  });
}

/** Purposes of locations that are repositories of snapshots. */
const REPOSITORIES: ReadonlySet<string> = new Set<RepositoryMethod>(['restic', 'borg']);

/** Whether a place is said to hold copies of other servers only. */
function isOfOthers(servers: readonly string[] | null, server: string | null): boolean {
  return servers !== null && server !== null && !servers.includes(server);
}

function olderSnapshots(location: string, count: number): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: ${counted(count, 'older snapshot')} ${count === 1 ? 'was' : 'were'} not looked into`,
    remedy:
      'Only the newest snapshots of each host and its paths are looked into; older ones are listed by their times.',
  };
}

/** A database that is newer than the plan by which a place was read on another host. */
export function notLookedFor(location: string): BlindSpot {
  return {
    reason: 'not-asked',
    detail: `location ${location}: copies of this database were not looked for, as the plan by which it was read does not name it`,
    remedy: 'Write a new plan, which names the databases that there are by now, and collect by it: recoverage plan.',
  };
}

function copyFact(location: string, file: SnapshotFile): Facts['copy'] {
  return {
    location,
    path: file.path,
    method: file.method,
    format: file.form === 'directory' ? `directory in a ${file.method} snapshot` : `file in a ${file.method} snapshot`,
    bytes: file.bytes,
    modifiedAt: file.modifiedAt,
    foundName: null,
    claimedName: file.claimedName,
    nameAgrees: null,
    sameNameDatabases: 0,
    databaseOid: null,
    tableOids: null,
    tableNames: null,
    tablesComplete: false,
    tablesWithoutRows: [],
    scope: 'unknown',
    // When it was begun is not told: the file's time and the snapshot's only say that it was not later.
    moment: null,
    serverVersion: null,
    toolVersion: null,
    integrity: file.isEmpty ? 'incomplete' : 'unproven',
    integrityBecause: file.isEmpty
      ? 'the file is empty'
      : `it lies in the ${file.method} snapshot of ${instantText(file.snapshotAt)}, and what is inside was not looked at`,
    readToEnd: file.isEmpty,
    sha256: null,
    encrypted: file.encrypted,
  };
}
