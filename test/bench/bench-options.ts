import { parseArgs } from 'node:util';

export const FIGURE_NAMES = [
  'scan',
  'pdf',
  'memory',
  'judge',
  'sha256',
  'custom-dump',
  'gzip-dump',
  'tree',
  'tree-memory',
  'bucket',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

export interface BenchOptions {
  /** Organizations in place of each figure's own number: 1,000 databases, 10,000 and 100,000 organizations. */
  readonly organizations: number | null;
  /** Size of a large dump as pg_dump compresses it, in MiB. */
  readonly size: number;
  /** Files in a tree, and objects in a bucket. */
  readonly artifacts: number;
  readonly only: FigureName | null;
}

export const USAGE = `usage: npm run bench -- [--organizations N] [--size MIB] [--artifacts N] [--only ${FIGURE_NAMES.join('|')}]

Measures this program against its peers and prints a table; ends with 1 where a limit is missed.
  --organizations N  a smaller install for a small machine, instead of 1,000 real databases (7.5 GB of disk),
                     10,000 organizations in a PDF and 100,000 in a bundle (20 GB)
  --size MIB         a smaller dump, instead of 1,024 MiB in custom format and as much in gzip, twice as much as text
                     (9 GB of disk, its database included)
  --artifacts N      a smaller tree and bucket, instead of 100,000 artifacts
  --only NAME        one group of figures: ${FIGURE_NAMES.join(', ')}
`;

/** @throws TypeError for options that do not exist, RangeError for values that make no sense */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      organizations: { type: 'string' },
      size: { type: 'string', default: '1024' },
      artifacts: { type: 'string', default: '100000' },
      only: { type: 'string' },
    },
  });
  const organizations =
    values.organizations === undefined ? null : wholeNumber('--organizations', values.organizations);
  const size = wholeNumber('--size', values.size);
  const artifacts = wholeNumber('--artifacts', values.artifacts);
  const only = FIGURE_NAMES.find((name) => name === values.only) ?? null;
  if (values.only !== undefined && only === null)
    throw new RangeError(`--only wants one of ${FIGURE_NAMES.join(', ')}`);
  return { organizations, size, artifacts, only };
}

function wholeNumber(option: string, text: string): number {
  const value = Number(text);
  if (!(Number.isSafeInteger(value) && value > 0)) throw new RangeError(`${option} wants a whole number above 0`);
  return value;
}
