import { createHmac } from 'node:crypto';
import type { BlindSpot } from '../model/evidence.ts';
import type { Secret } from '../model/secret.ts';
import { SourceError } from '../model/source-error.ts';
import type { Asker } from './ask.ts';
import { eachOf } from './concurrency.ts';
import type { ArtifactRow } from './organizations/dataset-contracts.ts';
import { type FileProbe, type FoundFile, OneFileError } from './stores/file-probe.ts';
import { DamagedData } from './trees/damaged-data.ts';

/** Files of one organization that are looked for at once. */
const AT_ONCE = 8;
/** Names or digests of files that are missing or differ. */
const EXAMPLES = 10;

type LookedUp =
  | 'found'
  | 'missing'
  | 'size differs'
  | 'checksum differs'
  | 'damaged'
  | 'refused'
  | 'link'
  | 'unchecked'
  | 'gone';

/**
 * What became of one row in one place. *gone*: the database lists it no more, or otherwise than when it was drawn.
 * *damaged*: what its file holds cannot be had from there.
 */
export interface LookedRow {
  readonly row: ArtifactRow;
  readonly is: LookedUp;
  /** As the place describes it, where it is there. */
  readonly file: FoundFile | null;
  readonly isSummed: boolean;
}

export interface RowsToLookFor {
  readonly rows: readonly ArtifactRow[];
  /** Compare recorded checksums as well. */
  readonly checksums: boolean;
  /** Which of some keys the database lists now. @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** The rows of some keys as the database has them now. @throws SourceError */
  rowsOfKeys(keys: readonly string[]): Promise<readonly ArtifactRow[]>;
}

export interface LookedRows {
  readonly rows: readonly LookedRow[];
  /** Why some could not be asked for; null where all were. */
  readonly blindSpot: BlindSpot | null;
}

/**
 * Looks for rows in one place. What it does not answer about is *unchecked*, and is the blind spot of the answer; after
 * the first such file the others are not asked for, unless that was told of this one alone.
 */
export async function lookForRows(
  probe: FileProbe,
  { rows, checksums, ...database }: RowsToLookFor,
  asker: Pick<Asker, 'blindSpotOf'>,
): Promise<LookedRows> {
  const looked = new Map<ArtifactRow, LookedRow>();
  let blindSpot: BlindSpot | null = null;
  let isStopped = false;
  const fail = (error: unknown, source: string): void => {
    if (!(error instanceof SourceError)) throw error;
    blindSpot ??= asker.blindSpotOf(error, source);
    isStopped ||= !(error instanceof OneFileError);
  };
  await eachOf(rows, AT_ONCE, async (row) => {
    if (isStopped) return;
    try {
      const found = await lookFor(probe, row, checksums);
      looked.set(row, found);
      // A program tries for most of a minute to read what is damaged; one such file says enough of the place.
      isStopped ||= found.is === 'damaged';
    } catch (error) {
      fail(error, probe.source);
    }
  });
  const bad = [...looked.values()].filter(isBad);
  try {
    for (const one of await changedSince(bad, database)) looked.set(one.row, { ...one, is: 'gone' });
  } catch (error) {
    fail(error, 'artifacts');
    for (const one of bad) looked.set(one.row, { ...one, is: 'unchecked' });
  }
  return {
    rows: rows.map((row) => looked.get(row) ?? { row, is: 'unchecked', file: null, isSummed: false }),
    blindSpot,
  };
}

function isBad({ is }: LookedRow): boolean {
  return is === 'missing' || is === 'size differs' || is === 'checksum differs' || is === 'damaged';
}

/**
 * Those whose row was deleted or written again since it was drawn, with its file: such a file is neither missing nor
 * another one than it should be. @throws SourceError where nobody can tell
 */
async function changedSince(
  bad: readonly LookedRow[],
  { stillListed, rowsOfKeys }: Pick<RowsToLookFor, 'stillListed' | 'rowsOfKeys'>,
): Promise<readonly LookedRow[]> {
  const differing = bad.filter(({ is }) => is !== 'missing').map(({ row }) => row.objectKey);
  const now = differing.length === 0 ? [] : await rowsOfKeys(differing);
  const known = new Set(now.map(({ objectKey }) => objectKey));
  const unseen = bad.map(({ row }) => row.objectKey).filter((key) => !known.has(key));
  const listed = unseen.length === 0 ? known : new Set([...known, ...(await stillListed(unseen))]);
  const isAsDrawn = (row: ArtifactRow) =>
    now.some((one) => one.objectKey === row.objectKey && one.bytes === row.bytes && one.sha256 === row.sha256);
  return bad.filter(({ row }) => (known.has(row.objectKey) ? !isAsDrawn(row) : !listed.has(row.objectKey)));
}

async function lookFor(probe: FileProbe, row: ArtifactRow, checksums: boolean): Promise<LookedRow> {
  const looked = await probe.look(row.objectKey);
  if (looked.is !== 'found') return { row, is: looked.is, file: null, isSummed: false };
  if (row.bytes !== null && looked.bytes !== null && row.bytes !== looked.bytes) {
    return { row, is: 'size differs', file: looked, isSummed: false };
  }
  let agrees: boolean | null = null;
  try {
    agrees = checksums ? await checksumAgrees(probe, row, looked) : null;
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    return { row, is: 'damaged', file: looked, isSummed: false };
  }
  return { row, is: agrees === false ? 'checksum differs' : 'found', file: looked, isSummed: agrees !== null };
}

/** True where the recorded checksum is that of the file; null where none is recorded or the file is too large. */
async function checksumAgrees(
  probe: FileProbe,
  { objectKey, sha256 }: ArtifactRow,
  file: FoundFile,
): Promise<boolean | null> {
  if (sha256 === null) return null;
  const sum = await probe.checksum(objectKey, file);
  return sum === null ? null : sum === sha256.toLowerCase();
}

/** What both kinds of sample tell of the rows that were looked for. */
export interface LookedCounts {
  readonly found: number;
  readonly missing: number;
  readonly sizeDiffers: number;
  readonly checksumDiffers: number;
  readonly checksumsCompared: number;
  readonly refused: number;
  readonly links?: number;
  readonly unchecked: number;
  readonly damaged?: number;
  readonly archived?: number;
  readonly examples: string[];
}

/** @param digestKey null: names may be told */
export function countLooked(rows: readonly LookedRow[], digestKey: Secret | null): LookedCounts {
  const count = (is: LookedRow['is']) => rows.filter((one) => one.is === is).length;
  const bad = rows.filter(isBad);
  const damaged = count('damaged');
  const links = count('link');
  const archived = rows.filter(({ is, file }) => is === 'found' && file?.archived === true).length;
  return {
    ...(damaged === 0 ? {} : { damaged }),
    ...(archived === 0 ? {} : { archived }),
    found: count('found'),
    missing: count('missing'),
    sizeDiffers: count('size differs'),
    checksumDiffers: count('checksum differs'),
    checksumsCompared: rows.filter(({ isSummed }) => isSummed).length,
    refused: count('refused') + links,
    ...(links === 0 ? {} : { links }),
    unchecked: count('unchecked'),
    examples: bad
      .map(({ row }) => row.objectKey)
      .sort()
      .slice(0, EXAMPLES)
      .map((key) => (digestKey === null ? key.slice(0, 200) : nameDigest(digestKey, key))),
  };
}

/** A name of a file is personal data: under the install's key, so that nobody can test guesses against it. */
function nameDigest(key: Secret, name: string): string {
  return createHmac('sha256', key.reveal()).update(name).digest('hex').slice(0, 16);
}
