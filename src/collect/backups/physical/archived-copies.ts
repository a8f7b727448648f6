import { isSegmentName } from '../../formats/wal-segments.ts';
import { mustBeRestored } from '../archived-objects.ts';
import type { PhysicalContents, PhysicalCopy, WalArchive } from './physical-copy.ts';

/**
 * Makes copies unproven of which a file lies where nobody can read it until it is restored: whether it is there whole
 * was told by its listing, and a restore waits for hours at best. Of WAL it is noted which segments do.
 *
 * @param archived storage classes by path
 */
export function withArchived(contents: PhysicalContents, archived: ReadonlyMap<string, string>): PhysicalContents {
  if (archived.size === 0) return contents;
  const classes = classesOfPlaces(archived);
  const classOf = (path: string): string | undefined => classes.get(path === '.' ? '' : path);
  const copies = contents.copies.map((copy): PhysicalCopy => {
    const storageClass = classOf(copy.path);
    if (storageClass === undefined || copy.integrity === 'incomplete') return copy;
    const integrityBecause = `a part of it ${mustBeRestored(storageClass)}`;
    return { ...copy, integrity: 'unproven', integrityBecause, readToEnd: false };
  });
  const archives = contents.archives.map((archive): WalArchive => {
    const storageClass = classOf(archive.path);
    return storageClass === undefined
      ? archive
      : { ...archive, archived: { segments: segmentsBelow(archive.path, archived), storageClass } };
  });
  const { fullReadings, archiveReadings } = contents;
  return {
    ...contents,
    copies,
    archives,
    // What is certain to be refused is not asked for.
    ...(fullReadings === undefined
      ? {}
      : {
          fullReadings: new Map(
            [...fullReadings].filter(([label]) =>
              contents.copies.some((copy) => copy.label === label && classOf(copy.path) === undefined),
            ),
          ),
        }),
    ...(archiveReadings === undefined
      ? {}
      : { archiveReadings: new Map([...archiveReadings].filter(([path]) => classOf(path) === undefined)) }),
  };
}

/** The class of each such file, and of each directory with one in it. */
function classesOfPlaces(archived: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const classes = new Map<string, string>();
  for (const [path, storageClass] of archived) {
    for (let at = path; !classes.has(at); at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      classes.set(at, storageClass);
      if (at === '') break;
    }
  }
  return classes;
}

function segmentsBelow(directory: string, archived: ReadonlyMap<string, string>): readonly string[] {
  const below = directory === '.' ? '' : `${directory}/`;
  return [...archived.keys()].flatMap((path) => {
    const name = path.slice(path.lastIndexOf('/') + 1).slice(0, 24);
    return path.startsWith(below) && isSegmentName(name) ? [name] : [];
  });
}
