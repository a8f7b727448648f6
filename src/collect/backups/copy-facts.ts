import type { Facts } from '../../model/facts.ts';
import type { DumpReading } from '../formats/pg-dump/dump-reading.ts';
import type { DumpArtifact } from './artifact-index.ts';
import { mixedRuns } from './directory-times.ts';
import { dumpMoment, momentDoubt } from './dump-moment.ts';
import { listingTime } from './listing-time.ts';

/** How many table ids are kept of a copy whose tables are not all told: enough to compare identity. */
const IDENTITY_SAMPLE = 64;
const SHOWN_TABLES = 50;

/** What is known around an artifact besides its own bytes. */
export interface CopySurroundings {
  /** The database the fact is about. */
  readonly databaseName: string;
  readonly sameNameDatabases: number;
  /** Zone of the plan, used where the location states none. */
  readonly planTimeZone: string | null;
  /** The run that recorded exactly these bytes, by checksum. */
  readonly recordedRun: Facts['backup-run'] | null;
  /** A database name that a run record claims for this artifact. */
  readonly claimedByRun: string | null;
  /** Whether every table and other object inside is known, and shall be told. */
  readonly listsAll: boolean;
}

/** Translates one dump into the vocabulary; whether it was read to its end is added by whoever had it read. */
export function copyFact(artifact: DumpArtifact, reading: DumpReading, around: CopySurroundings): Facts['copy'] {
  const tables = reading.tables?.filter((table) => !table.partitioned) ?? null;
  const oids = tables?.every((table) => table.oid !== null) ? tables.map((table) => table.oid ?? 0) : null;
  const whole = around.listsAll;
  const partial = reading.scope === 'partial-sections' ? 'partial' : reading.scope;
  // An artifact that names no database is of the one whose run recorded these very bytes; otherwise nobody knows.
  const provenByRun = reading.databaseName === null && around.recordedRun !== null;
  const times = {
    startedLocal: reading.startedLocal,
    startedAt: reading.startedAt,
    modifiedAt: artifact.modifiedAt,
    timeZone: artifact.location.timeZone ?? around.planTimeZone,
    recordedStart: around.recordedRun?.startedAt ?? null,
    listedAt: listingTime(artifact.location),
  };
  const moment = dumpMoment(times);
  const doubt = moment === null ? momentDoubt(times) : null;
  const mixed = reading.integrity.state === 'complete' ? mixedRuns(artifact.files ?? [], moment) : null;
  const integrity = mixed === null ? reading.integrity : ({ state: 'unproven', because: mixed } as const);
  return {
    location: artifact.location.name,
    path: artifact.path,
    method: reading.format === 'pg_dumpall-plain' ? 'pg_dumpall' : 'pg_dump',
    format: reading.wrapped === 'none' ? reading.format : `${reading.format}, ${reading.wrapped}`,
    bytes: artifact.bytes,
    modifiedAt: artifact.modifiedAt,
    foundName: reading.databaseName,
    claimedName: around.claimedByRun ?? artifact.claimedName,
    nameAgrees: provenByRun
      ? true
      : reading.databaseName === null
        ? null
        : reading.databaseName === around.databaseName,
    sameNameDatabases: around.sameNameDatabases,
    databaseOid: reading.databaseOid,
    tableOids: oids === null ? null : sample(oids, whole),
    tableNames: tables !== null && whole ? tables.map((table) => `${table.schema}.${table.name}`) : null,
    tablesComplete: tables !== null && whole,
    ...(whole && reading.objects !== null ? { objects: [...reading.objects] } : {}),
    ...leftOutOf(reading),
    scope: partial,
    moment,
    ...(doubt === null ? {} : { momentBecause: doubt }),
    serverVersion: reading.serverVersion,
    toolVersion: reading.toolVersion,
    integrity: integrity.state,
    integrityBecause: integrity.because,
    ...(artifact.isChanging === true && reading.integrity.state === 'incomplete' ? { changing: true } : {}),
    readToEnd: false,
    verifiedAt: null,
    sha256: reading.sha256,
    encrypted: false,
  };
}

/** What the dump defines and holds no rows or value of; definitions alone are told as that. */
function leftOutOf({
  scope,
  tables,
  sequencesWithoutValues = [],
}: DumpReading): Pick<Facts['copy'], 'tablesWithoutRows' | 'sequencesWithoutValues' | 'unloggedLeftOut'> {
  if (scope === 'schema-only') return { tablesWithoutRows: [] };
  const empty = (tables ?? []).filter((table) => !table.partitioned && !table.hasData);
  const shown = (all: readonly { readonly schema: string; readonly name: string }[]) =>
    all.slice(0, SHOWN_TABLES).map(({ schema, name }) => `${schema}.${name}`);
  const sequences = sequencesWithoutValues.filter(({ unlogged }) => !unlogged);
  const unlogged = [...empty, ...sequencesWithoutValues].filter((one) => one.unlogged === true);
  return {
    tablesWithoutRows: shown(empty.filter((table) => table.unlogged !== true)),
    ...(sequences.length === 0 ? {} : { sequencesWithoutValues: shown(sequences) }),
    ...(unlogged.length === 0 ? {} : { unloggedLeftOut: shown(unlogged) }),
  };
}

function sample(oids: readonly number[], whole: boolean): number[] {
  const sorted = [...oids].sort((a, b) => a - b);
  return whole ? sorted : sorted.slice(0, IDENTITY_SAMPLE);
}
