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
  'snapshot',
  'vault-keys',
  'kms-throttled',
  'state-digest',
  'file-sample',
  'inventory',
  'fuzz',
  'damage',
] as const;
export type FigureName = (typeof FIGURE_NAMES)[number];

export interface BenchOptions {
  /** Organizations in place of each figure's own number: 1,000 databases, 10,000 and 100,000 organizations. */
  readonly organizations: number | null;
  /** Size of a large dump as pg_dump compresses it, in MiB. */
  readonly size: number;
  /** Files in a tree, and objects in a bucket. */
  readonly artifacts: number;
  /** Keys of Vault, and of KMS. */
  readonly keys: number;
  readonly only: FigureName | null;
  /** Damaged inputs of each parser in `fuzz`. */
  readonly inputs: number;
  /** Damaged places of each format in `damage`. */
  readonly places: number;
  /** In `fuzz` and `damage` only those whose names hold this; null: all. */
  readonly format: string | null;
}

/** They take hours, and one of them writes a document: only on request. */
export const ON_REQUEST: readonly FigureName[] = ['fuzz', 'damage'];
const SIZE = 1024;
const ARTIFACTS = 100_000;
const KEYS = 10_000;
const INPUTS = 100_000;
const PLACES = 1000;

export const USAGE = `usage: npm run bench -- [--organizations N] [--size MIB] [--artifacts N] [--keys N] [--inputs N]
                        [--places N] [--format NAME] [--only ${FIGURE_NAMES.join('|')}]

Measures this program against its peers and prints a table; ends with 1 where a limit is missed.
  --organizations N  a smaller install for a small machine, instead of 1,000 real databases (7.5 GB of disk), 1,000 in file-sample,
                     10,000 organizations in a PDF and 100,000 in a bundle (20 GB)
  --size MIB         a smaller dump, or snapshot of Vault, instead of ${SIZE} MiB in custom format and as much in gzip, twice as much as text
                     (9 GB of disk, its database included)
  --artifacts N      a smaller tree and bucket, instead of ${ARTIFACTS} artifacts; ten times as many in inventory
  --keys N           fewer keys of Vault and KMS, instead of ${KEYS} (KMS takes 7 minutes under its quota)
  --only NAME        one group of figures: ${FIGURE_NAMES.join(', ')}; ${ON_REQUEST.join(' and ')} only so: they take long,
                     and damage writes docs/damage.md
  --inputs N         damaged inputs of each parser instead of ${INPUTS}
  --places N         damaged places of each format instead of ${PLACES}
  --format NAME      with --only fuzz: only the parsers whose names hold this text; with --only damage: only such tables,
                     the others stay as they are
`;

/** @throws TypeError for options that do not exist, RangeError for values that make no sense */
export function benchOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      organizations: { type: 'string' },
      size: { type: 'string' },
      artifacts: { type: 'string' },
      keys: { type: 'string' },
      only: { type: 'string' },
      inputs: { type: 'string' },
      places: { type: 'string' },
      format: { type: 'string' },
    },
  });
  const only = FIGURE_NAMES.find((name) => name === values.only) ?? null;
  if (values.only !== undefined && only === null)
    throw new RangeError(`--only wants one of ${FIGURE_NAMES.join(', ')}`);
  if (values.format !== undefined && (only === null || !ON_REQUEST.includes(only))) {
    throw new RangeError('--format goes with --only fuzz or --only damage');
  }
  return {
    organizations: wholeNumber('organizations', values.organizations),
    size: wholeNumber('size', values.size) ?? SIZE,
    artifacts: wholeNumber('artifacts', values.artifacts) ?? ARTIFACTS,
    keys: wholeNumber('keys', values.keys) ?? KEYS,
    only,
    inputs: wholeNumber('inputs', values.inputs) ?? INPUTS,
    places: wholeNumber('places', values.places) ?? PLACES,
    format: values.format ?? null,
  };
}

function wholeNumber(option: string, text: string | undefined): number | null {
  const value = text === undefined ? null : Number(text);
  if (value !== null && !(Number.isSafeInteger(value) && value > 0)) {
    throw new RangeError(`--${option} wants a whole number above 0`);
  }
  return value;
}
