import type { Secret } from '../../../../model/secret.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { readStanzaInfo } from '../../../formats/pgbackrest/backup-info.ts';
import { parseBackupLabel } from '../../../formats/pgbackrest/backup-label.ts';
import type { ArtifactFile, ArtifactTree } from '../../../trees/artifact-tree.ts';
import type { ArchiveReading, FullReading, PhysicalCopy, ReadingDepth, WalArchive } from '../physical-copy.ts';
import type { UnmatchedList } from '../unmatched-list.ts';
import type { StoredFiles } from './check-files.ts';
import type { CopyReading } from './copy-reading.ts';
import { archiveFullReading, copyFullReading } from './full-reading.ts';
import { type Loaded, loadInfo } from './load-info.ts';
import { type ArchiveReading as ReadingOfArchive, readArchive } from './read-archive.ts';
import { MANIFEST, MANIFEST_COPY, readCopy } from './read-copy.ts';
import { bytesOf, newestOf, type StanzaLayout } from './repository-layout.ts';

export interface StanzaReading {
  readonly tree: ArtifactTree;
  readonly depth: ReadingDepth;
  readonly passphrase: Secret | null;
  readonly signal: AbortSignal;
  readonly declaredServer: string | null;
  readonly unmatched: UnmatchedList;
}

export interface StanzaContents {
  readonly copies: readonly PhysicalCopy[];
  readonly archives: readonly WalArchive[];
  readonly fullReadings: ReadonlyMap<string, FullReading>;
  readonly archiveReadings: ReadonlyMap<string, ArchiveReading>;
  /** Why parts of the answer are missing. */
  readonly errors: readonly SourceError[];
}

/** Reads all of one stanza. @throws SourceError only when reading was interrupted */
export async function readStanza(layout: StanzaLayout, reading: StanzaReading): Promise<StanzaContents> {
  const { tree, signal, passphrase, declaredServer, unmatched } = reading;
  const stanza = layout.name;
  for (const file of layout.others) unmatched.add(file, 'no part of a pgBackRest repository', `backup/${stanza}`);
  const load = (name: string) => {
    const files = [layout.infoFiles.get(name) ?? null, layout.infoFiles.get(`${name}.copy`) ?? null] as const;
    return loadInfo(tree, files, readStanzaInfo, {
      passphrase,
      signal,
      absent: `${name} of stanza ${JSON.stringify(stanza)}`,
    });
  };
  const info = await load('backup.info');
  const archiveInfo = await load('archive.info');
  const errors = [info.error, archiveInfo.error].filter((error) => error !== null);
  for (const [name, loaded] of [
    ['backup.info', info],
    ['archive.info', archiveInfo],
  ] as const) {
    const file = layout.infoFiles.get(name);
    if (file !== undefined && loaded.damage !== null && loaded.value !== null) {
      unmatched.add(file, `${loaded.damage}; its copy was read in its place`, '');
    }
  }

  const infoModifiedAt = newestOf([...layout.infoFiles.values()]);
  const copies: PhysicalCopy[] = [];
  const fullReadings = new Map<string, FullReading>();
  const shared = { tree, depth: reading.depth, signal, declaredServer, stanza };
  for (const label of labelsOf(layout, info, unmatched)) {
    const files: StoredFiles = layout.backups.get(label) ?? new Map();
    const one: CopyReading = { ...shared, info, infoModifiedAt, stanzaError: info.error ?? archiveInfo.error };
    const { copy, error } = await readCopy(label, files, one);
    copies.push(copy);
    if (files.size > 0) fullReadings.set(copy.label, copyFullReading(label, files, copy, one, layout, archiveInfo));
    // Damage is told of the copy itself, and what closes backup.info closes everything below it.
    if (error !== null && error.reason !== 'malformed' && info.error?.reason !== 'unauthorized') errors.push(error);
  }

  const archives: WalArchive[] = [];
  const archiveReadings = new Map<string, ArchiveReading>();
  for (const [directory, files] of [...layout.archives].sort()) {
    try {
      const one: ReadingOfArchive = { ...shared, archiveInfo, backupInfo: info, unmatched };
      const read = await readArchive(directory, files, one);
      if (read === null) continue;
      archives.push(read);
      archiveReadings.set(read.path, archiveFullReading(directory, files, one));
    } catch (error) {
      if (signal.aborted || !(error instanceof SourceError)) throw error;
      errors.push(error);
    }
  }
  return { copies, archives, fullReadings, archiveReadings, errors };
}

/** Labels of the copies, oldest first; directories that are none are noted with their reason. */
function labelsOf(
  { name, backups }: StanzaLayout,
  info: Loaded<{ readonly backups: ReadonlyMap<string, unknown> }>,
  unmatched: UnmatchedList,
): readonly string[] {
  const labels = new Set(info.value?.backups.keys() ?? []);
  for (const [directory, files] of backups) {
    if (labels.has(directory)) continue;
    const because = whyNone(directory, files, info.value !== null);
    if (because === null) labels.add(directory);
    else unmatched.add(summed(`backup/${name}/${directory}`, files), because, `backup/${name}`);
  }
  return [...labels].sort();
}

function whyNone(directory: string, files: StoredFiles, hasInfo: boolean): string | null {
  if (parseBackupLabel(directory) === null) return 'a directory that is no backup of pgBackRest by its name';
  if (!files.has(MANIFEST)) {
    return files.has(MANIFEST_COPY)
      ? 'a backup of pgBackRest that was never finished, or is being made now'
      : 'the remains of a backup of pgBackRest, without a manifest';
  }
  return hasInfo ? 'a backup of pgBackRest that backup.info does not list: it cannot be restored by its label' : null;
}

function summed(path: string, files: StoredFiles): ArtifactFile {
  const all = [...files.values()];
  return { path, bytes: bytesOf(all), modifiedAt: newestOf(all) };
}
