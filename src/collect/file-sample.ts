import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import type { Secret } from '../model/secret.ts';
import type { Answer, Asker } from './ask.ts';
import type { ArtifactSample } from './organizations/artifact-sample.ts';
import type { ArtifactRow } from './organizations/dataset-contracts.ts';
import { countLooked, type LookedRow, lookForRows } from './sampled-rows.ts';
import type { FileProbe } from './stores/file-probe.ts';

export interface FileSampleInputs {
  readonly sample: ArtifactSample;
  /** Rows that could have been drawn. */
  readonly population: number;
  /** Rows that were drawn and were listed no more before anybody looked for their files. */
  readonly gone?: number;
  /** Rows dated later than clocks may differ. */
  readonly future?: number;
  /** When the store was put to use instead of another one; null where it was not. */
  readonly changedAt: Instant | null;
  readonly checksums: boolean;
  /** Null: names may be told. */
  readonly digestKey: Secret | null;
  /** Which of some keys the database lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** The rows of some keys as it has them now. @throws SourceError */
  rowsOfKeys(keys: readonly string[]): Promise<readonly ArtifactRow[]>;
}

/**
 * The answer, and what became of each row: copies of the store are compared with it. Rows hold names of files, and so are
 * kept apart from what is told.
 */
export interface SampledFiles {
  readonly answer: Answer<'file-sample'>;
  readonly rows: readonly LookedRow[];
}

/** Looks in the live store for each row that was drawn. */
export async function sampleFiles(
  probe: FileProbe,
  inputs: FileSampleInputs,
  asker: Pick<Asker, 'blindSpotOf'>,
): Promise<SampledFiles> {
  const { sample, changedAt, digestKey } = inputs;
  const looked = await lookForRows(probe, { ...inputs, rows: sample.rows }, asker);
  const rows = looked.rows.filter(({ is }) => is !== 'gone');
  const found = rows.filter(({ is }) => is === 'found');
  const gone = (inputs.gone ?? 0) + looked.rows.length - rows.length;
  const item: Facts['file-sample'] = {
    seed: sample.question.seed,
    method: sample.method,
    population: inputs.population,
    ...(sample.estimate === null ? {} : { populationIsEstimate: true }),
    drawn: rows.length,
    ...countLooked(rows, digestKey),
    ...(gone === 0 ? {} : { gone }),
    ...(inputs.future === undefined || inputs.future === 0 ? {} : { future: inputs.future }),
    ...servicesWord(found),
    ...(changedAt === null ? {} : { fromBefore: fromBefore(rows, changedAt) }),
  };
  const blindSpot = looked.blindSpot ?? (sample.problems.length === 0 ? null : UNREADABLE_ROWS);
  return { answer: { items: [item], blindSpot }, rows: looked.rows };
}

/** What the service says of the files that are there; absent where it is silent. */
function servicesWord(
  found: readonly LookedRow[],
): Pick<Facts['file-sample'], 'copied' | 'notCopied' | 'locked' | 'locks' | 'unlocked'> {
  const count = (is: (file: NonNullable<LookedRow['file']>) => boolean) =>
    found.filter(({ file }) => file !== null && is(file)).length;
  const [copied, notCopied] = [count((file) => file.copied === true), count((file) => file.copied === false)];
  const locked = count((file) => file.locked);
  const unlocked = found.flatMap(({ file }) => (file?.unlocked === true ? [file] : []));
  const newest =
    unlocked
      .flatMap(({ modifiedAt }) => modifiedAt ?? [])
      .toSorted()
      .at(-1) ?? null;
  return {
    ...(copied === 0 ? {} : { copied }),
    ...(notCopied === 0 ? {} : { notCopied }),
    ...(locked === 0 ? {} : { locked }),
    ...locksOf(found.flatMap(({ file }) => (file?.locked === true ? [file] : []))),
    ...(unlocked.length === 0 ? {} : { unlocked: { files: unlocked.length, newest } }),
  };
}

/** How long the locks of files last; absent where one of them is not told. A file on hold is locked beyond any end. */
function locksOf(locked: readonly NonNullable<LookedRow['file']>[]): Pick<Facts['file-sample'], 'locks'> {
  const told = locked.flatMap(({ lock, modifiedAt }) => (lock === undefined ? [] : [{ ...lock, modifiedAt }]));
  if (told.length === 0 || told.length < locked.length) return {};
  const ending = told.filter(({ legalHold }) => !legalHold);
  const ends = ending.flatMap(({ until }) => until ?? []).toSorted();
  const seconds = ending.flatMap(({ until, modifiedAt }) =>
    until === null || modifiedAt === undefined ? [] : [Math.floor((toMillis(until) - toMillis(modifiedAt)) / 1000)],
  );
  const isEach = seconds.length > 0 && seconds.length === ending.length;
  return {
    locks: {
      earliestEnd: ends[0] ?? null,
      shortestSeconds: isEach ? Math.max(0, Math.min(...seconds)) : null,
      governance: told.filter(({ mode }) => mode === 'GOVERNANCE').length,
    },
  };
}

function fromBefore(rows: readonly LookedRow[], changedAt: Instant): { drawn: number; found: number } {
  const told = rows.filter(({ is }) => is !== 'refused' && is !== 'link' && is !== 'unchecked');
  const drawn = told.filter(({ row }) => row.createdAt < changedAt);
  return { drawn: drawn.length, found: drawn.filter(({ is }) => is === 'found').length };
}

export const UNREADABLE_ROWS: BlindSpot = {
  reason: 'malformed',
  detail: 'some of the artifact rows that were drawn cannot be read',
  remedy: 'Correct the rows, or the mapping of dataset artifacts.',
};
