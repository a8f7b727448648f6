import { toInstant } from '../../../../model/instant.ts';
import type { CataloguedBackup } from '../../../formats/pgbackrest/backup-info.ts';
import { parseBackupLabel } from '../../../formats/pgbackrest/backup-label.ts';
import type { BackupManifest } from '../../../formats/pgbackrest/backup-manifest.ts';
import { timelineOf } from '../../../formats/wal-segments.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import type { StoredFiles } from './check-files.ts';
import type { CopyReading } from './copy-reading.ts';
import { type CopyVerdict, unproven } from './copy-verdict.ts';
import { bytesOf, newestOf } from './repository-layout.ts';

/** What is known of one backup; null: could not be read. */
export interface KnownCopy {
  readonly label: string;
  readonly stored: StoredFiles;
  readonly manifest: BackupManifest | null;
  readonly catalogued: CataloguedBackup | null;
  /** Whether `backup.info` lists it; else what is `catalogued` comes from the manifest. */
  readonly isListed: boolean;
  readonly verdict: CopyVerdict;
  /** Labels of the backups that its manifest takes files from; null where it was not read, or does not tell all. */
  readonly referenced: readonly string[] | null;
  readonly encrypted: boolean;
}

/** One backup in the words that all tools share. */
export function describeCopy(
  { label, stored, manifest, catalogued, isListed, verdict, referenced, encrypted }: KnownCopy,
  {
    stanza,
    declaredServer,
    info,
    infoModifiedAt,
  }: Pick<CopyReading, 'stanza' | 'declaredServer' | 'info' | 'infoModifiedAt'>,
): PhysicalCopy {
  const files = [...stored.values()];
  const history = catalogued === null ? undefined : info.value?.history.get(catalogued['db-id']);
  const [inInfo, inManifest] = [history?.systemIdentifier ?? null, manifest?.systemIdentifier ?? null];
  const disagree = inInfo !== null && inManifest !== null && inInfo !== inManifest;
  const systemIdentifier = disagree ? null : (inInfo ?? inManifest);
  return {
    label: copyLabel(stanza, label),
    path: `backup/${stanza}/${label}`,
    method: 'pgbackrest',
    format: formatOf(manifest, encrypted),
    kind: parseBackupLabel(label)?.kind ?? 'full',
    needs: neededBy(label, catalogued, referenced).map((needed) => copyLabel(stanza, needed)),
    cluster: { systemIdentifier, endpoints: [], declaredServer },
    ...momentOf(catalogued, isListed),
    wal: catalogued === null ? null : walOf(catalogued),
    databases: manifest?.databases ?? null,
    serverVersion: history?.version ?? manifest?.serverVersion ?? null,
    toolVersion: catalogued?.['backrest-version'] ?? null,
    bytes: bytesOf(files),
    modifiedAt: files.length === 0 ? infoModifiedAt : newestOf(files),
    ...(disagree ? unproven('its manifest and backup.info name different clusters') : verdict),
    encrypted,
    lockedUntil: null,
    domain: null,
  };
}

/** Two stanzas may make backups in the same second, so a label alone is not unique in a repository. */
export function copyLabel(stanza: string, label: string): string {
  return `${stanza}/${label}`;
}

function formatOf(manifest: BackupManifest | null, encrypted: boolean): string {
  const words = ['repository'];
  if (manifest !== null) words.push(manifest.compression === 'none' ? 'not compressed' : manifest.compression);
  if (manifest?.bundled === true) words.push('bundled');
  if (encrypted) words.push('aes-256-cbc');
  return words.join(', ');
}

/**
 * Without a catalogue the label still tells the full backup that it began with. The list in a catalogue is of all backups
 * since then, also of those that no file is taken from: a restore goes by the manifest.
 */
export function neededBy(
  label: string,
  catalogued: Pick<CataloguedBackup, 'backup-reference' | 'backup-prior'> | null,
  referenced: readonly string[] | null = null,
) {
  const parsed = parseBackupLabel(label);
  if (parsed === null || parsed.kind === 'full') return [];
  const references = referenced ?? catalogued?.['backup-reference'] ?? [];
  return [...new Set([parsed.full, ...references])].filter((needed) => needed !== label);
}

function momentOf(
  catalogued: CataloguedBackup | null,
  isListed: boolean,
): Pick<PhysicalCopy, 'startedAt' | 'stoppedAt' | 'timesFrom' | 'timeline'> {
  if (catalogued === null)
    return { startedAt: null, stoppedAt: null, timesFrom: 'nothing that can be read', timeline: null };
  const segment = catalogued['backup-archive-stop'] ?? catalogued['backup-archive-start'] ?? null;
  return {
    startedAt: toInstant(catalogued['backup-timestamp-start'] * 1000),
    stoppedAt: toInstant(catalogued['backup-timestamp-stop'] * 1000),
    timesFrom: isListed ? 'backup.info' : 'backup.manifest',
    timeline: segment === null ? null : timelineOf(segment),
  };
}

/** A backup of a stopped cluster needs no WAL; one made with `archive-copy` holds its own. */
export function walOf(catalogued: CataloguedBackup): PhysicalCopy['wal'] {
  return {
    startLsn: catalogued['backup-lsn-start'] ?? null,
    stopLsn: catalogued['backup-lsn-stop'] ?? null,
    firstSegment: catalogued['backup-archive-start'] ?? null,
    lastSegment: catalogued['backup-archive-stop'] ?? null,
    inside: catalogued['option-archive-copy'] === true || catalogued['option-online'] === false,
  };
}
