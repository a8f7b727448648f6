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
