import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { MIRROR } from '../../model/mirror-copy.ts';
import type { Subject } from '../../model/subject.ts';
import { counted } from '../../model/text.ts';
import type { Collection, FileCopies } from '../estate.ts';
import { leftOutBelow } from '../file-sets/left-out-patterns.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import { DamagedData } from '../trees/damaged-data.ts';
import { copiedTreeDigest } from './copied-tree.ts';
import { type DatedCopy, type DirectoryContents, isIn, nameInCopy, namesInCopies, pathInCopy } from './dated-copies.ts';
import { keyedDigest, LARGEST_DIGESTED } from './file-digest.ts';
import { liveItself } from './live-itself.ts';
import { hostProbe } from './probe/host-probe.ts';
import { assertTold } from './told-of-copies.ts';

/**
 * Dated copies that are told of: the newest ones. Older ones say nothing that a control asks. Where contents are
 * compared, only those that are: of others it would not be known.
 */
const NEWEST = { none: 30, file: 5, tree: 3 } as const;

/** A path of the source host whose copies are looked for. */
export interface SourcePath {
  readonly path: string;
  /** Where it really is, where symbolic links lead there: most programs keep the links, and the files under this path. */
  readonly realPath?: string;
  /** What of it is compared: a small file's contents, those of all files of a directory, or nothing of a directory. */
  readonly digest: 'none' | 'file' | 'tree';
  /** True where the path stands for a bucket: only then what a service of AWS keeps may hold it. */
  readonly isBucket?: boolean;
  /** Whether a pattern of file names is of other organizations alone: of it nothing is told here. Absent: of none. */
  readonly isOfOthers?: (pattern: string) => boolean;
  /** True where the path is one of the host that this runs on. */
  readonly isHere?: boolean;
}

/** Copies of one source path, one answer for each location that holds file copies. */
export function fileCopyEvidence(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  fileCopies: readonly FileCopies[],
  subject: Subject,
  source: SourcePath,
): Promise<readonly AnyEvidence[]> {
  return Promise.all(
    fileCopies
      .filter((one) => one.location.config.kind !== 'aws' || source.isBucket === true)
      .map((one) =>
        collection.asker.ask({
          kind: 'file-copy',
          subject,
          source: `location ${one.location.config.name}`,
          operation: `list copies of ${source.path}`,
          locator: one.location.tree?.locator ?? one.location.config.name,
          ...(one.grade === undefined ? {} : { grade: one.grade }),
          answer: async () => ({
            items: one.copies === null ? [] : await copiesOf(collection, one, one.copies.copies, source),
            blindSpot: one.blindSpot,
          }),
        }),
      ),
  );
}

async function copiesOf(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  where: FileCopies,
  copies: readonly DatedCopy[],
  source: SourcePath,
): Promise<readonly Facts['file-copy'][]> {
  const names = namesInCopies(source, where.settings.sourceRoot);
  for (const name of names) assertTold(where, source, name);
  const facts: Facts['file-copy'][] = [];
  for (const copy of newestOf(copies, source, names, NEWEST[source.digest])) {
    const inside = nameInCopy(copy, names);
    if (inside === null) continue;
    const file = copy.files.get(inside);
    const contents = source.digest === 'file' || copy.statedPath !== undefined ? null : contentsOf(copy, inside, where);
    const present = isStated(copy, source) ?? (contents === null ? file !== undefined : contents.files > 0);
    const leavesOut = leftOutBelow(
      copy.excludes?.filter((pattern) => source.isOfOthers?.(pattern) !== true),
      inside,
    );
    const held = present ? await heldIn(collection, where, copy, inside, source) : { digest: null };
    const isRead = held.digest !== null;
    const links =
      source.isHere === true ? await liveItself(where, copy, { inside, path: source.path }, collection.signal) : 0;
    facts.push({
      location: where.location.config.name,
      copy: copy.name,
      moment: copy.moment,
      complete: copy.complete,
      because: copy.because,
      sourcePath: source.path,
      present,
      ...(contents === null ? {} : contents),
      ...(leavesOut === null ? {} : { leavesOut }),
      // What was read to its digest is not in doubt, and its bytes were looked at.
      ...(isRead || copy.doubt === undefined ? {} : { doubt: copy.doubt }),
      ...(isRead || copy.listedBy === undefined ? {} : { listedBy: copy.listedBy }),
      ...held,
      ...(isOnlyNul(collection, held.digest, file?.bytes) ? { complete: false, because: ONLY_NUL } : {}),
      ...(links === 0 ? {} : { complete: false, because: linksText(links) }),
    });
  }
  return facts;
}

