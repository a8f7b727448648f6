/**
 * What organizations are compared by: the id with A to Z in lower case, as PostgreSQL's lower() gives in the C collation.
 * Other letters stay as they are, so that the program and the server agree on every id.
 */
export function organizationKey(organizationId: string): string {
  return organizationId.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Order of PostgreSQL's C collation: by UTF-8 bytes, which is by code point and not by UTF-16 unit. */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const left = a.charCodeAt(index);
    const right = b.charCodeAt(index);
    if (left !== right) return codePointRank(left) - codePointRank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others, though their units lie below U+E000. */
function codePointRank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
