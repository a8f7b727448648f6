import { readPgBackRestInfoJson } from '../../../src/collect/backups/physical/pgbackrest-info-json.ts';
import {
  isOtherArchivePart,
  parseArchivedSegment,
  parseArchiveId,
} from '../../../src/collect/formats/pgbackrest/archived-segment.ts';
import { readStanzaInfo } from '../../../src/collect/formats/pgbackrest/backup-info.ts';
import { parseBackupLabel } from '../../../src/collect/formats/pgbackrest/backup-label.ts';
import { readBackupManifest } from '../../../src/collect/formats/pgbackrest/backup-manifest.ts';
import { infoFileText } from '../../../src/collect/formats/pgbackrest/info-file.ts';
import { compareContent, type Storage } from '../../../src/collect/formats/pgbackrest/stored-content.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { formatFixture, unpackedFormat, withFewerLines } from '../fixtures.ts';
import { bytesOf, chunksOf, type FuzzedParser, oneFile, textOf } from '../fuzzed-parser.ts';
import { mendInfo } from '../mending.ts';

const REPOSITORY = new Secret('correct horse');
/** What the encrypted manifest of that repository says its files are opened with. */
const FILES = new Secret('x6ndAhlk0Cw84QUc4haOGVIurqAHfY388AObwkAChb2kKes7/mzgfkV1mMoEf4qP');
/** Of `global/1262`, by the manifests. */
const SHA1 = 'd78320c4e31e463798c5599db353465291ccdf4b';
const PLAIN: Storage = { compression: 'gz', passphrase: null, plainFile: true };
const ENCRYPTED: Storage = { ...PLAIN, passphrase: FILES };

const NAMES = [
  '20261128-223949F_20261128-224015I',
  '000000010000000000000002-e812a3c274270aa19c98a66ef4bb1a241126f919.gz',
  '000000010000000000000002.00000028.backup',
  '15-1',
];

function storedFile(name: string, file: string, storage: Storage): FuzzedParser {
  return {
    name: `pgBackRest ${name}`,
    artifacts: () => [oneFile(formatFixture(file))],
    read: async (input) => {
      const expected = { bytes: 8192, sha1: SHA1, storedSha1: null };
      return (await compareContent(chunksOf(bytesOf(input)), expected, storage)).state;
    },
    declared: [SourceError],
  };
}

function blindSpotOf(error: unknown) {
  if (!(error instanceof SourceError)) throw error;
  return { reason: error.reason, detail: error.message, remedy: error.remedy };
}

export const PGBACKREST_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'pgBackRest info files',
    artifacts: () => ['pgbackrest-archive.info', 'pgbackrest-backup.info'].map((name) => oneFile(formatFixture(name))),
    read: async (input) => {
      await readStanzaInfo(infoFileText(chunksOf(bytesOf(input)), null, 'the file'), 'the file');
      return 'read';
    },
    declared: [SourceError],
    mend: mendInfo,
  },
  {
    name: 'pgBackRest encrypted info file',
    artifacts: () => [oneFile(formatFixture('pgbackrest-encrypted-archive.info'))],
    read: async (input) => {
      await readStanzaInfo(infoFileText(chunksOf(bytesOf(input)), REPOSITORY, 'the file'), 'the file');
      return 'read';
    },
    declared: [SourceError],
  },
  {
    name: 'pgBackRest manifest',
    artifacts: () => {
      const whole = unpackedFormat('pgbackrest-backup.manifest.gz').toString();
      return [oneFile(mendInfo(Buffer.from(withFewerLines(whole, (line) => /^pg_data\/.*=\{/.test(line), 10))))];
    },
    read: async (input) => {
      await readBackupManifest(infoFileText(chunksOf(bytesOf(input)), null, 'the file'), 'the file', () => undefined);
      return 'read';
    },
    declared: [SourceError],
    mend: mendInfo,
  },
  storedFile('stored file', 'pgbackrest-stored-file.gz', PLAIN),
  storedFile('encrypted file', 'pgbackrest-encrypted-file.gz', ENCRYPTED),
  {
    name: 'pgBackRest info as JSON',
    artifacts: () => [oneFile(formatFixture('pgbackrest-info.json'))],
    read: (input) => {
      const place = {
        path: 'info.json',
        modifiedAt: '2026-11-28T23:00:00.000Z',
        declaredServer: null,
        repository: null,
      };
      return String(readPgBackRestInfoJson(textOf(input), { ...place, blindSpotOf }).copies.length);
    },
    declared: [],
  },
  {
    name: 'pgBackRest names',
    artifacts: () => NAMES.map(oneFile),
    read: (input) => {
      const name = textOf(input);
      const read = [
        parseBackupLabel(name),
        parseArchivedSegment(name),
        parseArchiveId(name),
        isOtherArchivePart(name) || null,
      ];
      return read.some((found) => found !== null) ? 'a name' : 'none';
    },
    declared: [],
  },
];
