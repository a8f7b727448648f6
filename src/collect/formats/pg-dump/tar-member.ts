import { pathText } from '../../trees/file-name.ts';
import type { ByteCursor } from '../byte-cursor.ts';
import { onlyZeros } from '../only-zeros.ts';
import { DumpDamage } from './dump-reading.ts';

const BLOCK = 512;
const BLOCKS_AT_ONCE = 16;
const DIGIT_0 = 0x30;
const SPACE = 0x20;

/** One member of a tar archive, the cursor standing at its content. */
export interface TarMember {
  readonly name: string;
  /** `typeflag`: `0` or a zero byte for a regular file, `5` for a directory, `2` for a symbolic link. */
  readonly type: string;
  /** Of a link: what it leads to, as the header has it; empty of others. */
  readonly linkName: string;
  /** Seconds since the epoch; 0 where the header gives none. */
  readonly modifiedSeconds: number;
  readonly size: number;
  /** Of a sparse file of GNU tar (type `S`): its size with its holes, of which `size` is what is stored. Null of others. */
  readonly sparseSize: number | null;
  /** Zero bytes after the content, up to a whole block. */
  readonly padding: number;
  /** Position right after the content. */
  readonly end: number;
}

/** Whether a block looks like the header of a ustar member (POSIX.1-2024, pax, "ustar Interchange Format"). */
export function isTarHeader(block: Uint8Array): boolean {
  return block.length >= BLOCK && hasMagic(block) && octal(block, 148, 8) === checksum(block);
}

const MAGIC = Buffer.from('ustar');

function hasMagic(block: Uint8Array): boolean {
  for (let at = 0; at < MAGIC.length; at += 1) if (block[257 + at] !== MAGIC[at]) return false;
  return true;
}

/**
 * The name in a ustar header, as listings of directories write it: see {@link pathText}. GNU tar, whose magic goes on in
 * blanks, keeps other things where ustar has the prefix.
 */
export function tarMemberName(block: Uint8Array): string {
  const hasPrefix = block[262] !== SPACE && block[345] !== 0;
  const prefix = hasPrefix ? pathText(field(block, 345, 155)) : '';
  const name = pathText(field(block, 0, 100));
  return prefix === '' ? name : `${prefix}/${name}`;
}

/** The next header, or null for a block of zeros. @throws DumpDamage when it is neither; InputEnds */
export async function readTarHeader(cursor: ByteCursor): Promise<TarMember | null> {
  const block = await cursor.take(BLOCK);
  if (block[0] === 0 && onlyZeros(block)) return null;
  if (!isTarHeader(block)) throw new DumpDamage('the header of one of its members is damaged');
  const size = memberSize(block);
  const padding = paddingOf(size);
  const type = String.fromCharCode(block[156] ?? 0);
  const modifiedSeconds = octal(block, 136, 12) || 0;
  const isSparse = type === GNU_SPARSE;
  if (isSparse) await skipSparseMaps(cursor, block);
  const sparseSize = isSparse ? numberIn(block, 483) : null;
  return {
    name: tarMemberName(block),
    type,
    linkName: type === HARD_LINK ? pathText(field(block, 157, 100)) : '',
    modifiedSeconds,
    size,
    sparseSize,
    padding,
    end: cursor.position() + size,
  };
}

/** GNU tar manual, "Basic Tar Format", `struct oldgnu_header`: holes stand where ustar has the beginning of a long name. */
const GNU_SPARSE = 'S';

/** The only type whose target is looked for: it is another member. */
const HARD_LINK = '1';

/** More blocks of the map of holes follow while a byte says so: 482 of the header, 504 of each of these blocks. */
async function skipSparseMaps(cursor: ByteCursor, header: Uint8Array): Promise<void> {
  for (let goesOn = header[482] !== 0; goesOn; ) goesOn = (await cursor.take(BLOCK))[504] !== 0;
}

/** A member of which another header states the size; null: none does. */
export function resized(member: TarMember, size: number | null): TarMember {
  if (size === null) return member;
  return { ...member, size, padding: paddingOf(size), end: member.end - member.size + size };
}

function paddingOf(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** After the first block of zeros: a second one, then nothing but zeros. @throws DumpDamage, InputEnds */
export async function readTarEnd(cursor: ByteCursor): Promise<void> {
  do {
    const blocks = cursor.tryTake(BLOCKS_AT_ONCE * BLOCK) ?? cursor.tryTake(BLOCK) ?? (await cursor.take(BLOCK));
    if (!onlyZeros(blocks)) throw new DumpDamage('bytes follow the end of the archive');
  } while (!(await cursor.atEnd()));
}

/** Octal, or for 8 GiB and more a big-endian number marked by its first bit (PostgreSQL source, tar.c, `print_tar_number`). */
function memberSize(block: Uint8Array): number {
  return numberIn(block, 124);
}

/** Of twelve bytes. */
function numberIn(block: Uint8Array, at: number): number {
  const isBinary = block[at] === 0x80;
  const digits = block.subarray(at + 1, at + 12);
  const size = isBinary ? digits.reduce((sum, byte) => sum * 256 + byte, 0) : octal(block, at, 12);
  if (!Number.isSafeInteger(size) || size < 0) throw new DumpDamage('the header of one of its members is damaged');
  return size;
}

function octal(block: Uint8Array, at: number, length: number): number {
  const plain = plainOctal(block, at, at + length);
  if (plain !== null) return plain;
  const digits = text(block, at, length).trim();
  return /^[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number.NaN;
}

/** Digits up to a space, a zero byte or the end of the field, as nearly every archive has them; else null. */
function plainOctal(block: Uint8Array, from: number, end: number): number | null {
  let number = 0;
  let at = from;
  for (; at < end; at += 1) {
    const digit = (block[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 7) break;
    number = number * 8 + digit;
  }
  const isOver = at === end || block[at] === 0 || (block[at] === SPACE && (at + 1 === end || block[at + 1] === 0));
  return at > from && isOver ? number : null;
}

/** The sum of all bytes, those of the checksum itself counted as spaces. */
function checksum(block: Uint8Array): number {
  let sum = 8 * SPACE;
  for (let at = 0; at < BLOCK; at += 1) sum += block[at] ?? 0;
  for (let at = 148; at < 156; at += 1) sum -= block[at] ?? 0;
  return sum;
}

/** Up to the first zero byte. */
function text(block: Uint8Array, at: number, length: number): string {
  return field(block, at, length).toString('latin1');
}

/** Up to its first zero byte. */
function field(block: Uint8Array, at: number, length: number): Buffer {
  const zero = block.subarray(at, at + length).indexOf(0);
  return Buffer.from(block.buffer, block.byteOffset + at, zero < 0 ? length : zero);
}
