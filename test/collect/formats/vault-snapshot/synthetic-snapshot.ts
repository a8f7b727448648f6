import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';

export interface SyntheticPart {
  readonly name: string;
  readonly content: Uint8Array;
  /** Writes the size into a pax extended header, as writers do from 8 GiB on, and leaves the octal field zero. */
  readonly extendedSize?: boolean;
}

export const SNAPSHOT_SECONDS = 1_795_000_000;

/** A tar header as POSIX describes it. */
function tarHeader(name: string, bytes: number, type: string, seconds = SNAPSHOT_SECONDS): Buffer {
  const header = Buffer.alloc(512);
  const octal = (value: number, offset: number, length: number) =>
    header.write(`${value.toString(8).padStart(length - 1, '0')}\0`, offset, 'latin1');
  header.write(name, 0, 'utf8');
  octal(0o600, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(bytes, 124, 12);
  octal(seconds, 136, 12);
  header.write('        ', 148, 'latin1');
  header.write(type, 156, 'latin1');
  header.write('ustar\x0000', 257, 'latin1');
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((512 - (content.length % 512)) % 512)]);
}

function extendedRecord(key: string, value: string): string {
  let record = '';
  for (let length = 0; record.length !== length || length === 0; ) {
    length = record.length;
    record = `${length} ${key}=${value}\n`;
    if (length === 0) length = -1;
  }
  return record;
}

export function tar(parts: readonly SyntheticPart[]): Buffer {
  const blocks = parts.flatMap((part) => {
    const extension = Buffer.from(extendedRecord('size', String(part.content.length)));
    const extended = part.extendedSize
      ? [tarHeader(`PaxHeaders.0/${part.name}`, extension.length, 'x'), padded(extension)]
      : [];
    return [...extended, tarHeader(part.name, part.extendedSize ? 0 : part.content.length, '0'), padded(part.content)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

/** One entry of state.bin. */
export function stateEntry(key: string, value: Uint8Array): Buffer {
  const name = Buffer.from(key);
  const parts = [Buffer.from([0x0a]), varint(name.length), name];
  if (value.length > 0) parts.push(Buffer.from([0x12]), varint(value.length), Buffer.from(value));
  const message = Buffer.concat(parts);
  return Buffer.concat([varint(message.length), message]);
}

/** A value as it lies behind the barrier: term of the key, format 2, then something unreadable. */
export function barrierValue(term: number, bytes = 60): Buffer {
  const value = Buffer.alloc(bytes, 0xa5);
  value.writeUInt32BE(term, 0);
  value[4] = 2;
  return value;
}

export interface SyntheticSnapshot {
  readonly id?: string;
  readonly size?: number;
  readonly extendedSize?: boolean;
  readonly without?: readonly string[];
  readonly sums?: (sums: string) => string;
}

/** The parts of a snapshot around the given state.bin. */
export function snapshotParts(state: Uint8Array, options: SyntheticSnapshot = {}): readonly SyntheticPart[] {
  const meta = Buffer.from(
    JSON.stringify({
      Version: 1,
      ID: options.id ?? 'bolt-snapshot',
      Index: 77,
      Term: 3,
      Peers: null,
      Configuration: { Servers: [{ Suffrage: 0, ID: 'node-1', Address: '127.0.0.1:8201' }] },
      ConfigurationIndex: 1,
      Size: options.size ?? state.length,
    }),
  );
  const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
  const sums = `${sha256(meta)}  meta.json\n${sha256(state)}  state.bin\n`;
  return [
    { name: 'meta.json', content: meta },
    { name: 'state.bin', content: state, extendedSize: options.extendedSize ?? false },
    { name: 'SHA256SUMS', content: Buffer.from(options.sums?.(sums) ?? sums) },
    { name: 'SHA256SUMS.sealed', content: Buffer.from('sealed') },
  ].filter(({ name }) => !options.without?.includes(name));
}

export function syntheticSnapshot(state: Uint8Array, options: SyntheticSnapshot = {}): Buffer {
  return gzipSync(tar(snapshotParts(state, options)));
}
