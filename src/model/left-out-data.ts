import type { Facts } from './facts.ts';

/** Whether a copy defines what it holds no rows or value of, which the database had and a restore would lack. */
export function leavesOutData({
  tablesWithoutRows,
  sequencesWithoutValues = [],
}: Pick<Facts['copy'], 'tablesWithoutRows' | 'sequencesWithoutValues'>): boolean {
  return tablesWithoutRows.length > 0 || sequencesWithoutValues.length > 0;
}
