import { gzipSync } from 'node:zlib';
import { snapshotParts, tar } from './synthetic-snapshot.ts';

/** Name that Consul gives a snapshot: term, index and milliseconds. */
const CONSUL_ID = '2-77-1795000000000';
export const KEY_VALUE = 2;
const TOMBSTONE = 5;

type Packed = string | number | boolean | null | Uint8Array | readonly Packed[] | { readonly [name: string]: Packed };

/** MessagePack as Consul writes it: text and bytes alike in the old raw formats, structures as maps by field name. */
export function packed(value: Packed): Buffer {
  if (value === null) return Buffer.from([0xc0]);
  if (typeof value === 'boolean') return Buffer.from([value ? 0xc3 : 0xc2]);
  if (typeof value === 'number') return packedNumber(value);
  if (typeof value === 'string') return packedBytes(Buffer.from(value));
  if (value instanceof Uint8Array) return packedBytes(value);
  if (isList(value)) return Buffer.concat([Buffer.from([0x90 + value.length]), ...value.map(packed)]);
  const fields = Object.entries(value);
  return Buffer.concat([
    Buffer.from([0x80 + fields.length]),
    ...fields.flatMap(([name, field]) => [packed(name), packed(field)]),
  ]);
}

function isList(value: readonly Packed[] | { readonly [name: string]: Packed }): value is readonly Packed[] {
  return Array.isArray(value);
}

function packedNumber(value: number): Buffer {
  if (value < 128) return Buffer.from([value]);
  const bytes = Buffer.alloc(9);
  bytes[0] = 0xcf;
  bytes.writeBigUInt64BE(BigInt(value), 1);
  return bytes;
}

function packedBytes(value: Uint8Array): Buffer {
  if (value.length < 32) return Buffer.concat([Buffer.from([0xa0 + value.length]), value]);
  const head = Buffer.alloc(3);
  head[0] = 0xda;
  head.writeUInt16BE(value.length, 1);
  return Buffer.concat([head, value]);
}

export function message(type: number, value: Packed): Buffer {
  return Buffer.concat([Buffer.from([type]), packed(value)]);
}

/** An entry of the key-value store, with the fields of Consul's `DirEntry`. */
export function keyValue(key: string, value: Uint8Array): Buffer {
  const rest = { Session: '', CreateIndex: 300, ModifyIndex: 4_000_000_000 };
  return message(KEY_VALUE, { LockIndex: 0, Key: key, Flags: 0, Value: value, ...rest });
}

export function tombstone(key: string): Buffer {
  return message(TOMBSTONE, {
    LockIndex: 0,
    Key: key,
    Flags: 0,
    Value: null,
    Session: '',
    CreateIndex: 0,
    ModifyIndex: 9,
  });
}

export const CONSUL_HEADER = packed({ LastIndex: 4_000_000_001 });

/** Messages before and after the key-value store: a node with a service, a token, an index. */
export const OTHER_MESSAGES: readonly Buffer[] = [
  message(0, {
    Node: 'consul-1',
    TaggedAddresses: { lan: '127.0.0.1', wan: '127.0.0.1' },
    Service: { ID: 'web', Key: 'vault/core/keyring', Tags: ['a', 'b'], Weights: { Passing: 1, Warning: 1 } },
    SkipNodeUpdate: false,
    Checks: [],
    Meta: {},
  }),
  message(17, { AccessorID: 'a', SecretID: 'a-secret-token', Policies: [{ ID: 'x', Name: 'y' }], Local: false }),
];

export function consulSnapshot(
  state: Uint8Array,
  options: {
    readonly id?: string;
    readonly without?: readonly string[];
    readonly sums?: (sums: string) => string;
  } = {},
): Buffer {
  const without = [...(options.without ?? []), 'SHA256SUMS.sealed'];
  const sums = options.sums === undefined ? {} : { sums: options.sums };
  return gzipSync(tar(snapshotParts(state, { id: options.id ?? CONSUL_ID, without, ...sums })));
}
