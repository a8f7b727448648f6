import type { Secret } from '../../../../model/secret.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { infoFileText, looksEncrypted } from '../../../formats/pgbackrest/info-file.ts';
import type { ArtifactFile, ArtifactTree } from '../../../trees/artifact-tree.ts';
import { withReader } from '../repository-reading.ts';

const HEAD = 16;

/** A file that pgBackRest keeps twice, or why neither could be read. */
export type Loaded<T> = {
  readonly encrypted: boolean;
  /** Why the first one was not used; null where it was. */
  readonly damage: string | null;
} & ({ readonly value: T; readonly error: null } | { readonly value: null; readonly error: SourceError });

/**
 * Reads a file or, where that is not there or not whole, its `.copy`, as pgBackRest does.
 *
 * @param files the two, in this order; null for one that is not there
 * @throws SourceError only when reading was interrupted
 */
export async function loadInfo<T>(
  tree: ArtifactTree,
  files: readonly [ArtifactFile | null, ArtifactFile | null],
  parse: (text: AsyncIterable<Uint8Array>, what: string) => Promise<T>,
  options: { readonly passphrase: Secret | null; readonly signal: AbortSignal; readonly absent: string },
): Promise<Loaded<T>> {
  let encrypted = false;
  let first: SourceError | null = files[0] === null ? absent(options.absent) : null;
  for (const file of files) {
    if (file === null) continue;
    const what = fileName(file.path);
    try {
      const value = await withReader(tree, file.path, options.signal, async (reader) => {
        encrypted = looksEncrypted(await reader.read(0, HEAD)) || encrypted;
        return parse(infoFileText(reader.stream(), options.passphrase, what), what);
      });
      return { encrypted, value, error: null, damage: first?.message ?? null };
    } catch (error) {
      if (options.signal.aborted || !(error instanceof SourceError)) throw error;
      first = moreTelling(first, error);
    }
  }
  const error = first ?? absent(options.absent);
  return { encrypted, value: null, error, damage: error.message };
}

/** A closed door says more than a missing file. */
function moreTelling(first: SourceError | null, error: SourceError): SourceError {
  return first === null || (first.reason !== 'unauthorized' && error.reason === 'unauthorized') ? error : first;
}

function absent(what: string): SourceError {
  const remedy = 'Check that the location is the path of the repository (repo-path), and that its stanza was created.';
  return new SourceError('malformed', `${what} is not there`, remedy);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
