import { visible } from '../../wording/names.ts';

/** What may stand in a cell; null is an empty one. */
export type Cell = string | number | boolean | null;

/** First characters that make a spreadsheet read a cell as a formula, spaces before them included (OWASP ASVS 5.0, 1.2.10). */
const FORMULA = /^[ \u00A0]*[=+\-@\t\r\0\uFF1D\uFF0B\uFF0D\uFF20]/;

/**
 * One field by RFC 4180, section 2. Text that a spreadsheet would take for a formula gets a leading `'`; control
 * characters, line breaks and marks that reorder text are written out (`[U+000A]`), so that one record is one line.
 * Numbers are the program's own and stay as they are.
 */
function field(cell: Cell): string {
  if (cell === null) return '';
  if (typeof cell !== 'string') return String(cell);
  const guarded = visible(FORMULA.test(cell) ? `'${cell}` : cell);
  return /[",]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}

/** One record with its CRLF. */
export function record(cells: readonly Cell[]): string {
  return `${cells.map(field).join(',')}\r\n`;
}