/** The newest of each series that ever held the path; of a set that never did, the newest, which then say so. */
function newestOf(
  copies: readonly DatedCopy[],
  source: Pick<SourcePath, 'path' | 'realPath'>,
  names: readonly string[],
  most: number,
): readonly DatedCopy[] {
  const series = [...Map.groupBy(copies, (copy) => copy.series ?? '').values()];
  const holding = series.filter((of) =>
    of.some((copy) => names.some((name) => isIn(copy, name)) || isStated(copy, source) === true),
  );
  return (holding.length === 0 ? series : holding)
    .flatMap((of) => of.slice(0, most))
    .sort((a, b) => b.moment.localeCompare(a.moment) || (a.name < b.name ? -1 : 1));
}

/** Whether a copy that nobody looked into is stated to hold a path; null of every other. */
function isStated({ statedPath }: DatedCopy, { path, realPath = path }: Pick<SourcePath, 'path' | 'realPath'>) {
  return statedPath === undefined ? null : [path, realPath].some((one) => pathInCopy(one, statedPath) !== null);
}

type Digests = Pick<Facts['file-copy'], 'digest' | 'digestOfModes' | 'links'>;

/** Digests of what dated copies hold of one path of the source host, to be taken where the copies lie. */
export async function copiedDigests(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  where: FileCopies,
  source: SourcePath,
): Promise<readonly { readonly copy: string; readonly digests: Digests }[]> {
  const facts = await copiesOf(collection, where, where.copies?.copies ?? [], source);
  return facts
    .filter(({ digest }) => digest !== null)
    .map(({ copy, digest, digestOfModes, links }) => ({
      copy,
      digests: {
        digest,
        ...(digestOfModes === undefined ? {} : { digestOfModes }),
        ...(links === undefined ? {} : { links }),
      },
    }));
}

const ONLY_NUL = 'what it holds of the file are NUL bytes alone, as a crash leaves a file that was being written';

/** Told by the digest alone, wherever that was taken: a file of so many NUL bytes has one only. */
function isOnlyNul({ digestKey }: Pick<Collection, 'digestKey'>, digest: string | null, bytes = 0): boolean {
  if (digest === null || bytes === 0 || bytes > LARGEST_DIGESTED) return false;
  return digest === keyedDigest(digestKey.reveal(), Buffer.alloc(bytes));
}

function linksText(links: number): string {
  return `${counted(links, 'file')} in it ${links === 1 ? 'is the live one itself' : 'are the live ones themselves'} (by a hard link, a symbolic link or a mount), and no copy`;
}

/** The digests, or that nothing of the path can be had from a copy: its program met damaged data. */
async function heldIn(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  where: FileCopies,
  copy: DatedCopy,
  inside: string,
  source: SourcePath,
): Promise<Digests & Partial<Pick<Facts['file-copy'], 'complete' | 'because'>>> {
  try {
    return await digestsOf(collection, where, copy, inside, source);
  } catch (error) {
    if (!(error instanceof DamagedData)) throw error;
    const { detail } = collection.asker.blindSpotOf(error, `location ${where.location.config.name}`);
    return { digest: null, complete: false, because: `what it holds of the path cannot be read: ${detail}` };
  }
}

