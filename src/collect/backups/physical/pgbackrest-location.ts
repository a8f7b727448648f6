import { SourceError } from '../../../model/source-error.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';
import { readPgBackRestInfoJson } from './pgbackrest-info-json.ts';
import { type PgBackRestReading, readPgBackRestRepository } from './pgbackrest-repository.ts';
import type { PhysicalContents } from './physical-copy.ts';
import { readSmallFile } from './repository-reading.ts';

/** The output of `pgbackrest info` takes some 1 KiB for each backup. */
const LARGEST_INFO = 64 * 1024 * 1024;

/**
 * Reads a location of pgBackRest: the repository itself, or the file that tells of one.
 *
 * @param info path in the location of the output of `pgbackrest info --output=json`; null: it is the repository
 * @throws SourceError when the file is not there or cannot be read
 */
export async function readPgBackRestLocation(
  tree: ArtifactTree,
  info: string | null,
  reading: PgBackRestReading,
): Promise<PhysicalContents> {
  if (info === null) return readPgBackRestRepository(tree, reading);
  const { declaredServer, signal, blindSpotOf } = reading;
  const text = new TextDecoder().decode(await readSmallFile(tree, info, LARGEST_INFO, signal));
  const file = await found(tree, info, signal);
  return readPgBackRestInfoJson(text, {
    path: info,
    modifiedAt: file.modifiedAt,
    declaredServer,
    repository: null,
    blindSpotOf,
  });
}

async function found(tree: ArtifactTree, path: string, signal: AbortSignal): Promise<ArtifactFile> {
  for await (const file of tree.list(signal)) if (file.path === path) return file;
  throw new SourceError('malformed', `${tree.locator} lists no ${path}`, 'Name the file as it lies in the location.');
}
