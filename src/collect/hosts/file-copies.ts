import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, FileCopies } from '../estate.ts';
import { type DatedCopy, type DirectoryContents, pathInCopy } from './dated-copies.ts';
import { keyedDigest, LARGEST_DIGESTED } from './file-digest.ts';

/** Dated copies that are told of: the newest ones. Older ones say nothing that a control asks. */
const NEWEST = 30;
/** Copies whose small files are read for their digest. */
const DIGESTED = 5;

/** A path of the source host whose copies are looked for. */
export interface SourcePath {
  readonly path: string;
  /** A small file whose contents are compared; false for directories. */
  readonly digest: boolean;
}

/** Copies of one source path, one answer for each location that holds file copies. */
export function fileCopyEvidence(
  collection: Pick<Collection, 'asker' | 'signal' | 'digestKey'>,
  fileCopies: readonly FileCopies[],
  subject: Subject,
  source: SourcePath,
): Promise<readonly AnyEvidence[]> {
  return Promise.all(
    fileCopies.map((one) =>
      collection.asker.ask({
        kind: 'file-copy',
        subject,
        source: `location ${one.location.config.name}`,
        operation: `list copies of ${source.path}`,
        locator: one.location.tree?.locator ?? one.location.config.name,
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
  const inside = pathInCopy(source.path, where.settings.sourceRoot);
  if (inside === null) return [];
  const facts: Facts['file-copy'][] = [];
  for (const [position, copy] of copies.slice(0, NEWEST).entries()) {
    const file = copy.files.get(inside);
    const contents = source.digest ? null : contentsOf(copy, inside, where);
    const present = contents === null ? file !== undefined : contents.files > 0;
    const readable = source.digest && file !== undefined && file.bytes <= LARGEST_DIGESTED && position < DIGESTED;
    facts.push({
      location: where.location.config.name,
      copy: copy.name,
      moment: copy.moment,
      complete: copy.complete,
      because: copy.because,
      sourcePath: source.path,
      present,
      ...(contents === null ? {} : contents),
      digest: readable ? await digestOf(collection, where, `${copy.name}/${inside}`, file.bytes) : null,
    });
  }
  return facts;
}

/** What a copy holds of a directory; where the copy's root stands for it, the completion marker is none of its files. */
function contentsOf(copy: DatedCopy, inside: string, { settings }: FileCopies): DirectoryContents {
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
    return keyedDigest(collection.digestKey, await reader.read(0, bytes));
  } finally {
    await reader.close();
  }
}
