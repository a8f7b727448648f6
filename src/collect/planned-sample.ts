import type { BlindSpot } from '../model/evidence.ts';
import { byTime } from '../model/instant.ts';
import { SourceError } from '../model/source-error.ts';
import type { DrawnArtifacts } from './drawn-artifacts.ts';
import type { Collection } from './estate.ts';
import type { RowProblem } from './organizations/dataset-contract.ts';
import type { ArtifactRow } from './organizations/dataset-contracts.ts';
import type { FileSampleLine } from './recorded/file-sample-line.ts';
import { recordedFileProbe } from './recorded/recorded-file-probe.ts';
import { ELSEWHERE } from './stores/store-evidence.ts';
import type { TenantReading } from './tenant-live-evidence.ts';

type Database = Pick<TenantReading, 'database' | 'registered' | 'future' | 'stillListed' | 'rowsOfKeys'>;

/**
 * The rows of a database that were drawn when a plan was written, with what the install host found of their files. They
 * are as old as their draw: rows that came since could not be drawn, and those that are gone since tell nothing of what
 * the database lists.
 *
 * @param store directory of the store
 */
export async function plannedSample(
  collection: Pick<Collection, 'config' | 'joined' | 'asker' | 'signal'>,
  store: string,
  { database, registered, future, stillListed, rowsOfKeys }: Database,
): Promise<DrawnArtifacts | BlindSpot> {
  const found = collection.joined.fileSample(store, database);
  const line = found?.line;
  if (found === null || line === undefined)
    return collection.joined.store(store).length === 0 ? ELSEWHERE : NOT_PLANNED;
  const { rows, seed } = collection.config.collect.fileSample;
  if (line.rows !== rows || (seed !== undefined && seed !== line.seed)) return DRAWN_OTHERWISE;
  try {
    const rows = await withoutRewritten(line, rowsOfKeys);
    const listed = rows.length === 0 ? new Set() : await stillListed(rows.map(({ objectKey }) => objectKey));
    const drawn = rows.filter(({ objectKey }) => listed.has(objectKey));
    return {
      sample: {
        question: { rows: line.rows, seed: line.seed, before: line.before },
        method: line.method,
        estimate: line.estimate,
        rows: drawn,
        problems: Array.from({ length: line.unreadable }, () => UNREADABLE),
      },
      population: registered ?? line.population,
      gone: line.files.length - drawn.length,
      ...(future == null ? {} : { future }),
      stillListed,
      rowsOfKeys,
      lookedFor: {
        probe: recordedFileProbe(line, found.bundle.collectorHost),
        collectedAt: [line.drawnAt, line.collectedAt].sort(byTime)[0] ?? line.collectedAt,
      },
    };
  } catch (error) {
    collection.signal.throwIfAborted();
    if (!(error instanceof SourceError)) throw error;
    return collection.asker.blindSpotOf(error, 'artifacts');
  }
}

/**
 * Between the draw and the look a file may have been written again, with its row. Those that differ and are listed
 * otherwise by now show nothing. @throws SourceError
 */
async function withoutRewritten(
  { files }: FileSampleLine,
  rowsOfKeys: Database['rowsOfKeys'],
): Promise<readonly ArtifactRow[]> {
  const differing = new Set(
    files
      .filter(({ is, bytes, size, sha256, digest }) => {
        const otherSize = bytes !== null && size !== bytes;
        const otherSum = sha256 !== null && digest !== null && digest !== sha256.toLowerCase();
        return is === 'found' && (otherSize || otherSum);
      })
      .map(({ objectKey }) => objectKey),
  );
  const now = differing.size === 0 ? [] : await rowsOfKeys([...differing]);
  const listed = new Map(now.map((row) => [row.objectKey, row]));
  return files
    .filter(({ objectKey, bytes, sha256 }) => {
      const row = listed.get(objectKey);
      return !differing.has(objectKey) || (row !== undefined && row.bytes === bytes && row.sha256 === sha256);
    })
    .map(({ objectKey, bytes, sha256, createdAt }) => ({ objectKey, bytes, sha256, createdAt }));
}

const UNREADABLE: RowProblem = {
  dataset: 'artifacts',
  organizationId: null,
  column: '',
  problem: 'could not be read when the plan was written',
};
const NOT_PLANNED: BlindSpot = {
  reason: 'not-asked',
  detail: 'the install host was not asked for files of this database, as its plan names none',
  remedy:
    'Write a new plan with the names of files in it, and collect by it: recoverage plan, without --no-file-names.',
};
const DRAWN_OTHERWISE: BlindSpot = {
  reason: 'not-asked',
  detail: 'the rows whose files the install host looked for were drawn with another number or seed than is configured',
  remedy: 'Write a new plan, which draws as collect.fileSample says by now, and collect by it: recoverage plan.',
};
