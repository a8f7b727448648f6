const TRAILER = /^\r?\n--\r?\n\r?\n(?:\\unrestrict ([A-Za-z0-9]+)\r?\n\r?\n)?$/;
/** No trailer is longer: the comment's last lines and `\unrestrict` with a token of 63 characters. */
export const LONGEST_TRAILER = 4096;

/**
 * What follows the comment `PostgreSQL database dump complete` up to the end of the file: since the releases of August
 * 2025 (CVE-2025-8714) `\unrestrict` with the token of the `\restrict` at the beginning. Null where it is not what
 * pg_dump writes.
 */
export function parseAfterTrailer(rest: string): { readonly token: string | null } | null {
  const match = TRAILER.exec(rest);
  return match === null ? null : { token: match[1] ?? null };
}

/** Whether the end of a plain dump, as Latin-1 text, is a trailer, as far as the end alone shows. */
export function endsInTrailer(tail: string, kind: 'database' | 'database cluster'): boolean {
  const comment = `-- PostgreSQL ${kind} dump complete`;
  const at = tail.lastIndexOf(`\n${comment}`);
  return at >= 0 && parseAfterTrailer(tail.slice(at + 1 + comment.length)) !== null;
}
