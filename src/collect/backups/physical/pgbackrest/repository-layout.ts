import { type Instant, toInstant } from '../../../../model/instant.ts';
import type { ArtifactFile, ArtifactTree } from '../../../trees/artifact-tree.ts';

/** The files of one stanza, by what they belong to. */
export interface StanzaLayout {
  readonly name: string;
  /** `backup.info`, `backup.info.copy`, `archive.info` and `archive.info.copy`, by their names. */
  readonly infoFiles: ReadonlyMap<string, ArtifactFile>;
  /** Directories below `backup/STANZA`, each with its files by their path inside it. */
  readonly backups: ReadonlyMap<string, ReadonlyMap<string, ArtifactFile>>;
  /** Directories below `archive/STANZA`, such as `15-1`, each with its files. */
  readonly archives: ReadonlyMap<string, readonly ArtifactFile[]>;
  /** What lies beside all this. */
  readonly others: readonly ArtifactFile[];
}

export interface RepositoryLayout {
  readonly stanzas: readonly StanzaLayout[];
  /** Files outside `archive/` and `backup/`, or directly in them. */
  readonly others: readonly ArtifactFile[];
}

const HISTORY = 'backup.history';
const INFO_FILES = {
  backup: ['backup.info', 'backup.info.copy'],
  archive: ['archive.info', 'archive.info.copy'],
} as const;

interface Growing {
  readonly infoFiles: Map<string, ArtifactFile>;
  readonly backups: Map<string, Map<string, ArtifactFile>>;
  readonly archives: Map<string, ArtifactFile[]>;
  readonly others: ArtifactFile[];
}

/**
 * Lists a repository once: `backup/STANZA/LABEL/…` and `archive/STANZA/VERSION-NUMBER/…`. Manifests that are kept of
 * backups long gone (`backup.history`) are left out. The link `latest` is no file and not seen.
 *
 * @throws SourceError when a part of it cannot be listed
 */
export async function listRepository(tree: ArtifactTree, signal: AbortSignal): Promise<RepositoryLayout> {
  const stanzas = new Map<string, Growing>();
  const others: ArtifactFile[] = [];
  for await (const file of tree.list(signal)) {
    const [part = '', name, directory, ...inside] = file.path.split('/');
    if ((part !== 'backup' && part !== 'archive') || name === undefined || directory === undefined) {
      others.push(file);
      continue;
    }
    let stanza = stanzas.get(name);
    if (stanza === undefined) {
      stanza = { infoFiles: new Map(), backups: new Map(), archives: new Map(), others: [] };
      stanzas.set(name, stanza);
    }
    if (inside.length > 0) addInside(stanza, part, directory, inside.join('/'), file);
    else if (INFO_FILES[part].some((known) => known === directory)) stanza.infoFiles.set(directory, file);
    else stanza.others.push(file);
  }
  const sorted = [...stanzas].sort(([one], [other]) => (one < other ? -1 : 1));
  return { stanzas: sorted.map(([name, files]) => ({ name, ...files })), others };
}

function addInside(
  stanza: Growing,
  part: 'backup' | 'archive',
  directory: string,
  inside: string,
  file: ArtifactFile,
): void {
  if (part === 'archive') {
    const files = stanza.archives.get(directory);
    if (files === undefined) stanza.archives.set(directory, [file]);
    else files.push(file);
  } else if (directory !== HISTORY) {
    const files = stanza.backups.get(directory);
    if (files === undefined) stanza.backups.set(directory, new Map([[inside, file]]));
    else files.set(inside, file);
  }
}

/** Newest storage time of some files; the beginning of 1970 where there are none. */
export function newestOf(files: readonly ArtifactFile[]): Instant {
  const times = files.map(({ modifiedAt }) => modifiedAt).sort();
  return times.at(-1) ?? toInstant(0);
}

/** Bytes of some files together. */
export function bytesOf(files: readonly ArtifactFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}
