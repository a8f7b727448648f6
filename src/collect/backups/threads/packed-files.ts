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

export function* unpackFiles(packed: PackedFiles): Generator<ArtifactFile, void, undefined> {
  for (const [index, path] of packed.paths.entries()) {
    const file = { path, bytes: packed.bytes[index] ?? 0, modifiedAt: packed.modifiedAt[index] ?? '' };
    const version = packed.versions[index];
    const linked = packed.linked[index];
    const told = version === undefined ? file : { ...file, version };
    yield linked === undefined ? told : { ...told, linked };
  }
}
