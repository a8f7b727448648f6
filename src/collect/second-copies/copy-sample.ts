import type { Facts } from '../../model/facts.ts';
import { MINUTE, toMillis } from '../../model/instant.ts';
import type { Secret } from '../../model/secret.ts';
import type { Answer, Asker } from '../ask.ts';
import { UNREADABLE_ROWS } from '../file-sample.ts';
import type { ArtifactSample } from '../organizations/artifact-sample.ts';
import type { ArtifactRow } from '../organizations/dataset-contracts.ts';
import { countLooked, type LookedRow, lookForRows } from '../sampled-rows.ts';
import type { SecondCopy } from './second-copy.ts';

export interface CopySampleInputs {
  readonly sample: ArtifactSample;
  readonly population: number;
  /** What became of the rows in the live store; empty where that could not be asked. */
  readonly live: readonly LookedRow[];
  /** By how many milliseconds a row must be older than the copy to be expected in it. */
  readonly skewMillis: number;
  readonly checksums: boolean;
  readonly digestKey: Secret | null;
  /** @throws SourceError */
  stillListed(keys: readonly string[]): Promise<ReadonlySet<string>>;
  /** @throws SourceError */
  rowsOfKeys(keys: readonly string[]): Promise<readonly ArtifactRow[]>;
}

/** Looks in a second copy for those of the drawn rows that must be in it. */
export async function sampleCopy(
  copy: SecondCopy,
  inputs: CopySampleInputs,
  asker: Pick<Asker, 'blindSpotOf'>,
): Promise<{ readonly answer: Answer<'file-copy-sample'>; readonly rows: readonly LookedRow[] }> {
  const { sample, digestKey } = inputs;
  const live = new Map(inputs.live.map((one) => [one.row, one]));
  const present = sample.rows.filter((row) => live.get(row)?.is !== 'gone');
  const due = present.filter((row) => isExpected(copy, row, live.get(row), inputs.skewMillis));
  const looked = await lookForRows(copy.probe, { ...inputs, rows: due }, asker);
  const rows = looked.rows.filter(({ is }) => is !== 'gone');
  const asLive = rows.filter(({ row, is }) => is === 'checksum differs' && live.get(row)?.is === is).length;
  const { location, copy: name, method, moment, passedOver = null } = copy;
  const item: Facts['file-copy-sample'] = {
    location,
    copy: name,
    method,
    moment,
    seed: sample.question.seed,
    population: inputs.population,
    ...(sample.estimate === null ? {} : { populationIsEstimate: true }),
    drawn: present.length - (due.length - rows.length),
    expected: rows.length,
    ...countLooked(rows, digestKey),
    ...(asLive === 0 ? {} : { checksumDiffersInStore: asLive }),
    ...(passedOver === null ? {} : { passedOver }),
  };
  const blindSpot = looked.blindSpot ?? (sample.problems.length === 0 ? null : UNREADABLE_ROWS);
  return { answer: { items: [item], blindSpot }, rows: looked.rows };
}

/**
 * A copy holds what was there at its moment: rows that were registered later, and files that the live store wrote since,
 * need not be in it as they are listed now.
 */
function isExpected(copy: SecondCopy, row: ArtifactRow, live: LookedRow | undefined, skewMillis: number): boolean {
  if (copy.covers?.(row.objectKey) === false) return false;
  // A program that makes copies keeps the link, and what it leads to under another name, if at all.
  if (live?.is === 'link') return false;
  const latest = toMillis(copy.moment) - skewMillis;
  if (toMillis(row.createdAt) > latest) return false;
  const writtenAt = live?.file?.modifiedAt;
  return writtenAt === undefined || toMillis(writtenAt) <= toMillis(copy.moment) + MINUTE;
}
