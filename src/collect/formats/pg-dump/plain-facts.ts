import { type DumpFacts, unknownFacts } from './dump-reading.ts';
import { announceRows, copyRows, createPlainSection, keyOf, type PlainSection, sectionFacts } from './plain-section.ts';
import { ROW_SECURITY_ON } from './row-security.ts';
import { parseConnect, parseCopy, parseCreateDatabase, parseCreateTable } from './sql-names.ts';
import type { SqlEvents } from './sql-scanner.ts';
import { parseStartedOn } from './started-on.ts';

const TITLE = /^PostgreSQL (database|database cluster) dump( complete)?$/;
const VERBOSE_ENTRY = /^TOC entry \d+ \(class (\d+) OID (\d+)\)/;
const DATA_ENTRY = /^Data for Name: (.*); Type: TABLE DATA; Schema: (.*); Owner: /;
const ENTRY = /^Name: .*; Type: ([A-Z ]+); Schema: (.*); Owner: /;
const POST_DATA =
  /; Type: (?:CONSTRAINT|FK CONSTRAINT|CHECK CONSTRAINT|INDEX|INDEX ATTACH|TRIGGER|EVENT TRIGGER|RULE|POLICY|ROW SECURITY|PUBLICATION|PUBLICATION TABLE|SUBSCRIPTION|STATISTICS|MATERIALIZED VIEW DATA); Schema: /;
const DATABASE_CLASS = 1262;
const TABLE_CLASS = 1259;

/** What was come across so far in a plain dump. */
export interface PlainContent extends SqlEvents {
  facts(): DumpFacts;
  /** As {@link facts}, when only the beginning was scanned: the tables are not known then. */
  factsOfBeginning(): DumpFacts;
  /** Positions right after the comments that end it; begun and ended inner dumps. */
  readonly ends: { database: number | null; cluster: number | null; begun: number; ended: number };
  /** Whether row security was on while tables that have it were dumped; of a cluster its databases tell it. */
  mayLackRows(): boolean;
  /** The token of the last `\restrict`. */
  token(): string | null;
  /** The table whose rows came last. */
  lastTable(): string | null;
}

/** Gathers facts from a plain dump (PostgreSQL source, pg_backup_archiver.c, `RestoreArchive` and `_printTocEntry`). */
export function createPlainContent(cluster: boolean): PlainContent {
  let found: DumpFacts = unknownFacts(cluster ? 'pg_dumpall-plain' : 'pg_dump-plain');
  const ends: PlainContent['ends'] = { database: null, cluster: null, begun: 0, ended: 0 };
  // Of a cluster one for each database; what comes before the first belongs to none.
  const sections = new Map<string, PlainSection>();
  let section = createPlainSection();
  let entry: { catalogue: number; oid: number } | null = null;
  let rowSecurityOn = false;
  let token: string | null = null;
  let lastTable: string | null = null;

  const oidFrom = (catalogue: number): number | null => (entry?.catalogue === catalogue ? entry.oid : null);
  const sectionOf = (name: string): PlainSection => {
    const known = sections.get(name) ?? createPlainSection();
    sections.set(name, known);
    return known;
  };
  const nameDatabase = (name: string): void => {
    if (cluster) sectionOf(name);
    else found = { ...found, databaseName: found.databaseName ?? name };
  };

  const readTitle = (of: string, complete: boolean, end: number): void => {
    if (of === 'database') {
      if (complete) {
        ends.ended += 1;
        ends.database = end;
        section.ended = true;
      } else ends.begun += 1;
    } else if (complete) ends.cluster = end;
  };

  const noteStart = (text: string): void => {
    const started = found.startedLocal === null ? parseStartedOn(text) : null;
    if (started !== null) found = { ...found, startedLocal: started.local, startedAt: started.at };
  };

  /** The comment above an object, or one of another kind that tells nothing. */
  const noteEntry = (text: string): void => {
    const [, catalogue, oid] = VERBOSE_ENTRY.exec(text) ?? [];
    if (catalogue !== undefined) entry = { catalogue: Number(catalogue), oid: Number(oid) };
    const [, table, schema] = DATA_ENTRY.exec(text) ?? [];
    if (table !== undefined && schema !== undefined) announceRows(section, keyOf(schema, table));
    section.postData ||= POST_DATA.test(text);
    const [, type, home] = ENTRY.exec(text) ?? [];
    if (type !== undefined && home !== undefined) section.objects.add(type, home === '-' ? '' : home);
  };

  return {
    ends,
    mayLackRows: () => !cluster && rowSecurityOn && section.rowSecurityUsed,
    token: () => token,
    lastTable: () => lastTable,
    comment: (text, end) => {
      const [, of, complete] = TITLE.exec(text) ?? [];
      if (of !== undefined) return readTitle(of, complete !== undefined, end);
      if (!/^(?:Dumped|Started)/.test(text)) return noteEntry(text);
      const [label, value] = [text.replace(/ version .*| on .*/, ''), text.replace(/^.*?(?: version | on )/, '')];
      if (label === 'Dumped from database') found = { ...found, serverVersion: found.serverVersion ?? value };
      if (label === 'Dumped by pg_dump') found = { ...found, toolVersion: found.toolVersion ?? value };
      if (label === 'Started') noteStart(value);
    },
    statement: (text) => {
      const copied = text.startsWith('COPY ') ? parseCopy(text) : null;
      if (copied !== null) {
        copyRows(section, keyOf(copied.schema, copied.name));
        lastTable = copied.schema === '' ? copied.name : `${copied.schema}.${copied.name}`;
        return 'rows';
      }
      if (text.startsWith('CREATE ')) {
        const table = parseCreateTable(text);
        if (table !== null) section.tables.push({ oid: oidFrom(TABLE_CLASS), ...table });
        const database = parseCreateDatabase(text);
        if (database !== null) nameDatabase(database);
        if (database !== null && !cluster) found = { ...found, databaseOid: oidFrom(DATABASE_CLASS) };
        if (text.startsWith('CREATE ROLE ')) found = { ...found, holdsRoles: true };
        entry = null;
      }
      rowSecurityOn ||= text === ROW_SECURITY_ON;
      section.rowSecurityUsed ||= text.startsWith('ALTER TABLE ') && text.endsWith(' ENABLE ROW LEVEL SECURITY');
      if (text === 'SET standard_conforming_strings = off') return 'escapes';
      return text === 'SET standard_conforming_strings = on' ? 'no-escapes' : null;
    },
    command: (line) => {
      const database = parseConnect(line);
      if (database !== null) nameDatabase(database);
      if (database !== null && cluster) section = sectionOf(database);
      token = /^\\restrict (\S+)$/.exec(line)?.[1] ?? token;
    },
    factsOfBeginning: () => found,
    facts: () => {
      if (!cluster) return { ...found, ...sectionFacts(section) };
      const databases = [...sections].map(([name, own]) => {
        const mayLackRows = rowSecurityOn && own.rowSecurityUsed;
        return { name, ...sectionFacts(own), ended: own.ended, mayLackRows };
      });
      return { ...found, databases };
    },
  };
}
