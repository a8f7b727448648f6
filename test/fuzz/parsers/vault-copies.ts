import { gzipSync } from 'node:zlib';
import { createConsulScanner } from '../../../src/collect/formats/vault-snapshot/consul-entries.ts';
import { readFileArchive } from '../../../src/collect/formats/vault-snapshot/file-archive.ts';
import { CONSUL_HEADER, keyValue, OTHER_MESSAGES } from '../../collect/formats/vault-snapshot/synthetic-consul.ts';
import { barrierValue, tar } from '../../collect/formats/vault-snapshot/synthetic-snapshot.ts';
import { storageEntries } from '../../collect/keys/vault-storage.ts';
import { memoryByteReader } from '../../collect/memory-byte-reader.ts';
import { bytesOf, type FuzzedParser, oneFile } from '../fuzzed-parser.ts';
import { mendTar } from '../mending.ts';

const CONSUL_STATE = Buffer.concat([
  CONSUL_HEADER,
  ...OTHER_MESSAGES,
  keyValue('vault/core/keyring', barrierValue(0)),
  keyValue('vault/core/seal-config', Buffer.from('{"type":"shamir"}')),
]);

/** As Vault's `file` storage names and writes them. */
const FILES = tar(
  [...storageEntries(['acme'])].map(([key, value]) => ({
    name: `data/${key.replace(/[^/]+$/, (name) => `_${name}`)}`,
    content: Buffer.from(`${JSON.stringify({ Value: Buffer.from(value).toString('base64') })}\n`),
  })),
);

async function archiveVerdict(bytes: Uint8Array): Promise<string> {
  const [found] = await readFileArchive(memoryByteReader(bytes, 1000), () => () => undefined);
  if (found === undefined) return 'none';
  // Files carry no checksums: one whose bytes were changed within its value looks as it should.
  return found.reading.complete ? 'whole' : 'not whole';
}

export const VAULT_COPY_PARSERS: readonly FuzzedParser[] = [
  {
    name: 'Consul snapshot, its messages',
    artifacts: () => [oneFile(CONSUL_STATE)],
    read: (input) => {
      let entries = 0;
      const scanner = createConsulScanner(
        (key) => key.endsWith('seal-config'),
        () => {
          entries += 1;
        },
      );
      for (let at = 0; at < bytesOf(input).length; at += 7) scanner.push(bytesOf(input).subarray(at, at + 7));
      return `${scanner.isWhole() ? 'whole' : 'cut'}, ${entries > 0 ? 'entries' : 'none'}`;
    },
    declared: [],
  },
  {
    name: 'files of a Vault in an archive',
    artifacts: () => [oneFile(FILES)],
    read: (input) => archiveVerdict(bytesOf(input)),
    declared: [],
    mend: mendTar,
  },
  {
    name: 'files of a Vault in a compressed archive',
    artifacts: () => [oneFile(gzipSync(FILES))],
    read: (input) => archiveVerdict(bytesOf(input)),
    declared: [],
  },
];
