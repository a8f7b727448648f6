import { gzipSync } from 'node:zlib';
import { historyFileName, parseBackupLabel } from '../../../src/collect/formats/base-backup/backup-label.ts';
import { readBackupManifest } from '../../../src/collect/formats/base-backup/backup-manifest.ts';
import { parseControlFile } from '../../../src/collect/formats/base-backup/control-file.ts';
import { parseWalPage } from '../../../src/collect/formats/base-backup/wal-page.ts';
import { createWalRecords } from '../../../src/collect/formats/base-backup/wal-records.ts';
import { newestWalTime } from '../../../src/collect/formats/base-backup/wal-times.ts';
import { FormatDamage } from '../../../src/collect/formats/format-damage.ts';
import { parseTimelineHistory } from '../../../src/collect/formats/timeline-history.ts';
import { DEFAULT_SEGMENT_BYTES } from '../../../src/collect/formats/wal-segments.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { readTree } from '../../collect/backups/physical/read-location.ts';
import { PLAIN, SINGLE, TAR } from '../../collect/backups/physical/small-base-backups.ts';
import { memoryTree } from '../../collect/memory-tree.ts';
import { formatFixture, unpackedFormat, withFewerLines } from '../fixtures.ts';
import { type Artifact, bytesOf, chunksOf, type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';
import { mendControlFile, mendManifest, mendWal } from '../mending.ts';

/** Of the pages in `wal-pages.gz`. */
const WAL = { start: 0x2000028, end: 0x2000100, segmentBytes: DEFAULT_SEGMENT_BYTES, timeline: 1 };
const COMPRESSED: Artifact = new Map(
  [...TAR].map(([name, bytes]) => (name.endsWith('.tar') ? [`${name}.gz`, gzipSync(bytes)] : [name, bytes])),
);

function manifest(): Artifact {
  const text = withFewerLines(
    unpackedFormat('backup_manifest.gz').toString(),
    (line) => line.startsWith('{ "Path"'),
    12,
  );
  // The last of the files in it, which is not followed by a comma, was left out.
  return oneFile(mendManifest(Buffer.from(text.replace('},\n],', '}\n],'))));
}

function locationOf(format: string, artifacts: readonly Artifact[]): readonly FuzzedParser[] {
  return (['structure', 'full'] as const).map((depth) => ({
    name: `base backup ${format}, ${depth}`,
    artifacts: () => artifacts,
    read: async (input) => (await readTree(memoryTree(input), depth)).copies[0]?.integrity ?? 'no copy',
    declared: [SourceError],
  }));
}

export const BASE_BACKUP_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'backup manifest',
    artifacts: () => [manifest()],
    read: async (input) => {
      await readBackupManifest(chunksOf(bytesOf(input)));
      return 'read';
    },
    declared: [FormatDamage],
    mend: mendManifest,
  },
  {
    name: 'backup_label and history file',
    artifacts: () =>
      ['backup_label', '000000010000000000000002.00000028.backup'].map((name) => oneFile(formatFixture(name))),
    read: (input) => historyFileName(parseBackupLabel(textOf(input)), DEFAULT_SEGMENT_BYTES).length.toString(),
    declared: [FormatDamage],
  },
  {
    name: 'pg_control',
    artifacts: () => [oneFile(unpackedFormat('pg_control.gz'))],
    read: (input) => {
      parseControlFile(bytesOf(input));
      return 'read';
    },
    declared: [FormatDamage],
    mend: mendControlFile,
  },
  {
    name: 'WAL page',
    artifacts: () => [oneFile(unpackedFormat('wal-pages.gz').subarray(0, 64))],
    read: (input) => (parseWalPage(bytesOf(input)) === null ? 'none' : 'a page'),
    declared: [],
  },
  {
    name: 'times in WAL',
    artifacts: () => [oneFile(unpackedFormat('wal-pages.gz'))],
    read: async (input) => (await newestWalTime(chunksOf(bytesOf(input)))) ?? 'none',
    declared: [],
    mend: mendWal,
  },
  {
    name: 'history of a timeline',
    artifacts: () => [
      oneFile(Buffer.from('1\t0/3000148\tno recovery target specified\n\n2\t0/5000000\tbefore 2026-11-22\n')),
    ],
    read: (input) => parseTimelineHistory(textOf(input), 3).length.toString(),
    declared: [FormatDamage],
  },
  {
    name: 'WAL records',
    artifacts: () => [
      oneFile(unpackedFormat('wal-pages.gz').subarray(0, 8192)),
      oneFile(unpackedFormat('wal-pages.gz')),
    ],
    read: (input) => {
      const records = createWalRecords({ ...WAL, systemIdentifier: null });
      for (let at = 0; at < bytesOf(input).length; at += 61) records.write(bytesOf(input).subarray(at, at + 61));
      records.finish();
      return 'whole';
    },
    declared: [FormatDamage],
    mend: mendWal,
  },
  ...locationOf('plain', [PLAIN]),
  ...locationOf('tar', [TAR, SINGLE]),
  ...locationOf('tar in gzip', [COMPRESSED]),
];
