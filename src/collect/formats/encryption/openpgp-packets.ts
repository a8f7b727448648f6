/** A packet of an OpenPGP message; of one whose length is not stated or in parts, `body` is what is there of it. */
export interface Packet {
  readonly tag: number;
  readonly body: Uint8Array;
  /** Whether the bytes at hand hold all of it. */
  readonly isWhole: boolean;
}

/** Splits a message into packets of both formats (RFC 9580 section 4.2) as far as its bytes go; null ends where there is none. */
export function* packetsOf(bytes: Uint8Array): Generator<Packet | null, void, undefined> {
  for (let at = 0; at < bytes.length; ) {
    const header = packetHeader(bytes, at);
    if (header === null) {
      yield null;
      return;
    }
    const { tag, start, length } = header;
    const isWhole = length !== null && start + length <= bytes.length;
    yield { tag, body: bytes.subarray(start, length === null ? bytes.length : start + length), isWhole };
    if (!isWhole) return;
    at = start + length;
  }
}

function packetHeader(
  bytes: Uint8Array,
  at: number,
): { readonly tag: number; readonly start: number; readonly length: number | null } | null {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) === 0) return null;
  return (first & 0x40) === 0 ? oldHeader(bytes, at, first) : newHeader(bytes, at, first);
}

function oldHeader(bytes: Uint8Array, at: number, first: number) {
  const tag = (first & 0x3c) >> 2;
  const lengthBytes = [1, 2, 4][first & 3];
  if (lengthBytes === undefined) return { tag, start: at + 1, length: null };
  return { tag, start: at + 1 + lengthBytes, length: bigEndian(bytes, at + 1, lengthBytes) };
}

function newHeader(bytes: Uint8Array, at: number, first: number) {
  const tag = first & 0x3f;
  const one = bytes[at + 1] ?? 0;
  if (one < 192) return { tag, start: at + 2, length: one };
  if (one < 224) return { tag, start: at + 3, length: (one - 192) * 256 + (bytes[at + 2] ?? 0) + 192 };
  // The first of several parts: the length of the whole shows only in the last.
  if (one < 255) return { tag, start: at + 2, length: null };
  return { tag, start: at + 6, length: bigEndian(bytes, at + 2, 4) };
}

function bigEndian(bytes: Uint8Array, at: number, count: number): number {
  let value = 0;
  for (let index = 0; index < count; index += 1) value = value * 256 + (bytes[at + index] ?? 0);
  return value;
}
