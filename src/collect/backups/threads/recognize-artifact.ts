import type { DumpOptions, DumpRecognition } from '../../formats/pg-dump/dump-reading.ts';
import { readDumpDirectory, readDumpFile } from '../../formats/pg-dump/read-dump.ts';
import type { ArtifactFile, ArtifactTree } from '../../trees/artifact-tree.ts';

/** A file, or a directory dump with the files below it, relative to it. */
export interface ArtifactPlace {
  readonly path: string;
  readonly files: readonly ArtifactFile[] | null;
}

/** Reads one artifact of a tree as a dump. @throws SourceError where it cannot be opened or read */
export async function recognizeArtifact(
  tree: ArtifactTree,
  { path, files }: ArtifactPlace,
  options: DumpOptions,
): Promise<DumpRecognition> {
  const { signal } = options;
  if (files !== null) {
    const root = path === '.' ? '' : `${path}/`;
    return readDumpDirectory(files, (below) => tree.open(`${root}${below}`, signal), options);
  }
  const reader = await tree.open(path, signal);
  try {
    return await readDumpFile(reader, options);
  } finally {
    await reader.close();
  }
}
