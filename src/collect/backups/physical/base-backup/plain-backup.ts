import { SourceError } from '../../../../model/source-error.ts';
import { readBackupManifest } from '../../../formats/base-backup/backup-manifest.ts';
import { type ChecksumAlgorithm, createChecksum } from '../../../formats/base-backup/file-checksum.ts';
import { LONG_HEADER_BYTES, parseWalPage } from '../../../formats/base-backup/wal-page.ts';
import { isAbsent } from '../../../trees/file-error.ts';
import {
  type BackupAccess,
  type BackupReading,
  type Findings,
  notePath,
  problemOf,
  withFile,
} from './backup-reading.ts';
import type { PlainCandidate } from './find-backups.ts';
import { compareWithManifest } from './manifest-comparison.ts';
import { noteSmallFile, SMALL_FILES } from './small-files.ts';
import { createWalFollower, segmentBytesIn, segmentsOf, walPresence } from './wal-inside.ts';

/**
 * Reads a base backup in plain format: a data directory. At `structure` the manifest and three small files are read;
 * the listing gives names and sizes. At `full` every file is read once.
 * @throws SourceError when a file cannot be read
 */
export async function readPlainBackup(
  candidate: PlainCandidate,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
): Promise<void> {
  const at = (path: string): string => (candidate.root === '' ? path : `${candidate.root}/${path}`);
  noteListing(candidate, reading);
  for (const [path, most] of SMALL_FILES) {
    if (!candidate.files.has(path)) continue;
    await problemOf(findings, async () =>
      noteSmallFile(path, await withFile(access, at(path), (reader) => reader.read(0, most)), reading, findings),
    );
  }
  await readFirstPage(candidate, access, reading);
  if (!candidate.files.has('backup_manifest')) return;
  const present = new Map([...candidate.files].map(([path, { bytes }]) => [path, bytes]));
  const checksumOf =
    access.depth === 'full' ? (path: string, how: ChecksumAlgorithm) => checksum(access, at(path), how) : null;
  const comparison = compareWithManifest(present, checksumOf, (oid) => isThere(access, at(`pg_tblspc/${oid}`)));
  await problemOf(findings, async () => {
    try {
      reading.manifest = await withFile(access, at('backup_manifest'), (reader) =>
        readBackupManifest(reader.stream(), (file) => {
          notePath(reading, file.path);
          return comparison.compare(file);
        }),
      );
      await comparison.conclude(findings);
    } finally {
      await comparison.settle();
    }
  });
  if (access.depth === 'structure') return;
  await followWal(candidate, access, reading, findings);
  reading.readToEnd = reading.manifest !== null;
}

/** True also of a link, which is not opened, and where the place does not tell. */
async function isThere({ tree, signal }: BackupAccess, path: string): Promise<boolean> {
  try {
    await (await tree.open(path, signal)).close();
    return true;
  } catch (error) {
    if (signal.aborted || !(error instanceof SourceError)) throw error;
    return !isAbsent(error.cause);
  }
}

function noteListing({ files }: PlainCandidate, reading: BackupReading): void {
  reading.databases = new Set();
  const segments = new Map<string, number>();
  for (const [path, { bytes }] of files) {
    notePath(reading, path);
    const segment = /^pg_wal\/([0-9A-F]{24})$/.exec(path)?.[1];
    if (segment !== undefined) segments.set(segment, bytes);
  }
  reading.segments = segments;
}

/** The system identifier, which a manifest before version 2 does not have, beside that of pg_control. */
async function readFirstPage({ root }: PlainCandidate, access: BackupAccess, reading: BackupReading): Promise<void> {
  const [segment] = [...(reading.segments ?? new Map<string, number>()).keys()].toSorted();
  if (segment === undefined) return;
  const path = `${root === '' ? '' : `${root}/`}pg_wal/${segment}`;
  const page = parseWalPage(await withFile(access, path, (reader) => reader.read(0, LONG_HEADER_BYTES)));
  reading.walSystemIdentifier = page?.long?.systemIdentifier ?? null;
}

async function checksum(access: BackupAccess, path: string, algorithm: ChecksumAlgorithm): Promise<string> {
  const running = createChecksum(algorithm);
  await withFile(access, path, async (reader) => {
    for await (const chunk of reader.stream()) running.add(chunk);
  });
  return running.hex();
}

async function followWal(
  { root }: PlainCandidate,
  access: BackupAccess,
  reading: BackupReading,
  findings: Findings,
): Promise<void> {
  const { manifest, segments } = reading;
  if (manifest === null || segments === null || walPresence(segments, manifest.walRanges) !== 'all') return;
  const segmentBytes = segmentBytesIn(segments);
  const identifier = manifest.systemIdentifier ?? reading.control?.systemIdentifier ?? null;
  const follower = createWalFollower(manifest.walRanges, segmentBytes, identifier);
  await problemOf(findings, async () => {
    for (const range of manifest.walRanges) {
      for (const segment of segmentsOf(range, segmentBytes)) {
        const records = follower.segment(segment);
        await withFile(access, `${root === '' ? '' : `${root}/`}pg_wal/${segment}`, async (reader) => {
          for await (const chunk of reader.stream()) for (const one of records) one.write(chunk);
        });
      }
    }
    follower.finish();
  });
}
