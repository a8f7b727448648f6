const PRIME_1 = 0x9e3779b1;
const PRIME_2 = 0x85ebca77;
const PRIME_3 = 0xc2b2ae3d;
const PRIME_4 = 0x27d4eb2f;
const PRIME_5 = 0x165667b1;
const STRIPE = 16;

/** The checksum of lz4 frames, seed 0 (xxHash fast digest algorithm 0.1.1, "XXH32 Algorithm Description"). */
export interface XxHash32 {
  update(bytes: Uint8Array): void;
  digest(): number;
}

export function createXxHash32(): XxHash32 {
  const lanes = new Int32Array([PRIME_1 + PRIME_2, PRIME_2, 0, -PRIME_1]);
  const held = new Uint8Array(STRIPE);
  let heldLength = 0;
  let total = 0;

  /** Takes in whole stripes from `at` on; returns where it stopped. */
  const takeStripes = (bytes: Uint8Array, from: number): number => {
    let [first = 0, second = 0, third = 0, fourth = 0] = lanes;
    let at = from;
    for (; at + STRIPE <= bytes.length; at += STRIPE) {
      first = round(first, word(bytes, at));
      second = round(second, word(bytes, at + 4));
      third = round(third, word(bytes, at + 8));
      fourth = round(fourth, word(bytes, at + 12));
    }
    lanes.set([first, second, third, fourth]);
    return at;
  };

  return {
    update: (bytes) => {
      total += bytes.length;
      let at = 0;
      if (heldLength > 0) {
        at = Math.min(STRIPE - heldLength, bytes.length);
        held.set(bytes.subarray(0, at), heldLength);
        heldLength += at;
        if (heldLength < STRIPE) return;
        takeStripes(held, 0);
      }
      at = takeStripes(bytes, at);
      held.set(bytes.subarray(at));
      heldLength = bytes.length - at;
    },
    digest: () => {
      const [first = 0, second = 0, third = 0, fourth = 0] = lanes;
      let hash =
        total < STRIPE
          ? PRIME_5 | 0
          : (rotate(first, 1) + rotate(second, 7) + rotate(third, 12) + rotate(fourth, 18)) | 0;
      hash = (hash + total) | 0;
      let at = 0;
      for (; at + 4 <= heldLength; at += 4) {
        hash = Math.imul(rotate((hash + Math.imul(word(held, at), PRIME_3)) | 0, 17), PRIME_4);
      }
      for (; at < heldLength; at += 1) {
        hash = Math.imul(rotate((hash + Math.imul(held[at] ?? 0, PRIME_5)) | 0, 11), PRIME_1);
      }
      hash = Math.imul(hash ^ (hash >>> 15), PRIME_2);
      hash = Math.imul(hash ^ (hash >>> 13), PRIME_3);
      return (hash ^ (hash >>> 16)) >>> 0;
    },
  };
}

export function xxHash32(bytes: Uint8Array): number {
  const hash = createXxHash32();
  hash.update(bytes);
  return hash.digest();
}

function round(lane: number, input: number): number {
  return Math.imul(rotate((lane + Math.imul(input, PRIME_2)) | 0, 13), PRIME_1);
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}

function word(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);
}
