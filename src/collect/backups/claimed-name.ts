/**
 * The database that a path claims to be of: a segment of it that is a database's name, or begins with one followed by
 * something that cannot continue a name. The last such segment and the longest name win. A claim proves nothing; it
 * only lets a control see that claim and contents differ.
 *
 * @param foundName the database name inside the file, if it holds one. A segment that begins with it claims no shorter
 * name (`acme-staging.sql` with `acme-staging` inside is no claim to be of `acme`), and a directory claims only what
 * tells nothing itself, as directories gather files of many databases.
 */
export function claimedName(
  path: string,
  databaseNames: ReadonlySet<string>,
  foundName: string | null = null,
): string | null {
  const segments = path.split('/').reverse();
  const claiming = foundName === null ? segments : segments.slice(0, 1);
  for (const segment of claiming) {
    const claimed = nameAtStart(segment, (name) => name === foundName || databaseNames.has(name));
    if (claimed !== null) return databaseNames.has(claimed) ? claimed : null;
  }
  return null;
}

/** The longest accepted name that a path's segment is or begins with. */
function nameAtStart(segment: string, isName: (candidate: string) => boolean): string | null {
  for (let end = segment.length; end > 0; end -= 1) {
    if (end < segment.length && /[A-Za-z0-9_]/.test(segment.charAt(end))) continue;
    const candidate = segment.slice(0, end);
    if (isName(candidate)) return candidate;
  }
  return null;
}
