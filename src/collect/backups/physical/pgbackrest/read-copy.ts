import type { Secret } from '../../../../model/secret.ts';
import { SourceError } from '../../../../model/source-error.ts';
import {
  type BackupManifest,
  type ManifestFile,
  readBackupManifest,
} from '../../../formats/pgbackrest/backup-manifest.ts';

import type { PhysicalCopy } from '../physical-copy.ts';
import { withReader } from '../repository-reading.ts';
import {
  checkContents,
  checkListed,
  emptyTally,
  type FileTally,
  type HeldFile,
  type StoredFiles,
} from './check-files.ts';
import type { CopyReading } from './copy-reading.ts';
import { type CopyVerdict, incomplete, unproven, verdictOf, verdictWithoutManifest } from './copy-verdict.ts';
import { describeCopy } from './describe-copy.ts';
import { type Loaded, loadInfo } from './load-info.ts';

export const MANIFEST = 'backup.manifest';
export const MANIFEST_COPY = 'backup.manifest.copy';

export interface ReadCopy {
  readonly copy: PhysicalCopy;
  /** Why a part of it could not be read; null where all could. */
  readonly error: SourceError | null;
}

/** Reads one backup by its manifest and its files. @throws SourceError only when reading was interrupted */
export async function readCopy(label: string, stored: StoredFiles, reading: CopyReading): Promise<ReadCopy> {
  const tally = emptyTally();
  const held: HeldFile[] = [];
  const references: References = { labels: new Set(), hasBlocks: false };
  const manifest = await loadManifest(label, stored, reading, { tally, held, references });
  const listed = reading.info.value?.backups.get(label) ?? null;
  const catalogued = listed ?? manifest.value?.catalogued ?? null;
  let error = manifest.error;
  let verdict: CopyVerdict;
  if (manifest.value === null) {
    verdict = (await appearedSince(label, stored, reading))
      ? unproven('it was finished while the repository was being read')
      : verdictWithoutManifest(manifest.error, reading.info.error);
  } else if (manifest.value.label !== label) {
    verdict = incomplete(
      `its manifest is that of another backup, ${JSON.stringify(manifest.value.label.slice(0, 40))}`,
    );
  } else {
    let unread: SourceError | null = null;
    if (reading.depth === 'full') {
      try {
        await checkContents(reading.tree, held, manifest.value, tally, reading.signal);
      } catch (failure) {
        if (reading.signal.aborted || !(failure instanceof SourceError)) throw failure;
        unread = failure;
        error = failure;
      }
    }
    verdict = verdictOf({
      tally,
      depth: reading.depth,
      unread,
      manifestDamage: manifest.damage,
      stanzaError: reading.stanzaError,
      pageErrors: catalogued?.['backup-error'] === true,
    });
  }
  const known = {
    label,
    stored,
    manifest: manifest.value,
    catalogued,
    isListed: listed !== null,
    verdict,
    // Which earlier backups hold blocks of a file stands in the file, by their places in the list of all.
    referenced: manifest.value === null || references.hasBlocks ? null : [...references.labels].sort(),
  };
  return { copy: describeCopy({ ...known, encrypted: reading.info.encrypted || manifest.encrypted }, reading), error };
}

/** Backups that hold files of another one, by what its manifest says of each file. */
interface References {
  readonly labels: Set<string>;
  hasBlocks: boolean;
}

/** What the files of a manifest are counted into. */
interface FileNotes {
  readonly tally: FileTally;
  readonly held: HeldFile[];
  readonly references: References;
}

async function loadManifest(
  label: string,
  stored: StoredFiles,
  { tree, depth, signal, info }: CopyReading,
  { tally, held, references }: FileNotes,
): Promise<Loaded<BackupManifest>> {
  const parse = (text: AsyncIterable<Uint8Array>, what: string): Promise<BackupManifest> => {
    Object.assign(tally, emptyTally());
    held.length = 0;
    references.labels.clear();
    references.hasBlocks = false;
    return readBackupManifest(text, what, (file, storage) => {
      if (file.reference !== null && file.reference !== label) references.labels.add(file.reference);
      references.hasBlocks ||= file.blockIncremental;
      const at = checkListed(ownOf(file, label), storage, stored, tally);
      if (at !== null && depth === 'full') held.push({ file, at });
    });
  };
  const passphrase: Secret | null = info.value?.passphrase ?? null;
  const files = [stored.get(MANIFEST) ?? null, stored.get(MANIFEST_COPY) ?? null] as const;
  return loadInfo(tree, files, parse, { passphrase, signal, absent: MANIFEST });
}

/** Old releases name the backup itself as the one that holds a file. */
function ownOf(file: ManifestFile, label: string): ManifestFile {
  return file.reference === label ? { ...file, reference: null } : file;
}

/** The repository is listed before backup.info is read, and a backup may end in between. */
async function appearedSince(
  label: string,
  stored: StoredFiles,
  { tree, stanza, signal }: CopyReading,
): Promise<boolean> {
  if (stored.has(MANIFEST)) return false;
  try {
    await withReader(tree, `backup/${stanza}/${label}/${MANIFEST}`, signal, async () => undefined);
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof SourceError)) throw error;
    return false;
  }
}
