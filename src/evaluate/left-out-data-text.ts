import type { Facts } from '../model/facts.ts';

/** Why a copy that defines more than it holds data of is not complete. */
export function leftOutText({ tablesWithoutRows, sequencesWithoutValues = [] }: Facts['copy']): string {
  const rows = tablesWithoutRows.length === 0 ? [] : [`the rows of ${tablesWithoutRows.slice(0, 3).join(', ')}`];
  if (sequencesWithoutValues.length === 0) return `it leaves out ${rows.join('')}`;
  const [value, numbers] = sequencesWithoutValues.length === 1 ? ['value', 'it'] : ['values', 'them'];
  const values = `the ${value} of ${sequencesWithoutValues.slice(0, 3).join(', ')}`;
  return `it leaves out ${[...rows, values].join(' and ')}, so that new rows numbered by ${numbers} collide after a restore`;
}

/** A note: what PostgreSQL itself empties after a crash, no dump of a standby holds and no physical copy brings back. */
export function unloggedText({ unloggedLeftOut = [] }: Facts['copy']): string {
  if (unloggedLeftOut.length === 0) return '';
  return `; unlogged tables come back empty: ${unloggedLeftOut.slice(0, 3).join(', ')}`;
}
