import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { type Instant, MINUTE, toMillis } from '../../model/instant.ts';
import { counted } from '../../model/text.ts';
import type { DumpReading, DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import { holdsAtMost } from '../formats/pg-dump/unpacked-size.ts';
import { canBeRead, recordedIn } from '../recorded/recorded-location.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import { mustBeRestored } from './archived-objects.ts';
import { claimedName } from './claimed-name.ts';
import { type ClosedArtifact, type ClosedArtifacts, closedArtifacts, fileNameClaim } from './closed-artifacts.ts';
import { type Candidate, candidatesOf, described } from './dump-candidates.ts';
import type { DumpLocation } from './dump-location.ts';
import { listLocation } from './list-location.ts';
import { listingTime } from './listing-time.ts';
import { recognizeEach, recognizeOne, type TakeRecognition } from './recognize-candidates.ts';
import { firstParts, partReading, partRecognition } from './split-files.ts';
import { type UnreadArtifact, type UnreadArtifacts, unreadArtifacts } from './unread-artifacts.ts';

/** One dump found: a file, or a directory with its table of contents. */
export interface DumpArtifact {
  readonly location: DumpLocation;
  /** Of the file, or of the directory. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  /** What the listing tells besides that changes with the content; null where it tells nothing. */
  readonly version: string | null;
  /** The files of a directory dump, relative to it; null for a single file. */
  readonly files: readonly ArtifactFile[] | null;
  readonly reading: DumpReading;
  readonly claimedName: string | null;
  /** True where it was written to in the minutes before the listing. */
  readonly isChanging?: boolean;
  /** Path of the second part, where it looks like the first of several. */
  readonly secondPart?: string;
  /** Set where `reading` is already that of the whole file: when it was read. */
  readonly readInFullAt?: Instant;
  /** Set beside it: whether this run read it. */
  readonly isReadNow?: boolean;
}

/** An output of pg_dumpall that holds the roles and settings of a cluster. */
export interface GlobalsDump {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly reading: DumpReading;
  /** True where there is no database in it: it is a copy of none. */
  readonly isGlobalsOnly: boolean;
}

/** The databases inside an output of pg_dumpall, by their names, and when it was read. */
export interface ClusterInside {
  readonly readAt: Instant;
  /** Whether this run read it. */
  readonly isNew: boolean;
  /** The file as a whole, as it was read. */
  readonly whole: DumpReading;
  readonly databases: ReadonlyMap<string, DumpArtifact>;
}

/** What one location held. */
export interface LocationContents {
  readonly location: DumpLocation;
  readonly artifacts: readonly DumpArtifact[];
  /** Outputs of pg_dumpall that hold roles; those that hold databases as well are among the artifacts too. */
  readonly globals: readonly GlobalsDump[];
  readonly dumpsByPath: ReadonlyMap<string, DumpArtifact>;
  /** What is inside each output of pg_dumpall that was read, by its path. */
  readonly insideClusters: ReadonlyMap<string, ClusterInside>;
  /** What is there and cannot be read as a dump. */
  readonly closed: ClosedArtifacts;
  /** What is there and could not be opened. */
  readonly unread: UnreadArtifacts;
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  /** Why the listing, or a part of it, is missing, or what every database's copy may be in; see `unread` for one's. */
  readonly blindSpot: BlindSpot | null;
  readonly fileCount: number;
  /** What files with several names share, see `ArtifactFile.linked`. */
  readonly linked?: ReadonlySet<string>;
}

/** Bytes from which on reading in full is work for a thread. */
const LARGE_ARTIFACT = 256 * 1024;

/**
 * Lists a location and reads the structure of every dump in it: header and table of contents, not the data. Nothing
 * is dropped: what is no dump comes back as closed, and as unmatched where no file name claims it; one unreadable file does not hide the others.
 *
 * @param databaseNames names of the install's databases, to say which one a file name claims
 * @param blindSpotOf turns a thrown error into a blind spot
 */
export async function readLocation(
  location: DumpLocation,
  databaseNames: ReadonlySet<string>,
  blindSpotOf: (error: unknown) => BlindSpot,
  signal: AbortSignal,
): Promise<LocationContents> {
  const { files, links, failure } = await listLocation(location.tree, signal);
  const listedAt = toMillis(listingTime(location));
  if (failure !== null) signal.throwIfAborted();
  let blindSpot = failure === null ? null : blindSpotOf(failure.error);
  const out = links.filter(({ special }) => special === undefined).length;
  if (out > 0) blindSpot ??= linksOut(location, out);
  const artifacts: DumpArtifact[] = [];
  const unmatched: Facts['unmatched-artifact'][] = links.map(({ path, bytes, modifiedAt, special }) => ({
    path,
    bytes,
    modifiedAt,
    what:
      special === undefined
        ? 'symbolic link that leads out of the location, which is not followed'
        : `${special}, which holds no copy`,
    foundName: null,
  }));
  const globals: GlobalsDump[] = [];
  const closed: ClosedArtifact[] = [];
  const unread: UnreadArtifact[] = [];
  const fileCount = files.length;
  const linked = new Set(files.flatMap((file) => file.linked ?? []));
  const candidates = [...candidatesOf(files)];
  const secondParts = firstParts(files);
  files.length = 0;
  const take: TakeRecognition = async (candidate, recognitionOf) => {
    let recognition: DumpRecognition;
    let globalsDump: GlobalsDump | null;
    try {
      recognition = await recognitionOf();
      globalsDump = await globalsIn(location, candidate, recognition, signal);
    } catch (error) {
      signal.throwIfAborted();
      const { detail, reason } = blindSpotOf(error);
      if (candidate.files !== null || candidate.bytes > 0) {
        unmatched.push({ ...described(candidate), what: `could not be read: ${detail}`, foundName: null });
        unread.push({ path: candidate.path, reason });
        return;
      }
      // Of a file without bytes the listing tells all there is to read.
      recognition = { kind: 'empty', what: `a file of 0 bytes, which could not be opened: ${detail}` };
      globalsDump = null;
    }
    if (recognition.kind !== 'dump') {
      const { kind, what } = recognition;
      const claimed = fileNameClaim(candidate.path, kind, databaseNames);
      const { version } = candidate;
      const isChanging = wasJustWritten(candidate, listedAt);
      closed.push({ location, ...described(candidate), version, kind, what, claimedName: claimed, isChanging });
      if (claimed === null) unmatched.push({ ...described(candidate), what, foundName: null });
      return;
    }
    const { reading } = recognition;
    if (globalsDump !== null) globals.push(globalsDump);
    if (globalsDump?.isGlobalsOnly === true) return;
    const claimed = claimedName(candidate.path, databaseNames, reading.databaseName);
    const { files, version } = candidate;
    const secondPart = secondParts.get(candidate.path);
    const told = partReading(restoredFirst(reading, files), secondPart);
    const isChanging = wasJustWritten(candidate, listedAt);
    const about = { ...described(candidate), version, files, claimedName: claimed, isChanging };
    const part = secondPart === undefined ? {} : { secondPart };
    artifacts.push({ location, ...about, ...part, reading: told });
  };
  await recognizeEach(location, candidates, signal, take);
  const unreadFiles = unreadArtifacts(location, unread, databaseNames);
  return {
    location,
    artifacts,
    globals,
    dumpsByPath: new Map(artifacts.map((artifact) => [artifact.path, artifact])),
    insideClusters: new Map(),
    closed: closedArtifacts(closed),
    unread: unreadFiles,
    unmatched,
    blindSpot: blindSpot ?? unreadFiles.aboutAll,
    fileCount,
    ...(linked.size === 0 ? {} : { linked }),
  };
}

/** Whoever writes a dump writes all the time. Clocks may differ. */
const JUST_WRITTEN = 5 * MINUTE;

function wasJustWritten({ modifiedAt }: Candidate, listedAt: number): boolean {
  return Math.abs(listedAt - toMillis(modifiedAt)) <= JUST_WRITTEN;
}

/** A directory of which a file must be restored first is not proven, though its table of contents can be read. */
function restoredFirst(reading: DumpReading, files: readonly ArtifactFile[] | null): DumpReading {
  const storageClass = files?.find(({ archivedIn }) => archivedIn !== undefined)?.archivedIn;
  if (storageClass === undefined || reading.integrity.state === 'incomplete') return reading;
  return { ...reading, integrity: { state: 'unproven', because: `a part of it ${mustBeRestored(storageClass)}` } };
}

/**
 * What lies behind such a link may be a copy, so that nobody can say that there is none. Paths are left to the list of
 * unmatched files: this is said of every database that could lie here, and no organization is told of another's files.
 */
function linksOut(location: DumpLocation, count: number): BlindSpot {
  const [leads, them] = count === 1 ? ['leads out of it and is', 'it'] : ['lead out of it and are', 'them'];
  return {
    reason: 'unsupported',
    detail: `location ${location.name}: ${counted(count, 'symbolic link')} in it ${leads} not followed; the list of unmatched files names ${them}`,
    remedy:
      'Name the directory in which the files themselves lie as a location, with its own failure domain, and remove the links that are listed as unmatched.',
  };
}

/** Unpacked. Roles and settings of thousands of users take a few MiB; what is larger holds databases. */
const MOST_GLOBALS = 16 * 1024 * 1024;

/**
 * The roles and settings in an output of pg_dumpall, which writes them first. Whether there is any database in it, and
 * of which names, only all of it tells; a larger one is known by its beginning and its end.
 */
async function globalsIn(
  location: DumpLocation,
  candidate: Candidate,
  recognition: DumpRecognition,
  signal: AbortSignal,
): Promise<GlobalsDump | null> {
  if (recognition.kind !== 'dump' || recognition.reading.format !== 'pg_dumpall-plain') return null;
  const isSmall = candidate.bytes <= MOST_GLOBALS && (await isShort(location, candidate, recognition.reading, signal));
  const whole = isSmall ? await readInFull(location, candidate, signal) : recognition;
  if (whole.kind !== 'dump' || !whole.reading.holdsRoles) return null;
  const { databases, integrity } = whole.reading;
  const isGlobalsOnly = isSmall && databases.length === 0 && integrity.state === 'complete';
  return { ...described(candidate), reading: whole.reading, isGlobalsOnly };
}

/** Whether all of it may be read: unpacked it is no larger either, and of what a bundle brought it was read then. */
async function isShort(
  { tree }: DumpLocation,
  { path }: Candidate,
  { wrapped }: DumpReading,
  signal: AbortSignal,
): Promise<boolean> {
  if (recordedIn(tree) !== null) return canBeRead(tree, path, 'full');
  if (wrapped === 'none') return true;
  const reader = await tree.open(path, signal);
  try {
    return await holdsAtMost(reader, MOST_GLOBALS, signal);
  } finally {
    await reader.close();
  }
}

/** Reads a dump again, to its last byte. */
export async function readToEnd(artifact: DumpArtifact, signal: AbortSignal): Promise<DumpRecognition> {
  if (artifact.readInFullAt !== undefined) return { kind: 'dump', reading: artifact.reading };
  return partRecognition(await readInFull(artifact.location, artifact, signal), artifact.secondPart);
}

function readInFull(
  location: DumpLocation,
  artifact: Pick<Candidate, 'path' | 'files' | 'bytes'>,
  signal: AbortSignal,
): Promise<DumpRecognition> {
  return recognizeOne(location, artifact, { depth: 'full', signal }, artifact.bytes >= LARGE_ARTIFACT);
}
