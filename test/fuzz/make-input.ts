import { type Random, seededRandom } from '../bench/random.ts';
import type { Artifact, FuzzedParser } from './fuzzed-parser.ts';
import { inflateNumber } from './inflated-numbers.ts';

type Damage = (bytes: Buffer, random: Random, turn: number) => Buffer;

const LONGEST_NOISE = 4096;
/** A prime, so that steps of it reach every offset of nearly any file. */
const STRIDE = 7919;
const MOST_REPEATED = 200;
/** Of a compressed stream they can become a thousand times as many. */
const MOST_REPEATED_BYTES = 128 * 1024;

/** The ways of damage, in turn. */
const DAMAGES: readonly Damage[] = [truncated, flipped, inflated, spliced, repeated, noise];

/**
 * The input of a parser by its number: the same for the same seed on every machine. Every sixth is a truncation, so that
 * `6 * artifacts * bytes` inputs cut an artifact of one file at every offset.
 */
export function makeInput(parser: FuzzedParser, artifacts: readonly Artifact[], seed: number, index: number): Artifact {
  const random = seededRandom(seed ^ Math.imul(index + 1, 0x9e3779b1));
  const turn = Math.floor(index / DAMAGES.length);
  const artifact = artifacts[turn % artifacts.length] ?? new Map<string, Uint8Array>();
  const damage = DAMAGES[index % DAMAGES.length] ?? noise;
  const round = Math.floor(turn / artifacts.length);
  const names = [...artifact.keys()];
  const name = names[round % names.length] ?? '';
  const bytes = Buffer.from(artifact.get(name) ?? new Uint8Array(0));
  const damaged = damage(bytes, random, Math.floor(round / names.length));
  const mended = parser.mend !== undefined && round % 2 === 1 ? parser.mend(damaged) : damaged;
  return new Map(artifact).set(name, mended);
}

function truncated(bytes: Buffer, _: Random, turn: number): Buffer {
  return bytes.subarray(0, (turn * STRIDE) % Math.max(1, bytes.length));
}

function flipped(bytes: Buffer, random: Random): Buffer {
  for (let left = 1 + random.whole(4); left > 0 && bytes.length > 0; left -= 1) {
    const at = random.whole(bytes.length);
    bytes[at] = (bytes[at] ?? 0) ^ (random.percent(50) ? 1 << random.whole(8) : 1 + random.whole(255));
  }
  return bytes;
}

function inflated(bytes: Buffer, random: Random): Buffer {
  return inflateNumber(bytes, random);
}

/** A piece of the file put in at another place of it, or over it. */
function spliced(bytes: Buffer, random: Random): Buffer {
  const from = random.whole(bytes.length + 1);
  const piece = bytes.subarray(from, from + 1 + random.whole(Math.max(1, bytes.length >> 1)));
  const to = random.whole(bytes.length + 1);
  const over = random.percent(50) ? piece.length : 0;
  return Buffer.concat([bytes.subarray(0, to), piece, bytes.subarray(to + over)]);
}

/** A short piece many times over: nesting, lists without an end, members without a number. */
function repeated(bytes: Buffer, random: Random): Buffer {
  const from = random.whole(bytes.length + 1);
  const piece = bytes.subarray(from, from + 1 + random.whole(random.percent(50) ? 4 : 64));
  const times = 2 + random.whole(random.percent(5) ? 20_000 : MOST_REPEATED);
  if (piece.length === 0) return bytes;
  const many = Buffer.alloc(Math.min(times * piece.length, MOST_REPEATED_BYTES), piece);
  return Buffer.concat([bytes.subarray(0, from), many, bytes.subarray(from)]);
}

/** Random bytes: alone, or behind the beginning that makes a reader take the file for its own. */
function noise(bytes: Buffer, random: Random): Buffer {
  const made = Buffer.from(Array.from({ length: random.whole(LONGEST_NOISE) }, () => random.whole(256)));
  const kept = random.percent(50) ? random.whole(Math.min(600, bytes.length) + 1) : 0;
  return Buffer.concat([bytes.subarray(0, kept), made]);
}
