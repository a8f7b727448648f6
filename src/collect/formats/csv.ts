/**
 * CSV after RFC 4180 with a header line; CRLF or LF. An empty unquoted field is null, as `COPY … CSV` writes NULL.
 * @returns records by header name, or null when a quote is not closed or a line has another number of fields
 */
export function parseCsv(text: string): readonly Readonly<Record<string, string | null>>[] | null {
  const lines = csvLines(text);
  const header = lines?.[0];
  if (lines === null || header === undefined) return null;
  const names = header.map((name) => name ?? '');
  const rows = lines.slice(1);
  if (rows.some((row) => row.length !== names.length)) return null;
  return rows.map((row) => Object.fromEntries(names.map((name, index) => [name, row[index] ?? null])));
}

const FIELD = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y;

/** The fields of every line, the header's too, however many each has; null when a quote is not closed. */
export function csvLines(withMark: string): readonly (readonly (string | null)[])[] | null {
  const { lines, brokenAt } = wholeCsvLines(withMark);
  return brokenAt === null ? lines : null;
}

/** The lines up to the first that is broken, such as by a quote that is not closed, and its number, the header being 1. */
export function wholeCsvLines(withMark: string): {
  readonly lines: readonly (readonly (string | null)[])[];
  readonly brokenAt: number | null;
} {
  const text = withMark.startsWith('\ufeff') ? withMark.slice(1) : withMark;
  const lines: (readonly (string | null)[])[] = [];
  let line: (string | null)[] = [];
  let at = 0;
  while (at < text.length || line.length > 0) {
    FIELD.lastIndex = at;
    const found = FIELD.exec(text);
    if (found === null) return { lines, brokenAt: lines.length + 1 };
    const [whole, quoted, bare = '', end] = found;
    line.push(quoted === undefined ? (bare === '' ? null : bare) : quoted.replaceAll('""', '"'));
    at += whole.length;
    if (end === ',') continue;
    lines.push(line);
    line = [];
  }
  return { lines, brokenAt: null };
}
