import { parseBackupInfo } from '../../../src/collect/formats/barman/backup-info.ts';
import { parseIdentity } from '../../../src/collect/formats/barman/identity.ts';
import { parsePythonLiteral } from '../../../src/collect/formats/barman/python-literal.ts';
import { readSegmentList } from '../../../src/collect/formats/barman/segment-list.ts';
import { parseBackupName } from '../../../src/collect/formats/wal-g/backup-name.ts';
import { readDatabaseNames } from '../../../src/collect/formats/wal-g/database-names.ts';
import { looksEncrypted } from '../../../src/collect/formats/wal-g/part-encryption.ts';
import { readSentinel } from '../../../src/collect/formats/wal-g/sentinel.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { formatFixture } from '../fixtures.ts';
import { bytesOf, chunksOf, type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';

/* WAL-G cannot be had on the machines that run the tests: its texts follow its public source. */

const SENTINEL = `{"LSN":33554472,"Timeline":1,"DeltaLSN":null,"DeltaFrom":"base_000000010000000000000001",
"DeltaFullName":"base_000000010000000000000001","DeltaCount":1,"PgVersion":150020,"FinishLSN":33554784,
"SystemIdentifier":18364758544493064721,"UncompressedSize":1,"CompressedSize":1600,"Spec":{"a":["]",{}]},
"Version":2,"StartTime":"2026-11-22T02:00:00.123456789Z","FinishTime":"2026-11-22T02:05:00Z","IsPermanent":true}`;
const METADATA = `{"start_time":"2026-11-22T02:00:00.123456Z","finish_time":"2026-11-22T02:05:00.987654Z",
"date_fmt":"%Y-%m-%dT%H:%M:%S.%fZ","hostname":"db1","data_dir":"/var/lib/postgresql/15/main","pg_version":150020,
"start_lsn":33554472,"finish_lsn":33554784,"is_permanent":false,"system_identifier":7713355969234119887}`;
const DATABASES = `{"Files":{"/base/1/1259":{"IsIncremented":false,"MTime":"2026-11-22T02:00:00Z"}},
"DatabasesByNames":{"postgres":{"oid":5,"tables":{"public.t":{"oid":16384,"relfilenode":16384}}},"novantra":{"oid":16390}}}`;
const LITERAL = `[('it\\'s', 16387, '/srv/a "b"'), ("o", 2, '/x'), {'a': None, 1.5e3: [True]}]`;
const PART_NAMES = ['part_001.tar.lz4', 'part_001.tar.zst', 'part_001.tar', 'part_001.tar.br'];
const BACKUP_NAMES = [
  'base_000000010000000000000004_D_000000010000000000000002',
  'base_000000010000000000000002_00000040',
];

export const CATALOG_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'Barman backup.info',
    artifacts: () => [oneFile(formatFixture('barman-backup.info'))],
    read: (input) => String(parseBackupInfo(bytesOf(input)).status),
    declared: [SourceError],
  },
  {
    name: 'Barman literals',
    artifacts: () => [oneFile(LITERAL)],
    read: (input) => typeof parsePythonLiteral(textOf(input)),
    declared: [RangeError],
  },
  {
    name: 'Barman identity',
    artifacts: () => [oneFile(formatFixture('barman-identity.json'))],
    read: (input) => String(parseIdentity(bytesOf(input)).length > 0),
    declared: [SourceError],
  },
  {
    name: 'Barman segment list',
    artifacts: () => [oneFile(formatFixture('barman-xlog.db'))],
    read: async (input) => String((await readSegmentList(chunksOf(bytesOf(input)))).segments.size > 0),
    declared: [],
  },
  ...(['sentinel', 'metadata.json'] as const).map(
    (kind): FuzzedParser => ({
      name: `WAL-G ${kind}`,
      artifacts: () => [oneFile(kind === 'sentinel' ? SENTINEL : METADATA)],
      read: async (input) => {
        await readSentinel(chunksOf(bytesOf(input)), kind);
        return 'read';
      },
      declared: [SourceError],
    }),
  ),
  {
    name: 'WAL-G names of databases',
    artifacts: () => [oneFile(DATABASES)],
    read: async (input) => ((await readDatabaseNames(chunksOf(bytesOf(input)))) === null ? 'none' : 'some'),
    declared: [SourceError],
  },
  {
    name: 'WAL-G names',
    artifacts: () => BACKUP_NAMES.map(oneFile),
    read: (input) => (parseBackupName(textOf(input)) === null ? 'none' : 'a name'),
    declared: [],
  },
  {
    name: 'WAL-G parts',
    artifacts: () => [oneFile(Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x64, 0x40, 0xa7]))],
    read: (input) => PART_NAMES.map((name) => looksEncrypted(name, bytesOf(input))).join(),
    declared: [],
  },
];
