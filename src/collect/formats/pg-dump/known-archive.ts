import type { ArchiveHeader } from './archive-header.ts';
import type { TableOfContents } from './archive-toc.ts';
import type { DumpIntegrity } from './dump-reading.ts';

/** Kinds of objects that pg_restore can give an owner, or knows to have none of their own. */
const OWNED = new Set(
  [
    'COLLATION, CONVERSION, DOMAIN, FOREIGN TABLE, MATERIALIZED VIEW, SEQUENCE, STATISTICS, TABLE, TYPE, VIEW',
    'TEXT SEARCH DICTIONARY, TEXT SEARCH CONFIGURATION, DATABASE, PROCEDURAL LANGUAGE, SCHEMA, EVENT TRIGGER',
    'FOREIGN DATA WRAPPER, SERVER, PUBLICATION, SUBSCRIPTION, BLOB, BLOB METADATA, AGGREGATE, FUNCTION, OPERATOR',
    'OPERATOR CLASS, OPERATOR FAMILY, PROCEDURE, CAST, CHECK CONSTRAINT, CONSTRAINT, DATABASE PROPERTIES, DEFAULT',
    'FK CONSTRAINT, INDEX, RULE, TRIGGER, ROW SECURITY, POLICY, USER MAPPING',
  ].flatMap((line) => line.split(', ')),
);

/**
 * Whether pg_restore can give an object its owner, of which it does not know how with other kinds: from PostgreSQL 16
 * on it then stops (PostgreSQL source, pg_backup_archiver.c, `_printTocEntry`, `_getObjectDescription`).
 */
export function isKnownToPgRestore(description: string, owner: string | null, hasDropStatement: boolean): boolean {
  return owner === null || owner === '' || !hasDropStatement || OWNED.has(description);
}

/** An archive with what this reader does not know is not proven by what it does know. */
export function asFarAsKnown(header: ArchiveHeader, toc: TableOfContents, integrity: DumpIntegrity): DumpIntegrity {
  if (integrity.state !== 'complete') return integrity;
  if (header.compression === 'unknown') {
    return { state: 'unproven', because: 'its header states a compression that this reader does not know' };
  }
  if (toc.holdsUnknownKind) {
    const because =
      'its table of contents has an owned object of a kind that this reader does not know: it is damaged, or of a later or other product, and only a restore shows which';
    return { state: 'unproven', because };
  }
  return integrity;
}
