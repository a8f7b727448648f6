import type { Random } from '../bench/random.ts';

const LARGE = [
  2n ** 31n - 1n,
  2n ** 31n,
  2n ** 32n - 1n,
  2n ** 32n,
  2n ** 53n,
  2n ** 63n - 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];
const FURTHER_TEXTS = ['9999', '0000', '31', '-1', '1e308', '1e-400', `9${'0'.repeat(400)}`];

/** Writes a number no file could hold over a place of it: in binary of either byte order, or over the digits of a text. */
export function inflateNumber(bytes: Buffer, random: Random): Buffer {
  const value = LARGE[random.whole(LARGE.length)] ?? 0n;
  const at = random.whole(bytes.length + 1);
  switch (random.whole(5)) {
    case 0:
      return overwritten(bytes, at, integer(value, 4, random.percent(50)));
    case 1:
      return overwritten(bytes, at, integer(value, 8, random.percent(50)));
    case 2:
      // As pg_dump writes its integers: a sign, then the magnitude.
      return overwritten(bytes, at, Buffer.concat([Buffer.from([random.whole(2)]), integer(value, 4, false)]));
    case 3:
      // As tar writes sizes from 8 GiB on: the first bit set, then big-endian.
      return overwritten(bytes, at, Buffer.concat([Buffer.from([0x80, 0, 0, 0]), integer(value, 8, true)]));
    default:
      return withDigits(bytes, at, textOf(value, random));
  }
}

function textOf(value: bigint, random: Random): string {
  const further = FURTHER_TEXTS[random.whole(FURTHER_TEXTS.length * 3)];
  return further ?? value.toString([10, 10, 16, 8][random.whole(4)]);
}

function integer(value: bigint, length: 4 | 8, bigEndian: boolean): Buffer {
  const bytes = Buffer.alloc(8);
  if (bigEndian) bytes.writeBigUInt64BE(value);
  else bytes.writeBigUInt64LE(value);
  return bigEndian ? bytes.subarray(8 - length) : bytes.subarray(0, length);
}

function overwritten(bytes: Buffer, at: number, piece: Buffer): Buffer {
  piece.copy(bytes, Math.min(at, Math.max(0, bytes.length - piece.length)));
  return bytes;
}

/** The next run of digits from a place on is replaced; where there is none, the digits are put in. */
function withDigits(bytes: Buffer, at: number, digits: string): Buffer {
  const text = bytes.toString('latin1');
  const found = /\d+/.exec(text.slice(at));
  const from = at + (found?.index ?? 0);
  return Buffer.concat([bytes.subarray(0, from), Buffer.from(digits), bytes.subarray(from + (found?.[0].length ?? 0))]);
}