async function digestsOf(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  where: FileCopies,
  copy: DatedCopy,
  inside: string,
  { path: sourcePath, digest }: SourcePath,
): Promise<Digests> {
  const { tree } = where.location;
  if (tree === null || digest === 'none' || where.grade === 'declared') return { digest: null };
  const recorded = recordedIn(tree);
  if (recorded !== null) return recorded.digests(copy.name, sourcePath) ?? { digest: null };
  const { contents } = where;
  if (contents !== undefined) {
    const key = collection.digestKey.reveal();
    if (digest === 'file') return { digest: await contents.fileDigest(copy, inside, key) };
    const { bytes, files } = copy.directories.get(inside) ?? { bytes: 0, files: 0 };
    if (files === 0 || files > MOST_FILES_DIGESTED || bytes > MOST_DIGESTED) return { digest: null };
    return { digest: await contents.treeDigest(copy, inside, key, markerBelow(where, inside)) };
  }
  const above = copy.name === MIRROR ? '' : `${copy.name}/`;
  if (digest === 'file') {
    const bytes = copy.files.get(inside)?.bytes ?? Number.POSITIVE_INFINITY;
    if (bytes > LARGEST_DIGESTED) return { digest: null };
    return { digest: await digestOf(collection, where, `${above}${inside}`, bytes) };
  }
  const directory = inside === '' ? '' : `${inside}/`;
  const files = [...copy.files.values()]
    .filter(({ path }) => path.startsWith(directory))
    .map((file) => ({ ...file, path: file.path.slice(directory.length) }));
  const except = markerBelow(where, inside);
  const path = `${above}${inside}`.replace(/\/$/, '');
  const { digestKey, signal } = collection;
  return (
    (await copiedTreeDigest({ tree, path, files, except }, { probe: hostProbe, digestKey, signal })) ?? { digest: null }
  );
}

/** A copied directory with more bytes than this is not unpacked for a digest. */
const MOST_DIGESTED = 1024 ** 3;
/** Nor is one with more files. */
const MOST_FILES_DIGESTED = 200_000;

/** Path of the completion marker below a directory of a copy; null where it lies elsewhere. */
function markerBelow({ settings: { completionMarker: marker } }: FileCopies, inside: string): string | null {
  const above = inside === '' ? '' : `${inside}/`;
  return marker?.startsWith(above) === true ? marker.slice(above.length) : null;
}

/**
 * What a copy holds of a directory; where the copy's root stands for it, the completion marker is none of its files. Without
 * a sum of sizes where what is told as empty may hold what stands with another name of it.
 */
function contentsOf(copy: DatedCopy, inside: string, where: FileCopies): ToldContents {
  const { files, bytes } = countedIn(copy, inside, where);
  if (bytes > 0 || files === 0) return { files, bytes };
  const below = inside === '' ? '' : `${inside}/`;
  const isOpen = [...copy.files.values()].some((one) => one.isSizeElsewhere === true && one.path.startsWith(below));
  return isOpen || copy.countedOnly === true ? { files } : { files, bytes };
}

type ToldContents = Pick<DirectoryContents, 'files'> & Partial<DirectoryContents>;

function countedIn(copy: DatedCopy, inside: string, { settings }: FileCopies): DirectoryContents {
  const { files, bytes } = copy.directories.get(inside) ?? { files: 0, bytes: 0 };
  const marker =
    inside === '' && settings.completionMarker !== null ? copy.files.get(settings.completionMarker) : undefined;
  return marker === undefined ? { files, bytes } : { files: files - 1, bytes: bytes - marker.bytes };
}

async function digestOf(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  where: FileCopies,
  path: string,
  bytes: number,
): Promise<string | null> {
  if (where.location.tree === null) return null;
  const reader = await where.location.tree.open(path, collection.signal);
  try {
    return keyedDigest(collection.digestKey.reveal(), await reader.read(0, bytes));
  } finally {
    await reader.close();
  }
}
