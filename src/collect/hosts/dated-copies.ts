import { normalize } from 'node:path/posix';
import { DAY, HOUR, type Instant, instantOrNull, toMillis } from '../../model/instant.ts';
import { instantText } from '../../model/text.ts';
import { localToInstants } from '../local-time.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';

/**
 * A backup set of dated copies, `<location>/<time>/…`: each directory is one copy of the host's files as of the time
 * in its name.
 */
export interface DatedCopySettings {
  readonly timeFormat: string;
  /** File in the copy's directory that is written last; null where there is none. */
  readonly completionMarker: string | null;
  readonly sourceRoot: string;
  readonly timeZone: string | null;
}

/** What lies below a directory, at any depth. */
export interface DirectoryContents {
  readonly files: number;
  /** Their sizes in sum. */
  readonly bytes: number;
}

/** One dated copy with the files in it. */
export interface DatedCopy {
  readonly name: string;
  readonly moment: Instant;
  readonly complete: boolean;
  /** Why it counts as complete or not: one sentence. */
  readonly because: string;
  /** Copies of one series follow one another; those of others hold other paths. Absent where all are of one. */
  readonly series?: string;
  /** Of a copy that nobody looked into: the path of the source host that it is stated to hold. */
  readonly statedPath?: string;
  /** True where there are too many files to name: of most, only the numbers in directories are known. */
  readonly countedOnly?: boolean;
  /** Patterns of what the program that made it was told to leave out; absent where it was told nothing, or does not tell. */
  readonly excludes?: readonly string[];
  /** Why what it holds may be damaged, where nobody knows which copies that is about. */
  readonly doubt?: string;
  /** The program that told of it by names and sizes. */
  readonly listedBy?: 'restic' | 'borg';
  /** Paths of files below the copy's directory. */
  readonly files: ReadonlyMap<string, ArtifactFile>;
  /** Every directory that holds a file, at any depth, without a trailing slash; the copy's own is `''`. */
  readonly directories: ReadonlyMap<string, DirectoryContents>;
}

/** A location's copies, newest first, and the files that belong to none. */
export interface DatedCopies {
  readonly copies: readonly DatedCopy[];
  readonly strays: readonly ArtifactFile[];
}

/** Lists a location and groups it into its copies. @throws SourceError when the listing fails */
export async function readDatedCopies(
  tree: ArtifactTree,
  settings: DatedCopySettings,
  signal: AbortSignal,
): Promise<DatedCopies> {
  const byName = new Map<string, ArtifactFile[]>();
  const strays: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) {
    const slash = file.path.indexOf('/');
    const name = slash < 0 ? '' : file.path.slice(0, slash);
    if (slash < 0 || parseCopyTime(name, settings.timeFormat, settings.timeZone) === null) {
      strays.push(file);
      continue;
    }
    const files = byName.get(name) ?? [];
    files.push({ ...file, path: file.path.slice(slash + 1) });
    byName.set(name, files);
  }
  const named = [...byName]
    .map(([name, files]) => ({
      name,
      files,
      moment: parseCopyTime(name, settings.timeFormat, settings.timeZone) ?? '',
    }))
    .sort((a, b) => b.moment.localeCompare(a.moment));
  return {
    strays,
    copies: named.map(({ name, files, moment }, position) => ({
      name,
      moment,
      ...completeness(files, { marker: settings.completionMarker, begunBy: begunBy(moment, settings) }, position > 0),
      files: new Map(files.map((file) => [file.path, file])),
      directories: directoriesOf(files),
    })),
  };
}

/**
 * A marker from before this was there before the copy was begun, such as one that hard links brought along from the copy
 * before. Some name a copy when it is done; names without a zone may be off by a day.
 */
function begunBy(moment: Instant, { timeFormat, timeZone }: DatedCopySettings): number {
  const isZoned = timeFormat.endsWith('Z') || timeZone !== null;
  return toMillis(moment) - (isZoned ? 6 : 30) * HOUR;
}

