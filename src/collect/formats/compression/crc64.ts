// x^64 polynomial of ECMA-182, least significant bit first, in two halves: JavaScript's integers of 64 bits are slow.
const POLYNOMIAL_LOW = 0xd7870f42;
const POLYNOMIAL_HIGH = 0xc96c5795;
const LOW = new Uint32Array(256);
const HIGH = new Uint32Array(256);
for (let byte = 0; byte < 256; byte += 1) {
  let low = byte;
  let high = 0;
  for (let bit = 0; bit < 8; bit += 1) {
    const odd = (low & 1) === 1;
    low = ((low >>> 1) | (high << 31)) >>> 0;
    high >>>= 1;
    if (!odd) continue;
    low = (low ^ POLYNOMIAL_LOW) >>> 0;
    high = (high ^ POLYNOMIAL_HIGH) >>> 0;
  }
  LOW[byte] = low;
  HIGH[byte] = high;
}

/** The CRC-64 of xz (The .xz File Format 1.2.1, section 6). */
export interface Crc64 {
  update(bytes: Uint8Array): void;
  /** Eight bytes, the least significant first. */
  digest(): Uint8Array;
}

export function createCrc64(): Crc64 {
  let low = 0xffffffff;
  let high = 0xffffffff;
  return {
    update: (bytes) => {
      for (let at = 0; at < bytes.length; at += 1) {
        const index = (low ^ (bytes[at] ?? 0)) & 0xff;
        low = ((low >>> 8) | (high << 24)) ^ (LOW[index] ?? 0);
        high = (high >>> 8) ^ (HIGH[index] ?? 0);
      }
    },
    digest: () => {
      const bytes = Buffer.alloc(8);
      bytes.writeUInt32LE(~low >>> 0, 0);
      bytes.writeUInt32LE(~high >>> 0, 4);
      return bytes;
    },
  };
}
