import type { BlindSpot } from '../../model/evidence.ts';
import type { DatedCopy, DirectoryContents } from '../hosts/dated-copies.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import type { CopyDirectoriesLine, CopyFilesLine, FileCopyLine, FileSetLine } from './file-set-lines.ts';

/** What is told of copies that another host read, and what is not. */
export interface ToldOfCopies {
  /** Paths of the source host of which single files are told in every copy. */
  readonly kept: readonly string[];
  /** Steps of the deepest directories that are told of, from the source root on; null where all are. */
  readonly deepest: number | null;
}

/** Copies of files that are no directories of their location, as a host read them. */
export interface RecordedFileSet extends ToldOfCopies {
  /** Digest of the settings that it was read by. */
  readonly definition: string;
  readonly isDeclared: boolean;
  /** Newest first; null where it could not be told which there are. */
  readonly copies: readonly DatedCopy[] | null;
  readonly blindSpot: BlindSpot | null;
}

/** Takes in the lines about one set, in their order. */
export interface FileSetBuilder {
  take(line: FileSetLine | FileCopyLine | CopyFilesLine | CopyDirectoriesLine): void;
  /** Null where no line opened a set. */
  build(): RecordedFileSet | null;
}

export function fileSetBuilder(): FileSetBuilder {
  let opening: FileSetLine | null = null;
  const copies: DatedCopy[] = [];
  let files = new Map<string, ArtifactFile>();
  let directories = new Map<string, DirectoryContents>();
  return {
    take(line) {
      switch (line.type) {
        case 'file-set':
          opening = line;
          break;
        case 'file-copy': {
          const { type: _type, location: _location, ...copy } = line;
          files = new Map();
          directories = new Map();
          copies.push({ ...copy, files, directories });
          break;
        }
        case 'copy-files':
          if (copies.at(-1)?.name !== line.copy) break;
          for (const file of line.files) files.set(file.path, file);
          break;
        case 'copy-directories':
          if (copies.at(-1)?.name !== line.copy) break;
          for (const { path, ...contents } of line.directories) directories.set(path, contents);
          break;
      }
    },
    build() {
      if (opening === null) return null;
      const { definition, kept, deepest, isDeclared, isListed, blindSpot } = opening;
      return { definition, kept, deepest, isDeclared, copies: isListed ? copies : null, blindSpot };
    },
  };
}
