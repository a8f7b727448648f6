/** Control, formatting and line-separating characters: a name from outside must not move the cursor or hide text. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Text from outside on one line of a terminal or of a comment in generated code. */
export function oneLine(text: string): string {
  return text.replaceAll(UNPRINTABLE, '\u{fffd}');
}

/** Rows with their columns aligned, two spaces apart; the last column is as long as it is. */
export function aligned(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  '),
  );
}
