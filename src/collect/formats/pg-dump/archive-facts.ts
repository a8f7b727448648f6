import type { ArchiveHeader } from './archive-header.ts';
import type { TableOfContents, TocEntry } from './archive-toc.ts';
import {
  type DumpedTable,
  type DumpFacts,
  type DumpFormat,
  type DumpIntegrity,
  type DumpScope,
  unknownFacts,
} from './dump-reading.ts';
import type { SequenceValues } from './sequence-values.ts';

/** What the header and, where it could be read, the table of contents of an archive tell. */
export function archiveFacts(format: DumpFormat, header: ArchiveHeader, toc: TableOfContents | null): DumpFacts {
  const database = toc?.entries.find((entry) => entry.description === 'DATABASE');
  const tables = toc === null ? null : tablesOf(toc.entries);
  const scope =
    toc === null || tables === null ? 'unknown' : scopeOf(tables, hasTableData(toc.entries), toc.sections.postData);
  return {
    ...unknownFacts(format),
    compression: header.compression,
    databaseName: database?.tag ?? header.databaseName,
    databaseOid: database?.oid ?? null,
    serverVersion: header.serverVersion,
    toolVersion: header.toolVersion,
    startedLocal: header.startedLocal,
    tables,
    objects: toc?.objects ?? null,
    ...(toc === null ? {} : lackingValues(toc.sequences, tables ?? [], scope)),
    scope,
  };
}

/** How auditors read the name of an entry with data. */
export function entryLabel(entry: TocEntry): string {
  if (entry.description === 'BLOBS') return 'the large objects';
  const name = entry.schema === '' ? entry.tag : `${entry.schema}.${entry.tag}`;
  return entry.description === 'TABLE DATA' ? `table ${name}` : `${entry.description} ${name}`;
}

/**
 * What the parts found say about the kind of dump. A dump without anything that follows the data is either one of a
 * database without constraints and indexes or one by `--section`: that stays unknown, as does one without tables.
 */
export function scopeOf(tables: readonly DumpedTable[], tableData: boolean, postData: boolean): DumpScope {
  const ordinary = tables.filter((table) => !table.partitioned);
  if (tables.length === 0) {
    if (tableData) return 'data-only';
    return postData ? 'partial-sections' : 'unknown';
  }
  if (ordinary.length > 0 && !tableData) return 'schema-only';
  return postData ? 'full' : 'unknown';
}

function hasTableData(entries: readonly TocEntry[]): boolean {
  return entries.some((entry) => entry.description === 'TABLE DATA' && entry.mustHaveData);
}

/** Definitions alone set no value of any sequence. */
export function lackingValues(
  sequences: Pick<SequenceValues, 'lacking'>,
  tables: readonly DumpedTable[],
  scope: DumpScope,
): Pick<DumpFacts, 'sequencesWithoutValues'> {
  const lacking = scope === 'schema-only' ? [] : sequences.lacking(tables);
  return lacking.length === 0 ? {} : { sequencesWithoutValues: lacking };
}

/** A TABLE DATA entry carries the oid of its table. */
function tablesOf(entries: readonly TocEntry[]): readonly DumpedTable[] {
  const withData = new Set<number>();
  for (const entry of entries) {
    if (entry.description === 'TABLE DATA' && entry.mustHaveData && entry.oid !== null) withData.add(entry.oid);
  }
  return entries
    .filter((entry) => entry.description === 'TABLE')
    .map(({ oid, schema, tag, partitioned, unlogged }) => ({
      oid,
      schema,
      name: tag,
      hasData: oid !== null && withData.has(oid),
      partitioned,
      ...(unlogged ? { unlogged } : {}),
    }));
}

/** The verdict on an archive whose table of contents is of a version that this reader does not know. */
export function unknownVersion(header: ArchiveHeader): DumpIntegrity {
  return {
    state: 'unproven',
    because: `its archive version 1.${header.minor} is not one that this reader knows, so only its header was read`,
  };
}
