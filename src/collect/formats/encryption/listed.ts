const MOST_SHOWN = 12;

/** Alternatives as part of a sentence; of many the first, and how many more there are. */
export function oneOf(parts: readonly string[]): string {
  const shown = parts.slice(0, MOST_SHOWN);
  const more = parts.length - shown.length;
  const all = more === 0 ? shown : [...shown, `${more} more`];
  const last = all.at(-1) ?? '';
  return all.length < 2 ? last : `one of: ${all.slice(0, -1).join(', ')} or ${last}`;
}

/** `1 key`, `2 keys`. */
export function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
