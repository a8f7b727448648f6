import { MIRROR } from '../../model/mirror-copy.ts';
import { SourceError } from '../../model/source-error.ts';
import type { DatedCopies, DatedCopySettings } from '../hosts/dated-copies.ts';
import type { ArtifactFile, ArtifactTree } from '../trees/artifact-tree.ts';
import { copyContents } from './copy-contents.ts';

/**
 * A directory that is kept like its source, without dates in names, as rsync does it: one copy. Its moment is when the
 * completion marker was last written; the times of the files are those of their source and tell nothing.
 *
 * @throws SourceError when the location cannot be listed, or holds no completion marker
 */
export async function readMirrorSet(
  tree: ArtifactTree,
  { completionMarker }: DatedCopySettings,
  location: string,
  signal: AbortSignal,
): Promise<DatedCopies> {
  const contents = copyContents([], `location ${location}`);
  let marker: ArtifactFile | null = null;
  let files = 0;
  for await (const file of tree.list(signal)) {
    files += 1;
    if (file.path === completionMarker) marker = file;
    contents.add(file);
  }
  if (files === 0) return { copies: [], strays: [] };
  if (marker === null) {
    throw new SourceError(
      'malformed',
      `location ${location} is a mirror without its completion marker ${completionMarker ?? ''}: nothing tells of when it is`,
      `Let whatever writes the mirror write that file last: rsync … && touch MIRROR/${completionMarker ?? 'MARKER'}.`,
    );
  }
  const result = contents.result();
  return {
    copies: [
      {
        name: MIRROR,
        moment: marker.modifiedAt,
        complete: true,
        because: `its completion marker ${marker.path} was last written then`,
        files: new Map(result.files).set(marker.path, marker),
        directories: result.directories,
      },
    ],
    strays: [],
  };
}
