import { toInstant } from '../../../../model/instant.ts';
import { readBackupManifest } from '../../../formats/base-backup/backup-manifest.ts';
import { type ChecksumAlgorithm, createChecksum } from '../../../formats/base-backup/file-checksum.ts';
import type { ManifestFile } from '../../../formats/base-backup/manifest-file.ts';
import { isSegmentSize, LONG_HEADER_BYTES, parseWalPage } from '../../../formats/base-backup/wal-page.ts';
import type { WalRecords } from '../../../formats/base-backup/wal-records.ts';
import { FormatDamage } from '../../../formats/format-damage.ts';
import type { TarContent, TarMember } from '../../../formats/tar-walk.ts';
import { type BackupReading, type Findings, notePath } from './backup-reading.ts';
import { noteSmallFile, SMALL_FILES } from './small-files.ts';
import { createWalFollower, type WalFollower } from './wal-inside.ts';

/** What the members of a backup's archives are, by their path in the data directory. */
export interface TarMembers {
  /** Checksum of a member, where contents were read. */
  checksumOf(path: string): string | null;
  visit(prefix: string): (member: TarMember, content: TarContent) => Promise<undefined>;
  /** To be called after the last archive. @throws FormatDamage when the WAL inside does not reach the end of the backup */
  finish(): void;
}

export interface MemberReading {
  readonly reading: BackupReading;
  readonly findings: Findings;
  /** Read every byte and compute checksums of this kind; null where contents are passed over. */
  readonly contents: ChecksumAlgorithm | null;
  /** Takes the files of a manifest that is a member itself; null where that is to be passed over. */
  readonly onManifestFile: ((file: ManifestFile) => void | Promise<void>) | null;
  /** Filled with the sizes of the members. */
  readonly sizes: Map<string, number>;
}

const SEGMENT = /^pg_wal\/([0-9A-F]{24})$/;
const MANIFEST = 'backup_manifest';

/** Takes in the members of one archive after the other, WAL in ascending order. */
export function createTarMembers(how: MemberReading): TarMembers {
  const { reading, findings, contents, onManifestFile, sizes } = how;
  const checksums = new Map<string, string>();
  const segments = new Map<string, number>();
  let follower: WalFollower | null = null;
  reading.segments = segments;
  reading.databases ??= new Set();

  const recordsOf = (segment: string, bytes: number): WalRecords[] => {
    if (contents === null || reading.manifest === null || !isSegmentSize(bytes)) return [];
    follower ??= createWalFollower(reading.manifest.walRanges, bytes, reading.manifest.systemIdentifier);
    return follower.segment(segment);
  };

  const note = (path: string, { size, modifiedSeconds }: TarMember): void => {
    if (sizes.has(path)) throw new FormatDamage(`it holds the file ${JSON.stringify(path.slice(0, 120))} twice`);
    sizes.set(path, size);
    notePath(reading, path);
    const modifiedAt = modifiedSeconds > 0 ? toInstant(Math.min(modifiedSeconds, 253_402_300_799) * 1000) : null;
    if (modifiedAt !== null && modifiedAt > (reading.newestMember ?? '')) reading.newestMember = modifiedAt;
  };

  /** The beginning of the few members that are looked into. */
  const lookAt = async (path: string, member: TarMember, content: TarContent): Promise<Uint8Array> => {
    const most = SMALL_FILES.get(path);
    if (most !== undefined) {
      const bytes = await content.take(Math.min(most, member.size));
      noteSmallFile(path, bytes, reading, findings);
      return bytes;
    }
    const segment = SEGMENT.exec(path)?.[1];
    if (segment === undefined) return new Uint8Array(0);
    segments.set(segment, member.size);
    const isFirst = segments.size === 1;
    const bytes = isFirst ? await content.take(Math.min(LONG_HEADER_BYTES, member.size)) : new Uint8Array(0);
    if (isFirst) reading.walSystemIdentifier = parseWalPage(bytes)?.long?.systemIdentifier ?? null;
    return bytes;
  };

  const readContent = async (path: string, member: TarMember, content: TarContent, begin: Uint8Array) => {
    const segment = SEGMENT.exec(path)?.[1];
    let records = segment === undefined ? [] : recordsOf(segment, member.size);
    const checksum = contents === null ? null : createChecksum(contents);
    const add = (bytes: Uint8Array): void => {
      checksum?.add(bytes);
      try {
        for (const one of records) one.write(bytes);
      } catch (error) {
        if (!(error instanceof FormatDamage)) throw error;
        findings.problems.push(error.message);
        records = [];
        follower = null;
        reading.segments = null;
      }
    };
    add(begin);
    for await (const bytes of content.pieces()) add(bytes);
    if (checksum !== null) checksums.set(path, checksum.hex());
  };

  return {
    checksumOf: (path) => checksums.get(path) ?? null,
    visit: (prefix) => async (member, content) => {
      if (member.type === '5' || member.type === '2') return undefined;
      if (member.type !== '0' && member.type !== '\0') {
        findings.doubts.push('its tar archive has a member of a type that pg_basebackup does not write');
        return undefined;
      }
      const path = prefix + member.name;
      note(path, member);
      if (path === MANIFEST && onManifestFile !== null) {
        reading.manifest = await readBackupManifest(content.pieces(), onManifestFile);
        return undefined;
      }
      const begin = await lookAt(path, member, content);
      if (contents !== null) await readContent(path, member, content, begin);
      return undefined;
    },
    finish: () => follower?.finish(),
  };
}
