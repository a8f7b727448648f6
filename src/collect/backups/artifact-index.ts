import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { createLimiter } from '../concurrency.ts';
import type { DumpReading, DumpRecognition } from '../formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../formats/pg-dump/read-dump.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { claimedName } from './claimed-name.ts';

/** A place where dumps lie, with what the configuration says of it. */
export interface DumpLocation {
  readonly name: string;
  readonly tree: ArtifactTree;
  readonly timeZone: string | null;
  /** Servers whose databases lie here; null for all. */
  readonly servers: readonly string[] | null;
}

/** One dump found: a file, or a directory with its table of contents. */
export interface DumpArtifact {
  readonly location: DumpLocation;
  /** Of the file, or of the directory. */
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  /** The files of a directory dump, relative to it; null for a single file. */
  readonly files: readonly ArtifactFile[] | null;
  readonly reading: DumpReading;
  readonly claimedName: string | null;
}

/** What one location held. */
export interface LocationContents {
  readonly location: DumpLocation;
  readonly artifacts: readonly DumpArtifact[];
  readonly unmatched: readonly Facts['unmatched-artifact'][];
  /** Why the listing, or a part of it, is missing. */
  readonly blindSpot: BlindSpot | null;
  readonly fileCount: number;
}

const AT_ONCE = 12;

/**
 * Lists a location and reads the structure of every dump in it: header and table of contents, not the data. Nothing
 * is dropped: what is no dump comes back as unmatched, and one unreadable file does not hide the others.
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
  const files: ArtifactFile[] = [];
  const links: ArtifactFile[] = [];
  let blindSpot: BlindSpot | null = null;
  try {
    for await (const file of location.tree.list(signal, (link) => links.push(link))) files.push(file);
  } catch (error) {
    signal.throwIfAborted();
    blindSpot = blindSpotOf(error);
  }
  if (links.length > 0) blindSpot ??= linksOut(location);
  const artifacts: DumpArtifact[] = [];
  const unmatched: Facts['unmatched-artifact'][] = links.map((link) => ({
    ...link,
    what: 'symbolic link that leads out of the location, which is not followed',
    foundName: null,
  }));
  const limit = createLimiter(AT_ONCE);
  const readOne = async (candidate: Candidate) => {
    let recognition: DumpRecognition;
    try {
      recognition = await recognize(location, candidate, signal, 'structure');
    } catch (error) {
      signal.throwIfAborted();
      const reason = blindSpotOf(error);
      unmatched.push({ ...described(candidate), what: `could not be read: ${reason.detail}`, foundName: null });
      blindSpot ??= unread(location, reason);
      return;
    }
    if (recognition.kind !== 'dump') {
      unmatched.push({ ...described(candidate), what: recognition.what, foundName: null });
      return;
    }
    const claimed = claimedName(candidate.path, databaseNames);
    artifacts.push({
      location,
      ...described(candidate),
      files: candidate.files,
      reading: recognition.reading,
      claimedName: claimed,
    });
  };
  await Promise.all(candidatesOf(files).map((candidate) => limit(() => readOne(candidate))));
  return { location, artifacts, unmatched, blindSpot, fileCount: files.length };
}

/**
 * What lies behind such a link may be a copy, so that nobody can say that there is none. Paths are left to the list of
 * unmatched files: this is said of every database that could lie here, and no organization is told of another's files.
 */
function linksOut(location: DumpLocation): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `location ${location.name}: symbolic links in it lead out of it and are not followed`,
    remedy: 'Name the directory in which the files themselves lie as a location, with its own failure domain.',
  };
}

/** As {@link linksOut}, for a file that could not be opened. */
function unread(location: DumpLocation, { reason }: BlindSpot): BlindSpot {
  return {
    reason,
    detail: `location ${location.name}: a file in it could not be read`,
    remedy: 'Let the audit read every file of the location; those it could not read are listed as unmatched.',
  };
}

/** Reads a dump again, to its last byte. */
export async function readToEnd(artifact: DumpArtifact, signal: AbortSignal): Promise<DumpRecognition> {
  return recognize(artifact.location, artifact, signal, 'full');
}

interface Candidate {
  readonly path: string;
  readonly bytes: number;
  readonly modifiedAt: string;
  readonly files: readonly ArtifactFile[] | null;
}

function described(candidate: Candidate): Pick<Candidate, 'path' | 'bytes' | 'modifiedAt'> {
  return { path: candidate.path, bytes: candidate.bytes, modifiedAt: candidate.modifiedAt };
}

/** Single files, and directories that hold a `toc.dat` as one candidate with everything below them. */
function candidatesOf(files: readonly ArtifactFile[]): readonly Candidate[] {
  const directories = new Map<string, ArtifactFile[]>();
  for (const file of files) {
    if (file.path === 'toc.dat' || file.path.endsWith('/toc.dat')) directories.set(parentOf(file.path), []);
  }
  const candidates: Candidate[] = [];
  for (const file of files) {
    const directory = enclosing(file.path, directories);
    if (directory === null) candidates.push({ ...file, files: null });
    else directories.get(directory)?.push(file);
  }
  for (const [path, members] of directories) {
    const prefix = path === '' ? 0 : path.length + 1;
    candidates.push({
      path: path === '' ? '.' : path,
      bytes: members.reduce((sum, file) => sum + file.bytes, 0),
      modifiedAt:
        members
          .map((file) => file.modifiedAt)
          .sort()
          .at(-1) ?? '',
      files: members.map((file) => ({ ...file, path: file.path.slice(prefix) })),
    });
  }
  return candidates;
}

function enclosing(path: string, directories: ReadonlyMap<string, unknown>): string | null {
  if (directories.size === 0) return null;
  for (let parent = parentOf(path); ; parent = parentOf(parent)) {
    if (directories.has(parent)) return parent;
    if (parent === '') return null;
  }
}

function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

async function recognize(
  location: DumpLocation,
  candidate: Pick<Candidate, 'path' | 'files'>,
  signal: AbortSignal,
  depth: 'structure' | 'full',
): Promise<DumpRecognition> {
  if (candidate.files !== null) {
    const root = candidate.path === '.' ? '' : `${candidate.path}/`;
    return readDumpDirectory(candidate.files, (path) => location.tree.open(`${root}${path}`, signal), {
      depth,
      signal,
    });
  }
  const reader = await location.tree.open(candidate.path, signal);
  try {
    return await readDumpFile(reader, { depth, signal });
  } finally {
    await reader.close();
  }
}
