import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { PhysicalContents } from '../backups/physical/physical-copy.ts';
import type { DumpOptions, DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import type { RecordedCopySample } from './copy-sample-line.ts';
import type { RecordedFileSet } from './recorded-file-set.ts';

type Depth = DumpOptions['depth'];

/** What reading one artifact gave, and when. */
export interface RecordedReading {
  readonly readAt: Instant;
  readonly outcome: DumpRecognition | { readonly failure: BlindSpot };
}

/** A snapshot of a key provider; of the names of keys in it only keyed digests came here. */
export interface RecordedSnapshot {
  readonly fact: Facts['provider-snapshot'];
  holds(mountUuid: string, keyName: string): boolean;
  /** Of a copy of files: when the file with the key's versions was last written; null where nothing tells. */
  writtenAt(mountUuid: string, keyName: string): Instant | null;
}

/** A location as it was read where it can be reached, and brought here in a bundle of that host. */
export interface RecordedLocation {
  readonly name: string;
  /** Host whose bundle it came in, as that host calls itself. */
  readonly host: string;
  readonly collectedAt: Instant;
  /** When its listing was done. */
  readonly listedAt: Instant;
  readonly locator: string;
  readonly attachment: Attachment;
  readonly files: readonly ArtifactFile[];
  readonly links: readonly ArtifactFile[];
  /** Why the listing is not all there is; null where it is. */
  readonly failure: BlindSpot | null;
  reading(path: string, depth: Depth): RecordedReading | null;
  /** Digests of what a dated copy holds of a path of the source host; null where none were taken. */
  digests(copy: string, sourcePath: string): Pick<Facts['file-copy'], 'digest' | 'digestOfModes' | 'links'> | null;
  /** Copies of files in snapshots, archives and listings; null where nobody told of any. */
  readonly fileSet: RecordedFileSet | null;
  /** What was found of files of a store in its snapshots; null where nobody looked for any. */
  copySample(root: string): RecordedCopySample | null;
  readonly snapshots: readonly RecordedSnapshot[];
  readonly notSnapshots: readonly Facts['unmatched-artifact'][];
  readonly snapshotsBlindSpot: BlindSpot | null;
  /** By purpose. */
  readonly physical: ReadonlyMap<string, PhysicalContents>;
  /** Null where nobody looked for packages. */
  readonly packages: readonly Facts['installer-package'][] | null;
}

const RECORDED = new WeakMap<ArtifactTree, RecordedLocation>();

/** A location of a bundle as a tree: it is listed as it was then, and nothing in it can be opened. */
export function recordedTree(recorded: RecordedLocation): ArtifactTree {
  const { locator, files, links, failure, name, host } = recorded;
  const tree: ArtifactTree = {
    locator,
    async *list(_signal, onLeftOut, under = '') {
      const isUnder = ({ path }: ArtifactFile) => under === '' || path.startsWith(`${under}/`);
      for (const link of links) if (isUnder(link)) onLeftOut?.(link);
      for (const file of files) if (isUnder(file)) yield file;
      if (failure !== null) throw errorOf(failure);
    },
    open: () => Promise.reject(notRead(name, host)),
    close: () => Promise.resolve(),
  };
  RECORDED.set(tree, recorded);
  return tree;
}

/** What a tree of {@link recordedTree} stands for; null of every other. */
export function recordedIn(tree: ArtifactTree): RecordedLocation | null {
  return RECORDED.get(tree) ?? null;
}

/** Whether an artifact can be read to that depth: what came in a bundle can only as far as it was read there. */
export function canBeRead(tree: ArtifactTree, path: string, depth: Depth): boolean {
  const recorded = recordedIn(tree);
  return recorded === null || recorded.reading(path, depth) !== null;
}

/** What was recorded of an artifact. @throws SourceError what reading it threw then, or that it was not read */
export function recordedRecognition(recorded: RecordedLocation, path: string, depth: Depth): DumpRecognition {
  const found = recorded.reading(path, depth);
  if (found === null) throw notRead(recorded.name, recorded.host);
  if ('failure' in found.outcome) throw errorOf(found.outcome.failure);
  return found.outcome;
}

function notRead(location: string, host: string): SourceError {
  return new SourceError(
    'not-asked',
    `location ${location}: a file in it was not read when host ${host} was collected`,
    'Collect that host again, with --depth full to have every copy read to its end: recoverage collect --plan.',
  );
}

function errorOf({ reason, detail, remedy }: BlindSpot): SourceError {
  return new SourceError(reason, detail, remedy);
}

/** Told of what is read of a tree, while it is read. */
export type ReadingRecorder = (
  path: string,
  depth: Depth,
  outcome: DumpRecognition | { readonly error: unknown },
) => void;

const RECORDERS = new WeakMap<ArtifactTree, ReadingRecorder>();

/** From now on `recorder` is told of every artifact of the tree that is read. */
export function recordReadings(tree: ArtifactTree, recorder: ReadingRecorder): void {
  RECORDERS.set(tree, recorder);
}

/** The recognition, told to the recorder of its tree, if it has one. @throws what `recognize` throws */
export async function noting(
  tree: ArtifactTree,
  path: string,
  depth: Depth,
  recognize: () => Promise<DumpRecognition>,
): Promise<DumpRecognition> {
  const recorder = RECORDERS.get(tree);
  if (recorder === undefined) return recognize();
  try {
    const recognition = await recognize();
    recorder(path, depth, recognition);
    return recognition;
  } catch (error) {
    recorder(path, depth, { error });
    throw error;
  }
}
