import { createHash } from 'node:crypto';
import type { BlindSpot } from '../../model/evidence.ts';
import { MIRROR } from '../../model/mirror-copy.ts';
import { SourceError } from '../../model/source-error.ts';
import type { FileCopies } from '../estate.ts';
import { type DatedCopy, pathInCopy } from '../hosts/dated-copies.ts';
import { type FileProbe, LARGEST_SUMMED } from '../stores/file-probe.ts';
import { nameText } from '../trees/file-name.ts';
import { type DeclaredCopy, isCredible, type SecondCopy, type StorePaths } from './second-copy.ts';

/**
 * The newest finished copy of a store in each backup set. A set that never held anything of it is no copy of it; whether
 * there has to be one is another question.
 */
export function datedCopiesOf(
  fileCopies: readonly FileCopies[],
  paths: StorePaths,
  signal: AbortSignal,
): readonly DeclaredCopy[] {
  return fileCopies.flatMap((where): readonly DeclaredCopy[] => {
    const location = where.location.config.name;
    const insides = paths.roots.flatMap((root) => pathInCopy(root, where.settings.sourceRoot) ?? []);
    if (insides.length === 0) return [];
    if (where.copies === null || (where.copies.copies.length === 0 && where.blindSpot !== null)) {
      return where.blindSpot === null ? [] : [{ location, blindSpot: where.blindSpot }];
    }
    const isOfStore = ({ directories }: DatedCopy) =>
      insides.some((inside) => (directories.get(inside)?.files ?? 0) > 0);
    const newest = where.copies.copies.find((copy) => whyPassedOver(copy, isOfStore(copy)) === null);
    if (newest === undefined) return [];
    if (newest.countedOnly === true) return [{ location, blindSpot: tooMany(location, newest.name) }];
    const probe = listedProbe(where, newest, paths, signal);
    const passedOver = passedOverBefore(newest, where.copies.copies, isOfStore);
    return [{ location, copy: newest.name, method: 'backup set', moment: newest.moment, probe, ...passedOver }];
  });
}

/** Why a copy is not looked into; null where it can be. */
function whyPassedOver({ complete, moment, because }: DatedCopy, isOfStore: boolean): string | null {
  if (!isCredible(moment)) return 'it is dated in the future';
  if (!complete) return because;
  return isOfStore ? null : 'it holds nothing of the store';
}

/** The newest copy that comes before the chosen one of its series: others are of other paths. */
function passedOverBefore(
  chosen: DatedCopy,
  copies: readonly DatedCopy[],
  isOfStore: (copy: DatedCopy) => boolean,
): Pick<SecondCopy, 'passedOver'> {
  const [first] = copies.filter(({ series }) => series === chosen.series);
  if (first === undefined || first === chosen) return {};
  const because = whyPassedOver(first, isOfStore(first)) ?? first.because;
  return { passedOver: { copy: first.name, moment: first.moment, because } };
}

function tooMany(location: string, copy: string): BlindSpot {
  return {
    reason: 'unsupported',
    detail: `location ${location}: ${copy} holds more files than can be named`,
    remedy: 'Keep the files of the install in a backup set of their own.',
  };
}

/** Names and sizes are those of the listing that the copy was recognized by; contents are read where they are asked for. */
function listedProbe(where: FileCopies, copy: DatedCopy, paths: StorePaths, signal: AbortSignal): FileProbe {
  const { tree, config } = where.location;
  const what = `backup set ${copy.name} in ${config.name}`;
  const fileOf = (key: string) =>
    paths.pathsOf(key).flatMap((path) => {
      const inside = pathInCopy(path, where.settings.sourceRoot);
      const file =
        inside === null ? undefined : (copy.files.get(inside) ?? copy.files.get(nameText(Buffer.from(inside))));
      return file === undefined ? [] : [file];
    })[0];
  return {
    locator: `${tree?.locator ?? config.name}/${copy.name}`,
    source: `location ${config.name}`,
    look: (key) => {
      if (paths.pathsOf(key).length === 0) return Promise.resolve({ is: 'refused' });
      const file = fileOf(key);
      if (file === undefined) return Promise.resolve({ is: 'missing' });
      const { modifiedAt, isSizeElsewhere } = file;
      const bytes = isSizeElsewhere === true ? null : file.bytes;
      return Promise.resolve({ is: 'found', bytes, modifiedAt, sha256: null, copied: null, locked: false });
    },
    async checksum(key, { bytes }) {
      const file = fileOf(key);
      // Out of an archive single files are had by reading all of it.
      const isArchived = where.contents !== undefined || where.told !== undefined;
      if (file === undefined || tree === null || isArchived || bytes === null || bytes > LARGEST_SUMMED) return null;
      try {
        const reader = await tree.open(copy.name === MIRROR ? file.path : `${copy.name}/${file.path}`, signal);
        try {
          const hash = createHash('sha256');
          for await (const chunk of reader.stream()) hash.update(chunk);
          return hash.digest('hex');
        } finally {
          await reader.close();
        }
      } catch (error) {
        signal.throwIfAborted();
        if (!(error instanceof SourceError)) throw error;
        // The name of the file is personal data, and the error may tell it.
        throw new SourceError(
          error.reason,
          `a file of ${what} could not be read`,
          'Let the user of the audit read the files of backup sets, where checksums are compared: recoverage permissions.',
        );
      }
    },
  };
}
