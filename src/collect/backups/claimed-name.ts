/**
 * The database that a path claims to be of: a segment of it that is a database's name, or begins with one followed by
 * something that cannot continue a name. The last such segment and the longest name win. A claim proves nothing; it
 * only lets a control see that claim and contents differ.
 */
export function claimedName(path: string, databaseNames: ReadonlySet<string>): string | null {
  for (const segment of path.split('/').reverse()) {
    for (let end = segment.length; end > 0; end -= 1) {
      if (end < segment.length && /[A-Za-z0-9_]/.test(segment.charAt(end))) continue;
      const candidate = segment.slice(0, end);
      if (databaseNames.has(candidate)) return candidate;
    }
  }
  return null;
}