function completeness(
  files: readonly ArtifactFile[],
  { marker, begunBy: earliest }: { readonly marker: string | null; readonly begunBy: number },
  newerExists: boolean,
): Pick<DatedCopy, 'complete' | 'because'> {
  if (marker !== null) {
    const found = files.find((file) => file.path === marker);
    if (found === undefined) return { complete: false, because: `its completion marker ${marker} is missing` };
    if (toMillis(found.modifiedAt) < earliest) {
      const written = instantText(found.modifiedAt);
      const because = `its completion marker ${marker} is of ${written}, before the copy was begun: it came with what was copied`;
      return { complete: false, because };
    }
    return { complete: true, because: `its completion marker ${marker} is there` };
  }
  return newerExists
    ? { complete: true, because: 'a newer copy was begun after it' }
    : { complete: false, because: 'it is the newest, without a completion marker, and may still be written' };
}

function directoriesOf(files: readonly ArtifactFile[]): ReadonlyMap<string, DirectoryContents> {
  const directories = new Map<string, { files: number; bytes: number }>([['', { files: 0, bytes: 0 }]]);
  for (const file of files) {
    for (let end = file.path.lastIndexOf('/'); ; end = file.path.lastIndexOf('/', end - 1)) {
      const directory = end > 0 ? file.path.slice(0, end) : '';
      const known = directories.get(directory);
      if (known === undefined) directories.set(directory, { files: 1, bytes: file.bytes });
      else {
        known.files += 1;
        known.bytes += file.bytes;
      }
      if (end <= 0) break;
    }
  }
  return directories;
}

/** Where a path of the source host lies below a copy's directory; null when it is outside the source root. */
export function pathInCopy(sourcePath: string, sourceRoot: string): string | null {
  const root = trimmed(sourceRoot);
  const path = trimmed(sourcePath);
  if (root === '') return path;
  if (path === root) return '';
  return path.startsWith(`${root}/`) ? path.slice(root.length + 1) : null;
}

/** Names of a path in copies: its own, and that of where symbolic links lead; empty where both are outside the source root. */
export function namesInCopies(
  { path, realPath = path }: { readonly path: string; readonly realPath?: string | undefined },
  sourceRoot: string,
): readonly string[] {
  return [...new Set([path, realPath].flatMap((one) => pathInCopy(one, sourceRoot) ?? []))];
}

/** That of the names which a copy holds; the first where it holds none of them. Null where there is none. */
export function nameInCopy(copy: Pick<DatedCopy, 'files' | 'directories'>, names: readonly string[]): string | null {
  return names.find((name) => isIn(copy, name)) ?? names[0] ?? null;
}

/** Whether a file, or anything below a directory, is in a copy. */
export function isIn({ files, directories }: Pick<DatedCopy, 'files' | 'directories'>, name: string): boolean {
  return files.has(name) || directories.has(name);
}

/** How many steps below a copy's own directory one of its directories lies. */
export function stepsOf(directory: string): number {
  return directory === '' ? 0 : directory.split('/').length;
}

function trimmed(path: string): string {
  return normalize(path)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.')
    .join('/');
}

/** The instant in a copy's name by the configured format; null where the name does not fit it. */
export function parseCopyTime(name: string, format: string, timeZone: string | null): Instant | null {
  const zoned = format.endsWith('Z');
  const fields: string[] = [];
  const pattern = (zoned ? format.slice(0, -1) : format).replaceAll(
    /YYYY|MM|DD|HH|mm|ss|[\\^$.*+?()[\]{}|]/g,
    (token) => {
      if (!/^[A-Za-z]+$/.test(token)) return `\\${token}`;
      fields.push(token);
      return token === 'YYYY' ? '(\\d{4})' : '(\\d{2})';
    },
  );
  const match = new RegExp(`^${pattern}${zoned ? 'Z' : ''}$`).exec(name);
  if (match === null) return null;
  const value = (token: string, otherwise: string) => match[fields.indexOf(token) + 1] ?? otherwise;
  const field = (token: string, otherwise: string) => (fields.includes(token) ? value(token, otherwise) : otherwise);
  const day = `${field('YYYY', '')}-${field('MM', '01')}-${field('DD', '01')}`;
  const local = `${day}T${field('HH', '00')}:${field('mm', '00')}:${field('ss', '00')}`;
  const asUtc = Date.parse(`${local}Z`);
  // A day that the month does not have would be read as one of the next month.
  if (asUtc < DAY || instantOrNull(asUtc)?.startsWith(local) !== true) return null;
  // Without a zone the earliest reading is taken: a copy is never made to look newer than it may be.
  const earliest = zoned || timeZone === null ? asUtc : (localToInstants(local, timeZone)[0] ?? asUtc);
  return instantOrNull(earliest);
}
