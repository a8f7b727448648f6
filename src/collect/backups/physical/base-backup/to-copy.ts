import type { Instant } from '../../../../model/instant.ts';
import { historyFileName } from '../../../formats/base-backup/backup-label.ts';
import type { WalRange } from '../../../formats/base-backup/backup-manifest.ts';
import type { PhysicalCopy } from '../physical-copy.ts';
import type { BackupHistory } from './backup-history.ts';
import type { BackupReading, Findings } from './backup-reading.ts';
import { timesOf } from './backup-times.ts';
import { segmentBytesOf, segmentSpan, walPresence } from './wal-inside.ts';

/** What of a copy does not come from its own content. */
export interface CopyPlace {
  readonly label: string;
  readonly path: string;
  readonly format: string;
  readonly bytes: number;
  readonly modifiedAt: Instant;
  readonly declaredServer: string | null;
  /** Archives holding WAL beside it, which may not have been looked into. */
  readonly hasWalArchive: boolean;
}

/** A copy as it is known before the ones that it needs are looked for, with where it began. */
export interface BaseBackup {
  readonly copy: PhysicalCopy;
  readonly startLsn: string | null;
  readonly incrementalFrom: { readonly lsn: string; readonly timeline: number } | null;
}

/** Puts together what was read of a base backup. */
export function toBaseBackup(
  place: CopyPlace,
  reading: BackupReading,
  findings: Findings,
  history: BackupHistory,
): BaseBackup {
  const { label, manifest, control } = reading;
  noteContradictions(reading, findings);
  const segmentBytes = segmentBytesOf(reading);
  const recorded = label === null ? null : history.find(historyFileName(label, segmentBytes), label);
  const ranges = rangesOf(reading, recorded?.stopLsn ?? null);
  const inside = walInside(place, reading, ranges, findings);
  const span = segmentSpan(ranges, segmentBytes);
  const systemIdentifier = manifest?.systemIdentifier ?? control?.systemIdentifier ?? reading.walSystemIdentifier;
  const incremental = reading.hasIncrementalFiles || (label?.incrementalFrom ?? null) !== null;
  const times = timesOf(reading, recorded?.stopTime ?? null);
  const copy: PhysicalCopy = {
    label: place.label,
    path: place.path,
    method: 'pg_basebackup',
    format: place.format,
    kind: incremental ? 'incremental' : 'full',
    needs: [],
    cluster: { systemIdentifier, endpoints: [], declaredServer: place.declaredServer },
    timeline: ranges.at(-1)?.timeline ?? label?.startTimeline ?? control?.timeline ?? null,
    databases: reading.databases === null ? null : [...reading.databases].map((oid) => ({ oid, name: null })),
    ...times,
    wal:
      label === null && ranges.length === 0
        ? null
        : {
            startLsn: ranges[0]?.startLsn ?? label?.startLsn ?? null,
            stopLsn: manifest === null && recorded === null ? null : (ranges.at(-1)?.endLsn ?? null),
            firstSegment: span?.first ?? label?.startSegment ?? null,
            lastSegment: manifest === null && recorded === null ? null : (span?.last ?? null),
            inside,
          },
    serverVersion: reading.version,
    toolVersion: null,
    bytes: place.bytes,
    modifiedAt: place.modifiedAt,
    ...integrityOf(reading, findings, inside),
    readToEnd: reading.readToEnd && findings.doubts.length === 0 && manifest?.filesWithoutChecksum === 0,
    encrypted: false,
    lockedUntil: null,
    domain: null,
  };
  return { copy, startLsn: copy.wal?.startLsn ?? null, incrementalFrom: label?.incrementalFrom ?? null };
}

function noteContradictions(
  { manifest, control, walSystemIdentifier, label }: BackupReading,
  findings: Findings,
): void {
  const identifiers = [manifest?.systemIdentifier, control?.systemIdentifier, walSystemIdentifier];
  const distinct = new Set(identifiers.filter((one) => one !== null && one !== undefined));
  if (distinct.size > 1) findings.problems.push('its manifest, pg_control and WAL are of different clusters');
  const range = manifest?.walRanges[0];
  if (manifest !== null && range === undefined)
    findings.problems.push('its manifest names no WAL to make it consistent');
  if (range !== undefined && label !== null && !sameLsn(range.startLsn, label.startLsn)) {
    findings.problems.push('its manifest and its backup_label are of different backups');
  }
}

/** `0/02000028` and `0/2000028` are the same place. */
export function sameLsn(one: string, other: string): boolean {
  const plain = (lsn: string): string => lsn.toUpperCase().replace(/(^|\/)0+(?=[0-9A-F])/g, '$1');
  return plain(one) === plain(other);
}

/** Of a copy without a manifest: from the start in its label to the end that archiving recorded, if it did. */
function rangesOf({ manifest, label }: BackupReading, stopLsn: string | null): readonly WalRange[] {
  if (manifest !== null) return manifest.walRanges;
  if (label === null) return [];
  const { startLsn, startTimeline } = label;
  return [
    {
      timeline: startTimeline ?? Number.parseInt(label.startSegment.slice(0, 8), 16),
      startLsn,
      endLsn: stopLsn ?? startLsn,
    },
  ];
}

function walInside(
  place: CopyPlace,
  { segments, manifest }: BackupReading,
  ranges: readonly WalRange[],
  findings: Findings,
): boolean {
  // Not told: the WAL may lie in a part that was not read, and the copy is unproven for it anyway.
  if (segments === null) return place.hasWalArchive || manifest !== null;
  const presence = walPresence(segments, ranges);
  if (presence === 'some' && manifest !== null) findings.problems.push('a part of the WAL that it needs is not in it');
  return presence === 'all';
}

function integrityOf(
  { manifest, readToEnd }: BackupReading,
  { problems, doubts }: Findings,
  inside: boolean,
): Pick<PhysicalCopy, 'integrity' | 'integrityBecause'> {
  const [problem] = problems;
  if (problem !== undefined) return { integrity: 'incomplete', integrityBecause: problem };
  const [doubt] = doubts;
  if (doubt !== undefined) return { integrity: 'unproven', integrityBecause: doubt };
  const wal = inside ? '' : '; the WAL that it needs is not in it';
  const files = `all ${manifest?.fileCount ?? 0} files of its manifest are there`;
  if (!readToEnd) {
    return { integrity: 'complete', integrityBecause: `${files} with their sizes; what is in them was not read${wal}` };
  }
  const without = manifest?.filesWithoutChecksum ?? 0;
  const checked =
    without === 0 ? 'with their sizes and checksums' : `with their sizes, but ${without} of them have no checksum`;
  return { integrity: 'complete', integrityBecause: `${files} ${checked}${wal}` };
}
