import { parseArgs } from 'node:util';

export const FIGURE_NAMES = ['scan', 'pdf', 'memory', 'judge'] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

export interface BenchOptions {
  /** Organizations in place of each figure's own number: 1,000 databases, 10,000 and 100,000 organizations. */
  readonly organizations: number | null;
  readonly only: FigureName | null;
}

export const USAGE = `usage: npm run bench -- [--organizations N] [--only ${FIGURE_NAMES.join('|')}]

Measures this program against its peers and prints a table; ends with 1 where a limit is missed.
  --organizations N  a smaller install for a small machine, instead of 1,000 real databases (7.5 GB of disk),
                     10,000 organizations in a PDF and 100,000 in a bundle (20 GB)
  --only NAME        one group of figures: ${FIGURE_NAMES.join(', ')}
`;

/** @throws TypeError for options that do not exist, RangeError for values that make no sense */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: { organizations: { type: 'string' }, only: { type: 'string' } },
  });
  const organizations = values.organizations === undefined ? null : Number(values.organizations);
  if (organizations !== null && !(Number.isSafeInteger(organizations) && organizations > 0)) {
    throw new RangeError('--organizations wants a whole number above 0');
  }
  const only = FIGURE_NAMES.find((name) => name === values.only) ?? null;
  if (values.only !== undefined && only === null)
    throw new RangeError(`--only wants one of ${FIGURE_NAMES.join(', ')}`);
  return { organizations, only };
}
