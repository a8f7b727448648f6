import type { Facts } from '../model/facts.ts';
import { counted, instantText } from '../model/text.ts';

/** How a key is rotated and when it was, as a clause; empty where its provider tells nothing of it. */
export function rotationText({ automatic, periodDays, nextAt, rotatedAt }: Facts['key-rotation']): string {
  const period = periodDays === null ? '' : ` every ${counted(Math.round(periodDays * 100) / 100, 'day')}`;
  const next = nextAt === null ? '' : `, next on ${instantText(nextAt)}`;
  const last = rotatedAt.at(-1);
  const clauses = [
    ...(automatic === null
      ? []
      : [automatic ? `it is rotated by itself${period}${next}` : 'nothing rotates it by itself']),
    ...(last === undefined ? [] : [`it was rotated last on ${instantText(last)}`]),
  ];
  return clauses.join('; ');
}
