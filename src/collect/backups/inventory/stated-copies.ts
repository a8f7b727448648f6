import { type AnyEvidence, UNREAD_METHOD } from '../../../model/evidence.ts';
import type { Facts } from '../../../model/facts.ts';
import type { Subject } from '../../../model/subject.ts';
import type { Collection, Estate } from '../../estate.ts';
import { notLookedFor } from '../repositories/repository-copies.ts';
import type { StatedCopy } from './stated-copy.ts';

type Access = Pick<Collection, 'asker'>;
type Stated = Pick<Estate, 'physical'>;

/** What inventories state of one database, of grade declared: it never shows that there is a copy, nor that there is none. */
export function statedDatabaseCopies(
  access: Access,
  estate: Stated,
  { subject, name, server }: { readonly subject: Subject; readonly name: string; readonly server: string | null },
): readonly AnyEvidence[] {
  const isOwn = (copy: StatedCopy) =>
    copy.database === name && (copy.server === null || server === null || copy.server === server);
  return statedEvidence(access, estate, subject, server, isOwn, name);
}

/** What inventories state of the whole of one server. */
export function statedServerCopies(
  access: Access,
  estate: Stated,
  subject: Subject,
  server: string,
): readonly AnyEvidence[] {
  const isOwn = (copy: StatedCopy) => copy.database === null && copy.path === null && copy.server === server;
  return statedEvidence(access, estate, subject, server, isOwn, null);
}

function statedEvidence(
  { asker }: Access,
  { physical }: Stated,
  subject: Subject,
  server: string | null,
  isOwn: (copy: StatedCopy) => boolean,
  database: string | null,
): readonly AnyEvidence[] {
  return physical.flatMap(({ location }): readonly AnyEvidence[] => {
    if (location.purpose !== 'inventory') return [];
    const { stated = [], databasesLookedFor } = location.contents;
    if (location.servers !== null && server !== null && !location.servers.includes(server)) return [];
    const source = `location ${location.name}`;
    const question = { kind: 'copy', subject, source, locator: location.locator, grade: 'declared' } as const;
    const unasked = database !== null && databasesLookedFor?.has(database) === false;
    // What is stated of a server says nothing of what else the file holds.
    const blindSpot = database === null ? null : unasked ? notLookedFor(location.name) : location.contents.blindSpot;
    const items = stated.filter(isOwn).map((copy) => statedFact(location.name, copy));
    return [
      // A record without items would say that somebody looked and found none.
      ...(items.length === 0 ? [] : [asker.record({ ...question, operation: 'read as inventory' }, { items })]),
      ...(blindSpot === null
        ? []
        : [asker.record({ ...question, operation: UNREAD_METHOD }, { items: [], blindSpot })]),
    ];
  });
}

function statedFact(location: string, copy: StatedCopy): Facts['copy'] {
  const { owner, recordedAt, complete } = copy;
  const claims = complete === null ? '' : complete ? ', as complete' : ', as incomplete';
  return {
    location,
    path: `row ${copy.row}: ${copy.where}`,
    method: copy.method,
    format: 'inventory',
    bytes: 0,
    modifiedAt: recordedAt,
    foundName: null,
    claimedName: copy.database,
    nameAgrees: null,
    sameNameDatabases: 0,
    databaseOid: null,
    tableOids: null,
    tableNames: null,
    tablesComplete: false,
    tablesWithoutRows: [],
    scope: 'unknown',
    moment: { ...copy.moment, origin: `stated by ${owner}` },
    serverVersion: null,
    toolVersion: null,
    // Whoever states it, nobody looked.
    integrity: complete === false ? 'incomplete' : 'unproven',
    integrityBecause: `it is only declared, by ${owner} on ${recordedAt.slice(0, 10)}${claims}`,
    ...(complete === true ? { declaredComplete: true as const } : {}),
    readToEnd: false,
    sha256: null,
    encrypted: null,
    ...(copy.database === null ? { physical: ofServer(copy) } : {}),
  };
}

function ofServer({ where }: StatedCopy): NonNullable<Facts['copy']['physical']> {
  return {
    kind: 'full',
    label: where,
    builtOn: [],
    systemIdentifier: null,
    timeline: null,
    endpoints: [],
    declaredServer: true,
    sameIdentifierClusters: 0,
    databaseOids: null,
    lockedUntil: null,
  };
}
