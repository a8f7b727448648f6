import { changedRows, firstRowVisitor } from './copied-columns.ts';
import type { DumpFacts } from './dump-reading.ts';
import { createKeptBound } from './kept-bound.ts';
import { createPlainOrigin } from './plain-origin.ts';
import {
  announceObject,
  announceRows,
  copyRows,
  createPlainSection,
  defineSequence,
  keyOf,
  type PlainSection,
  sectionFacts,
} from './plain-section.ts';
import { ROW_SECURITY_ON } from './row-security.ts';
import { parseConnect, parseCopy, parseCopyColumns, parseCreateDatabase, parseCreateTable } from './sql-names.ts';
import type { SqlEvents } from './sql-scanner.ts';
import { utf8RowVisitor } from './utf8-rows.ts';

const TITLE = /^PostgreSQL (database|database cluster) dump( complete)?$/;
const DATA_ENTRY = /^Data for Name: (.*); Type: TABLE DATA; Schema: (.*); Owner: /;
const ENTRY = /^Name: (.*); Type: ([A-Z ]+); Schema: (.*); Owner: /;
const POST_DATA =
  /; Type: (?:CONSTRAINT|FK CONSTRAINT|CHECK CONSTRAINT|INDEX|INDEX ATTACH|TRIGGER|EVENT TRIGGER|RULE|POLICY|ROW SECURITY|PUBLICATION|PUBLICATION TABLE|SUBSCRIPTION|STATISTICS|MATERIALIZED VIEW DATA); Schema: /;
const ENCODING = /^SET client_encoding = '(.*)'$/;
const TABLE_CLASS = 1259;

/** What was come across so far in a plain dump. */
export interface PlainContent extends SqlEvents {
  facts(): DumpFacts;
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
  const origin = createPlainOrigin(cluster);
  const ends: PlainContent['ends'] = { database: null, cluster: null, begun: 0, ended: 0 };
  // Of a cluster one for each database; what comes before the first belongs to none.
  const sections = new Map<string, PlainSection>();
  const kept = createKeptBound();
  let section = createPlainSection(kept);
  let rowSecurityOn = false;
  let token: string | null = null;
  let lastTable: string | null = null;
  let isUtf8 = false;
  let looks: readonly ((piece: Uint8Array) => void)[] = [];

  const sectionOf = (name: string): PlainSection => {
    const known = sections.get(name);
    if (known !== undefined) return known;
    kept.keep(name);
    const made = createPlainSection(kept);
    sections.set(name, made);
    return made;
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

  /** The comment above an object, or one of another kind that tells nothing. */
  const noteEntry = (text: string): void => {
    const [, table, schema] = DATA_ENTRY.exec(text) ?? [];
    if (table !== undefined && schema !== undefined) announceRows(section, keyOf(schema, table));
    section.postData ||= POST_DATA.test(text);
    const [, name, type, home] = ENTRY.exec(text) ?? [];
    if (name === undefined || type === undefined || home === undefined) return;
    announceObject(section, type, home === '-' ? '' : home, name);
  };

  return {
    ends,
    mayLackRows: () => !cluster && rowSecurityOn && section.rowSecurityUsed,
    token: () => token,
    lastTable: () => lastTable,
    comment: (text, end) => {
      const [, of, complete] = TITLE.exec(text) ?? [];
      if (of !== undefined) return readTitle(of, complete !== undefined, end);
      origin.comment(text, end);
      if (!/^(?:Dumped|Started)/.test(text)) noteEntry(text);
    },
    statement: (text, end) => {
      defineSequence(section, text);
      const copied = text.startsWith('COPY ') ? parseCopy(text) : null;
      if (copied !== null) {
        copyRows(section, keyOf(copied.schema, copied.name));
        lastTable = copied.schema === '' ? copied.name : `${copied.schema}.${copied.name}`;
        looks = rowVisitors(text, lastTable, isUtf8);
        return 'rows';
      }
      if (text.startsWith('CREATE ')) {
        const table = parseCreateTable(text);
        if (table !== null) {
          kept.keep(table.schema, table.name);
          section.tables.push({ oid: origin.oidFrom(TABLE_CLASS), ...table });
        }
        const database = cluster ? parseCreateDatabase(text) : null;
        if (database !== null) sectionOf(database);
      }
      const [, encoding] = ENCODING.exec(text) ?? [];
      if (encoding !== undefined) isUtf8 = /^utf-?8$/i.test(encoding);
      rowSecurityOn ||= text === ROW_SECURITY_ON;
      section.rowSecurityUsed ||= text.startsWith('ALTER TABLE ') && text.endsWith(' ENABLE ROW LEVEL SECURITY');
      return origin.statement(text, end);
    },
    rows: (piece) => {
      for (const look of looks) look(piece);
    },
    command: (line, end) => {
      origin.command(line, end);
      const database = cluster ? parseConnect(line) : null;
      if (database !== null) section = sectionOf(database);
      token = /^\\restrict (\S+)$/.exec(line)?.[1] ?? token;
    },
    facts: () => {
      if (!cluster) return { ...origin.facts(), ...sectionFacts(section) };
      const databases = [...sections].map(([name, own]) => {
        const mayLackRows = rowSecurityOn && own.rowSecurityUsed;
        return { name, ...sectionFacts(own), ended: own.ended, mayLackRows };
      });
      return { ...origin.facts(), databases };
    },
  };
}

/** What is looked at of rows: of the first one its values, of all whether they are in the encoding that the dump states. */
function rowVisitors(copy: string, table: string, isUtf8: boolean): readonly ((piece: Uint8Array) => void)[] {
  const columns = parseCopyColumns(copy)?.length;
  return [
    ...(columns === undefined ? [] : [firstRowVisitor(columns, changedRows(table))]),
    ...(isUtf8 ? [utf8RowVisitor(table)] : []),
  ];
}
