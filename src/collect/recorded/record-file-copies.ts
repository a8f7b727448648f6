import type { FileCopies, OpenLocation } from '../estate.ts';
import { isToldByNames, readFileCopies } from '../file-sets/read-file-copies.ts';
import { type DatedCopy, pathInCopy, stepsOf } from '../hosts/dated-copies.ts';
import { copiedDigests } from '../hosts/file-copies.ts';
import { fileSetDefinition } from './file-set-definition.ts';
import type { PutAnswer, RecordingAccess } from './recording-access.ts';

/** Directories of all copies of one location that a bundle tells of. */
const MOST_DIRECTORIES = 200_000;
/** Files of all copies of one location that a bundle names. */
const MOST_NAMES = 500_000;
const IN_LINE = 1000;

type FilesAccess = Pick<RecordingAccess, 'asker' | 'signal' | 'secret' | 'digestKey' | 'copied'>;

/**
 * Reads the copies of files in a location as a scan would, and tells what can not be told by the names that lie there:
 * which copies are in snapshots, archives and listings, and digests of what copies hold.
 *
 * @param mostDirectories directories of all copies that are told of; of deeper ones it stays unknown what they hold
 */
export async function recordFileCopies(
  access: FilesAccess,
  open: OpenLocation,
  put: PutAnswer,
  mostDirectories: number = MOST_DIRECTORIES,
): Promise<void> {
  const kept = access.copied.map(({ path }) => path);
  const [found] = await readFileCopies(access, [open], kept);
  if (found === undefined) return;
  if (!isToldByNames(open.config)) await recordSet(found, kept, mostDirectories, put);
  if (found.copies === null) return;
  for (const source of access.copied) {
    try {
      for (const { copy, digests } of await copiedDigests(access, found, source)) {
        await put({ type: 'copied', location: open.config.name, copy, sourcePath: source.path, ...digests });
      }
    } catch {
      // What could not be compared is unknown where it is judged.
      access.signal.throwIfAborted();
    }
  }
}

async function recordSet(
  { location: { config }, settings, copies, grade, blindSpot }: FileCopies,
  kept: readonly string[],
  mostDirectories: number,
  put: PutAnswer,
): Promise<void> {
  const location = config.name;
  const deepest = deepestWithin(copies?.copies ?? [], mostDirectories);
  await put({
    type: 'file-set',
    location,
    definition: fileSetDefinition(config),
    kept,
    deepest,
    isDeclared: grade === 'declared',
    isListed: copies !== null,
    blindSpot,
  });
  const single = kept.flatMap((path) => pathInCopy(path, settings.sourceRoot) ?? []);
  let namesLeft = MOST_NAMES;
  for (const copy of copies?.copies ?? []) {
    const { name, moment, complete, because, series, statedPath, excludes, listedBy, files, directories } = copy;
    const isNamed = copy.countedOnly !== true && files.size <= namesLeft;
    if (isNamed) namesLeft -= files.size;
    await put({
      type: 'file-copy',
      location,
      name,
      moment,
      complete,
      because,
      ...(series === undefined ? {} : { series }),
      ...(statedPath === undefined ? {} : { statedPath }),
      ...(isNamed ? {} : { countedOnly: true }),
      ...(excludes === undefined ? {} : { excludes }),
      ...(listedBy === undefined ? {} : { listedBy }),
    });
    const named = isNamed ? [...files.values()] : single.flatMap((path) => files.get(path) ?? []);
    for (let at = 0; at < named.length; at += IN_LINE) {
      const part = named.slice(at, at + IN_LINE).map(({ path, bytes, modifiedAt, isSizeElsewhere }) => ({
        path,
        bytes,
        modifiedAt,
        ...(isSizeElsewhere === undefined ? {} : { isSizeElsewhere }),
      }));
      await put({ type: 'copy-files', location, copy: name, files: part });
    }
    const told = [...directories].filter(([path]) => deepest === null || stepsOf(path) <= deepest);
    for (let at = 0; at < told.length; at += IN_LINE) {
      const part = told.slice(at, at + IN_LINE).map(([path, contents]) => ({ path, ...contents }));
      await put({ type: 'copy-directories', location, copy: name, directories: part });
    }
  }
}

/** As many steps down from the root of each copy as may be told of in full; null: all of it. */
function deepestWithin(copies: readonly DatedCopy[], most: number): number | null {
  const ofSteps: number[] = [];
  for (const { directories } of copies) {
    for (const path of directories.keys()) {
      const steps = stepsOf(path);
      ofSteps[steps] = (ofSteps[steps] ?? 0) + 1;
    }
  }
  let sum = 0;
  for (let steps = 0; steps < ofSteps.length; steps += 1) {
    sum += ofSteps[steps] ?? 0;
    if (sum > most) return Math.max(0, steps - 1);
  }
  return null;
}
