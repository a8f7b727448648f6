import type { Instant } from '../../../model/instant.ts';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';

/**
 * Many files on their way between threads: a column for each of their properties, as copying columns takes a fraction
 * of what copying objects does.
 */
export interface PackedFiles {
  readonly paths: readonly string[];
  readonly bytes: Float64Array;
  readonly modifiedAt: readonly Instant[];
  readonly versions: readonly (string | undefined)[];
  readonly linked: readonly (string | undefined)[];
}

export function packFiles(files: readonly ArtifactFile[]): PackedFiles {
  return {
    paths: files.map(({ path }) => path),
    bytes: Float64Array.from(files, ({ bytes }) => bytes),
    modifiedAt: files.map(({ modifiedAt }) => modifiedAt),
    versions: files.map(({ version }) => version),
    linked: files.map(({ linked }) => linked),
  };
}

/** What is told of each file with several names, by {@link ArtifactFile.linked}. */
export type ToldOfLinked = Map<string, Pick<ArtifactFile, 'modifiedAt' | 'version' | 'linked'>>;

/**
 * @param known of one listing, kept for all its parts: what is told of a file is in memory once for all its names, of which
 * directories of snapshots by hard links have hundreds
 */
export function* unpackFiles(
  packed: PackedFiles,
  known: ToldOfLinked = new Map(),
): Generator<ArtifactFile, void, undefined> {
  for (const [index, path] of packed.paths.entries()) {
    const bytes = packed.bytes[index] ?? 0;
    const modifiedAt = packed.modifiedAt[index] ?? '';
    const version = packed.versions[index];
    const linked = packed.linked[index];
    const told = version === undefined ? { modifiedAt } : { modifiedAt, version };
    yield linked === undefined
      ? { path, bytes, ...told }
      : { path, bytes, ...toldOnce(known, linked, { ...told, linked }) };
  }
}

function toldOnce(known: ToldOfLinked, linked: string, told: Pick<ArtifactFile, 'modifiedAt' | 'version' | 'linked'>) {
  const before = known.get(linked);
  if (before?.modifiedAt === told.modifiedAt && before.version === told.version) return before;
  known.set(linked, told);
  return told;
}
