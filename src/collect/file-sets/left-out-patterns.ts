/** Patterns that are told of; an operator knows by some which list is meant. */
const TOLD = 3;
/** Characters of a pattern that are told. */
const LONGEST = 80;

/** What a copy was told to leave out, as far as it may lie below one directory. */
export interface LeftOutBelow {
  readonly patterns: string[];
  /** How many there are, those that are not told included. */
  readonly count: number;
}

/**
 * Those patterns of restic or Borg that may match something below a directory. A pattern that begins with the path of
 * another place is left out: it says nothing of this one, and may name what is another organization's.
 *
 * restic 0.14 manual, "Excluding Files": a pattern with a leading slash begins at the root, another one matches anywhere.
 *
 * @param inside the directory as the copy names it, without a leading slash
 */
export function leftOutBelow(excludes: readonly string[] | undefined, inside: string): LeftOutBelow | null {
  const patterns = (excludes ?? []).filter((pattern) => mayMatchBelow(pattern, inside));
  if (patterns.length === 0) return null;
  return { patterns: patterns.slice(0, TOLD).map((pattern) => pattern.slice(0, LONGEST)), count: patterns.length };
}

function mayMatchBelow(pattern: string, inside: string): boolean {
  // Behind the style of a pattern of Borg, and the `!` that takes one of restic back.
  const [, path] = /^(?:!|(?:fm|sh|pp|pf):)?\/+(.*)$/s.exec(pattern) ?? [];
  if (path === undefined || inside === '') return true;
  const [begun = ''] = /^[^*?[\\]*/.exec(path) ?? [];
  // Without a wildcard it is the whole name of a directory, and not the beginning of one.
  const literal = begun === path ? `${path.replace(/\/+$/, '')}/` : begun;
  return `${inside}/`.startsWith(literal) || literal.startsWith(`${inside}/`);
}
