import { createHmac } from 'node:crypto';
import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Secret } from '../model/secret.ts';
import { SourceError } from '../model/source-error.ts';
import type { Answer, Asker } from './ask.ts';
import { eachOf } from './concurrency.ts';
import type { ArtifactSample } from './organizations/artifact-sample.ts';
import type { ArtifactRow } from './organizations/dataset-contracts.ts';
import type { FileProbe, FoundFile } from './stores/file-probe.ts';

/** Files of one organization that are looked for at once. */
const AT_ONCE = 8;
/** Names or digests of files that are missing or differ. */
const EXAMPLES = 10;

export interface FileSampleInputs {
  readonly sample: ArtifactSample;
  /** Rows that could have been drawn. */
  readonly population: number;
  /** When the store was put to use instead of another one; null where it was not. */
  readonly changedAt: Instant | null;
  readonly checksums: boolean;
  /** Null: names may be told. */
  readonly digestKey: Secret | null;
  /** Is told of each file that was found as its row states. */
  onFound?(row: ArtifactRow, file: FoundFile): void;
  /** Which of some keys the database lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
}

type Counts = { -readonly [K in keyof Facts['file-sample']]: Facts['file-sample'][K] };

/**
 * Looks for each row that was drawn. What the store does not answer about is counted, and is the blind spot of the
 * answer; after the first such file the others are not asked for.
 */
export async function sampleFiles(
  probe: FileProbe,
  inputs: FileSampleInputs,
  asker: Pick<Asker, 'blindSpotOf'>,
): Promise<Answer<'file-sample'>> {
  const { sample } = inputs;
  const counts = nothingYet(inputs);
  const before = { drawn: 0, found: 0 };
  const bad: string[] = [];
  const missing: ArtifactRow[] = [];
  let blindSpot: BlindSpot | null = sample.problems.length === 0 ? null : UNREADABLE_ROWS;
  let isOver = false;
  const isFromBefore = ({ createdAt }: ArtifactRow) => inputs.changedAt !== null && createdAt < inputs.changedAt;
  const look = async (row: ArtifactRow): Promise<'found' | 'missing' | 'refused' | 'differs'> => {
    const looked = await probe.look(row.objectKey);
    if (looked.is !== 'found') return looked.is;
    if (row.bytes !== null && row.bytes !== looked.bytes) {
      counts.sizeDiffers += 1;
      return 'differs';
    }
    const sum = inputs.checksums ? await compared(probe, row, looked) : null;
    if (sum !== null) counts.checksumsCompared += 1;
    if (sum === false) {
      counts.checksumDiffers += 1;
      return 'differs';
    }
    counts.found += 1;
    inputs.onFound?.(row, looked);
    if (looked.copied !== null)
      counts[looked.copied ? 'copied' : 'notCopied'] = (counts[looked.copied ? 'copied' : 'notCopied'] ?? 0) + 1;
    if (looked.locked) counts.locked = (counts.locked ?? 0) + 1;
    return 'found';
  };
  await eachOf(sample.rows, AT_ONCE, async (row) => {
    if (isOver) {
      counts.unchecked += 1;
      return;
    }
    try {
      const is = await look(row);
      if (is === 'missing') missing.push(row);
      if (is === 'refused') counts.refused += 1;
      if (is === 'differs') bad.push(row.objectKey);
      if (isFromBefore(row) && (is === 'found' || is === 'differs')) {
        before.drawn += 1;
        if (is === 'found') before.found += 1;
      }
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      counts.unchecked += 1;
      isOver = true;
      blindSpot = asker.blindSpotOf(error, probe.source);
    }
  });
  if (missing.length > 0) {
    // A file that was deleted with its row in between is not missing; nor is it known to be where nobody can tell.
    try {
      const listed = await inputs.stillListed(missing.map(({ objectKey }) => objectKey));
      const gone = missing.filter(({ objectKey }) => !listed.has(objectKey));
      const lost = missing.filter(({ objectKey }) => listed.has(objectKey));
      counts.drawn -= gone.length;
      counts.missing = lost.length;
      bad.push(...lost.map(({ objectKey }) => objectKey));
      before.drawn += lost.filter(isFromBefore).length;
    } catch (error) {
      if (!(error instanceof SourceError)) throw error;
      counts.unchecked += missing.length;
      blindSpot = asker.blindSpotOf(error, 'artifacts');
    }
  }
  const { digestKey } = inputs;
  const named = bad
    .sort()
    .slice(0, EXAMPLES)
    .map((key) => (digestKey === null ? key.slice(0, 200) : nameDigest(digestKey, key)));
  const fromBefore = inputs.changedAt === null ? {} : { fromBefore: before };
  return { items: [{ ...counts, examples: named, ...fromBefore }], blindSpot };
}

/** True where the recorded checksum is that of the file; null where none is recorded or the file is too large. */
async function compared(
  probe: FileProbe,
  { objectKey, sha256 }: ArtifactRow,
  file: FoundFile,
): Promise<boolean | null> {
  if (sha256 === null) return null;
  const sum = await probe.checksum(objectKey, file);
  return sum === null ? null : sum === sha256.toLowerCase();
}

function nothingYet({ sample, population }: FileSampleInputs): Counts {
  return {
    seed: sample.question.seed,
    method: sample.method,
    population,
    ...(sample.estimate === null ? {} : { populationIsEstimate: true }),
    drawn: sample.rows.length,
    found: 0,
    missing: 0,
    sizeDiffers: 0,
    checksumDiffers: 0,
    checksumsCompared: 0,
    refused: 0,
    unchecked: 0,
    examples: [],
  };
}

/** A name of a file is personal data: under the install's key, so that nobody can test guesses against it. */
function nameDigest(key: Secret, name: string): string {
  return createHmac('sha256', key.reveal()).update(name).digest('hex').slice(0, 16);
}

const UNREADABLE_ROWS: BlindSpot = {
  reason: 'malformed',
  detail: 'some of the artifact rows that were drawn cannot be read',
  remedy: 'Correct the rows, or the mapping of dataset artifacts.',
};
