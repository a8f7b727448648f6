import { type CopiedRows, createCopiedRows } from './copy-rows.ts';
import { keyOf } from './plain-section.ts';
import { ROW_SECURITY_ON } from './row-security.ts';
import { parentsOf, parseCopy, parseCopyColumns, parseCreateTable, type QualifiedName } from './sql-names.ts';
import { createSqlScanner } from './sql-scanner.ts';
import {
  type CopiedRow,
  INHERITED,
  INSERTS,
  isAsked,
  SEVERAL_SCHEMAS,
  type TableQuestion,
  TableUnread,
} from './table-question.ts';
import { assertNoZeroBytes } from './zero-bytes.ts';

/** Of schemas that a question may be about. */
const MOST_PARENTS = 1000;
const DATA_ENTRY = /^Data for Name: (.*); Type: TABLE DATA; Schema: (.*); Owner: /;

/**
 * The rows in a plain dump of one database, which is read up to their end and no further: names in it count outside rows,
 * constants and comments only. @throws DumpDamage, TableUnread
 */
export async function rowsInPlain(
  chunks: AsyncIterable<Uint8Array>,
  question: TableQuestion,
): Promise<readonly CopiedRow[]> {
  const schemas = new Set<string>();
  const parents: QualifiedName[] = [];
  let rows: CopiedRows | null = null;
  let isInRows = false;
  let isAnnounced = false;
  let rowSecurityOn = false;
  const scanner = createSqlScanner({
    comment: (text) => {
      const [, table, schema] = DATA_ENTRY.exec(text) ?? [];
      if (table === undefined || schema === undefined) return;
      const key = keyOf(question.schema ?? schema, question.table);
      isAnnounced ||= keyOf(schema, table) === key;
    },
    statement: (text) => {
      isInRows = false;
      const created = text.startsWith('CREATE ') ? parseCreateTable(text) : null;
      if (created !== null && isAsked(question, created.schema, created.name)) schemas.add(created.schema);
      if (created !== null) {
        const asked = parentsOf(text).filter(({ name }) => name === question.table);
        if (asked.length > 0 && parents.length < MOST_PARENTS) parents.push(...asked);
      }
      rowSecurityOn ||= text === ROW_SECURITY_ON;
      if (text === 'SET standard_conforming_strings = off') return 'escapes';
      if (text === 'SET standard_conforming_strings = on') return 'no-escapes';
      const copied = text.startsWith('COPY ') ? parseCopy(text) : null;
      if (copied === null) return null;
      if (rows === null && isAsked(question, copied.schema, copied.name)) {
        const columns = parseCopyColumns(text);
        if (columns === null) throw new TableUnread('its COPY statement names no columns');
        if (schemas.size > 1) throw new TableUnread(SEVERAL_SCHEMAS);
        if (parents.some(({ schema }) => schema === '' || schema === copied.schema)) throw new TableUnread(INHERITED);
        if (rowSecurityOn) throw new TableUnread('it was made with --enable-row-security, so that rows may be missing');
        rows = createCopiedRows(columns, question.columns);
        isInRows = true;
      }
      return 'rows';
    },
    command: () => undefined,
    rows: (piece) => {
      if (isInRows) rows?.write(piece);
    },
  });
  const found = (): CopiedRows | null => rows;
  let bytes = 0;
  for await (const chunk of chunks) {
    assertNoZeroBytes(chunk, bytes);
    bytes += chunk.length;
    scanner.write(chunk);
    if (found()?.hasEnded() === true) break;
  }
  const taken = found();
  if (taken !== null) return taken.take();
  throw new TableUnread(isAnnounced ? INSERTS : 'it holds no rows of it');
}
