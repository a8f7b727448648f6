import { readBackupManifest } from '../../../formats/base-backup/backup-manifest.ts';
import { compressionOf } from '../../../formats/decompressed.ts';
import {
  type BackupAccess,
  type BackupReading,
  type Findings,
  notePath,
  problemOf,
  withFile,
} from './backup-reading.ts';
import type { SingleCandidate, TarCandidate } from './find-backups.ts';
import { compareWithManifest } from './manifest-comparison.ts';
import { readHead, type TarPart, walkArchive } from './tar-archives.ts';
import { createTarMembers, type TarMembers } from './tar-members.ts';

/**
 * Reads a base backup in tar format, archives side by side. At `structure` the manifest, the headers of uncompressed
 * archives and the beginnings of compressed ones are read; at `full` every byte.
 * @throws SourceError when a file cannot be read
 */
export async function readTarBackup(
  candidate: TarCandidate,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
): Promise<void> {
  const { manifest } = candidate;
  reading.databases = new Set();
  if (manifest !== null) {
    await problemOf(findings, async () => {
      reading.manifest = await withFile(access, manifest.path, (reader) =>
        readBackupManifest(reader.stream(), ({ path }) => notePath(reading, path)),
      );
    });
  }
  const contents = access.depth === 'full' ? (reading.manifest?.algorithm ?? 'CRC32C') : null;
  const sizes = new Map<string, number>();
  const members = createTarMembers({ reading, findings, contents, onManifestFile: null, sizes });
  let listed = true;
  for (const part of partsOf(candidate)) {
    if (!(await readPart(part, access, reading, findings, members))) listed = false;
  }
  if (!listed) {
    // What was seen is a part only: nothing follows from what is not in it.
    if (reading.manifest === null) reading.databases = null;
    reading.segments = null;
    return;
  }
  await problemOf(findings, async () => members.finish());
  if (manifest !== null && reading.manifest !== null) {
    const comparison = compareWithManifest(sizes, contents === null ? null : members.checksumOf, async () => false);
    await problemOf(findings, async () => {
      await withFile(access, manifest.path, (reader) => readBackupManifest(reader.stream(), comparison.compare));
      await comparison.conclude(findings);
    });
  }
  reading.readToEnd = access.depth === 'full' && reading.manifest !== null;
}

function partsOf({ base, tablespaces, wal }: TarCandidate): readonly TarPart[] {
  return [
    { file: base, prefix: '' },
    ...[...tablespaces].map(([oid, file]) => ({ file, prefix: `pg_tblspc/${oid}/` })),
    ...(wal === null ? [] : [{ file: wal, prefix: 'pg_wal/' }]),
  ];
}

/** False where its members are not all known. */
async function readPart(
  part: TarPart,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
  members: TarMembers,
): Promise<boolean> {
  const compression = compressionOf(part.file.path);
  let walked = false;
  const before = findings.problems.length;
  await problemOf(findings, async () => {
    if (access.depth === 'full' || compression === 'none') {
      walked = await walkArchive(access, part.file, members.visit(part.prefix), access.depth === 'full');
    } else await readHead(access, part, reading, findings);
  });
  if (!walked && findings.problems.length === before) findings.doubts.push(notWalked(compression, access));
  return walked && findings.problems.length === before;
}

function notWalked(compression: string, { depth }: BackupAccess): string {
  return depth === 'full'
    ? `its archives are compressed with ${compression}, which cannot be decompressed here (zstd needs Node.js 22.15; data made with a dictionary, a larger window or other filters are not opened)`
    : `its archives are compressed with ${compression}: only reading them to the end can tell`;
}

/**
 * Reads an archive that `pg_basebackup -Ft -D -` may have written: data directory, WAL and manifest in one.
 * False where it is something else.
 * @throws SourceError when the file cannot be read
 */
export async function readSingleTar(
  { file }: SingleCandidate,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
): Promise<boolean> {
  const part = { file, prefix: '' };
  const compression = compressionOf(file.path);
  const head = { firstMember: null as string | null };
  await problemOf(findings, async () => {
    head.firstMember = (await readHead(access, part, reading, findings)).firstMember;
  });
  if (head.firstMember !== 'backup_label') return false;
  if (access.depth === 'structure' && compression !== 'none') {
    findings.doubts.push(notWalked(compression, access));
    return true;
  }
  const full = access.depth === 'full';
  // What the manifest, its last member, calls for is to be known before the others are read.
  if (full && !(await walkForManifest(part, access, reading, findings))) return true;
  const contents = full ? (reading.manifest?.algorithm ?? 'CRC32C') : null;
  await problemOf(findings, async () => {
    const sizes = new Map<string, number>();
    const comparison = compareWithManifest(sizes, full ? (path) => members.checksumOf(path) : null);
    const members = createTarMembers({ reading, findings, contents, onManifestFile: comparison.compare, sizes });
    await walkArchive(access, file, members.visit(''), full);
    members.finish();
    if (reading.manifest !== null) await comparison.conclude(findings);
    reading.readToEnd = full && reading.manifest !== null;
  });
  return true;
}

async function walkForManifest(
  { file }: TarPart,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
): Promise<boolean> {
  const before = findings.problems.length;
  await problemOf(findings, async () => {
    await walkArchive(
      access,
      file,
      async ({ name }, content) => {
        if (name === 'backup_manifest') reading.manifest = await readBackupManifest(content.pieces());
        return undefined;
      },
      false,
    );
  });
  return findings.problems.length === before;
}
