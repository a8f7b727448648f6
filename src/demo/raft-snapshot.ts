import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { type Instant, SECOND, toMillis } from '../model/instant.ts';

/** What a stand-in for a raft snapshot of Vault holds. */
export interface SnapshotContents {
  readonly takenAt: Instant;
  readonly raftIndex: number;
  readonly serverId: string;
  readonly mountUuid: string;
  readonly keyNames: readonly string[];
  readonly vaultVersion: string;
}

const BLOCK = 512;
const BARRIER_TERM = 1;

/**
 * An archive in the form in which Vault writes raft snapshots: a gzip around a tar of `meta.json`, `state.bin`,
 * `SHA256SUMS` and `SHA256SUMS.sealed`. Storage paths are as Vault names them; values behind the barrier are filler.
 * Form: observed in snapshots of Vault 1.21; package hashicorp/raft-snapshot.
 */
export function raftSnapshot(contents: SnapshotContents): Buffer {
  const state = stateOf(contents);
  const meta = Buffer.from(
    JSON.stringify({
      Version: 1,
      ID: 'bolt-snapshot',
      Index: contents.raftIndex,
      Term: 3,
      Peers: null,
      Configuration: { Servers: [{ Suffrage: 0, ID: contents.serverId, Address: '127.0.0.1:8201' }] },
      ConfigurationIndex: 1,
      Size: state.length,
    }),
  );
  const sums = Buffer.from(`${sha256(meta)}  meta.json\n${sha256(state)}  state.bin\n`);
  const seconds = Math.floor(toMillis(contents.takenAt) / SECOND);
  const members = [
    ['meta.json', meta],
    ['state.bin', state],
    ['SHA256SUMS', sums],
    ['SHA256SUMS.sealed', Buffer.from('stand-in: sealed by nobody')],
  ] as const;
  const blocks = members.flatMap(([name, bytes]) => [tarHeader(name, bytes.length, seconds), padded(bytes)]);
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]));
}

/** Entries ascend bytewise by key. */
function stateOf({ keyNames, mountUuid, vaultVersion }: SnapshotContents): Buffer {
  const seal = Buffer.from(
    JSON.stringify({ type: 'shamir', secret_shares: 5, secret_threshold: 3, stored_shares: 1, name: '' }),
  );
  const entries: readonly (readonly [string, Buffer])[] = [
    ['core/mounts', filler(200)],
    ['core/seal-config', seal],
    [`core/versions/${vaultVersion}`, filler(60)],
    ...keyNames.flatMap((name): readonly (readonly [string, Buffer])[] => [
      [`logical/${mountUuid}/archive/${name}`, filler(300)],
      [`logical/${mountUuid}/policy/${name}`, filler(400)],
    ]),
  ];
  return Buffer.concat([...entries].sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => stateEntry(key, value)));
}

/** A length, then a protobuf message of key (field 1) and value (field 2). */
export function stateEntry(key: string, value: Buffer): Buffer {
  const name = Buffer.from(key);
  const message = Buffer.concat([
    Buffer.from([0x0a]),
    varint(name.length),
    name,
    Buffer.from([0x12]),
    varint(value.length),
    value,
  ]);
  return Buffer.concat([varint(message.length), message]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** A value as long as Vault's, behind the barrier: the term of its key and the format, then nothing. */
function filler(bytes: number): Buffer {
  const value = Buffer.alloc(bytes);
  value.writeUInt32BE(BARRIER_TERM, 0);
  value[4] = 2;
  return value;
}

/** POSIX.1-2017, pax, "ustar Interchange Format". */
export function tarHeader(name: string, bytes: number, seconds: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  header.write(name, 0, 'latin1');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(seconds, 136, 12);
  header.write(' '.repeat(8), 148, 'latin1');
  header.write('0', 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

export function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK)]);
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
