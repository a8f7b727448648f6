import { counted } from '../model/text.ts';

/** Names that a sentence lists one by one. */
const LISTED = 20;

/** `a, b, c and 4 more`. @param total how many there are, where not all are known by name */
export function namesText(names: readonly string[], total = names.length): string {
  const listed = names.slice(0, LISTED);
  const more = total - listed.length;
  return more > 0 ? `${listed.join(', ')} and ${counted(more, 'more', 'more')}` : listed.join(', ');
}
