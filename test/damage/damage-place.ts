import { onlyZeros } from '../../src/collect/formats/only-zeros.ts';
import type { Random } from '../bench/random.ts';

/** The three ways of damage that are measured. */
export const DAMAGE_KINDS = ['flip', 'cut', 'hole'] as const;
export type DamageKind = (typeof DAMAGE_KINDS)[number];

export const DAMAGE_WORDS: Readonly<Record<DamageKind, string>> = {
  flip: 'one byte altered',
  cut: 'cut off',
  hole: '4 KiB of zeros',
};

/** One file, and what it is after the damage. */
export interface Damaged {
  readonly path: string;
  readonly bytes: Buffer;
  /** For messages: kind and place. */
  readonly where: string;
}

/** What can be damaged. */
export type Files = ReadonlyMap<string, Buffer>;

const HOLE = 4096;
/** A segment of WAL can hold a single block that is not all zeros. */
const MOST_TRIES = 1_000_000;

/** Damages one file at a drawn place: every byte of all files has the same chance. */
export function damageSomewhere(files: Files, kind: DamageKind, random: Random): Damaged {
  for (let tried = 0; tried < MOST_TRIES; tried += 1) {
    const { path, bytes, at } = place(files, random);
    const where = `${kind} at ${at} of ${path}`;
    if (kind === 'cut') return { path, where, bytes: bytes.subarray(0, at) };
    const block = at - (at % HOLE);
    // Where there were zeros before, nothing is lost.
    if (kind === 'hole' && onlyZeros(bytes.subarray(block, block + HOLE))) continue;
    const altered = Buffer.from(bytes);
    if (kind === 'flip') altered[at] = (altered[at] ?? 0) ^ (1 + random.whole(255));
    else altered.fill(0, block, Math.min(block + HOLE, altered.length));
    return { path, where, bytes: altered };
  }
  throw new Error('the artifact holds nothing but zeros');
}

function place(files: Files, random: Random): { path: string; bytes: Buffer; at: number } {
  const total = [...files.values()].reduce((sum, { length }) => sum + length, 0);
  let at = random.whole(total);
  for (const [path, bytes] of files) {
    if (at < bytes.length) return { path, bytes, at };
    at -= bytes.length;
  }
  throw new Error('a place beyond the last file');
}
