import { type Instant, instantOrNull, SECOND } from '../../model/instant.ts';
import { pathText } from '../trees/file-name.ts';
import { FormatDamage } from './format-damage.ts';
import { type TarContent, type TarSource, walkTar } from './tar-walk.ts';

/** A member of a tar archive as whoever made it meant it, whatever headers that took. */
export interface TarEntry {
  /** Without `./` or `/` before it. */
  readonly path: string;
  readonly isFile: boolean;
  /** True for a hard link to an earlier member, which holds the bytes. */
  readonly isLinked: boolean;
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
}

/** A file that may hold a whole archive, in a form that is not opened here. */
export class UnreadTar extends Error {
  override readonly name = 'UnreadTar';
}

/** In bytes: what no program can open by its name (PATH_MAX of Linux, limits.h). */
const LONGEST_NAME = 4096;
/** Of the headers of one member, which can hold more than its name. */
const LONGEST_HEADER = 1024 * 1024;

/**
 * Walks an archive of tar, GNU tar or pax: names of more than 100 bytes, and sizes of 8 GiB and more, stand in headers before
 * their member (POSIX.1-2024, pax, "pax Header Block"; GNU tar manual, "Basic Tar Format").
 *
 * @throws FormatDamage when it is damaged or cut off; SourceError when bytes cannot be read
 */
export async function walkTarEntries(
  source: TarSource,
  visit: (entry: TarEntry, content: TarContent) => Promise<void>,
): Promise<void> {
  let stated: StatedInHeaders = NOTHING_STATED;
  await walkTar(
    source,
    async (member, content) => {
      switch (member.type) {
        case 'L':
          stated = { ...stated, path: pathOf(upToZero(await headerOf(member.size, content))) };
          return undefined;
        case 'x':
          stated = { ...stated, ...(await paxHeaders(member.size, content)) };
          return undefined;
        case 'g':
        case 'K':
          return undefined;
      }
      const path = (stated.path ?? member.name).replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '');
      stated = NOTHING_STATED;
      const isLinked = member.type === '1';
      const isFile = member.type === '0' || member.type === '\0' || member.type === '7' || isLinked;
      const modifiedAt = instantOrNull(member.modifiedSeconds * SECOND);
      await visit({ path, isFile, isLinked, bytes: isLinked ? 0 : member.size, modifiedAt }, content);
      return undefined;
    },
    ({ type }) => (HEADERS.has(type) ? null : stated.size),
  );
}

/** What headers before a member say of it; null where they do not. */
interface StatedInHeaders {
  readonly path: string | null;
  readonly size: number | null;
}
const NOTHING_STATED: StatedInHeaders = { path: null, size: null };
/** Types of members that are headers of the one after them. */
const HEADERS: ReadonlySet<string> = new Set(['L', 'K', 'x', 'g']);

async function headerOf(size: number, content: TarContent): Promise<Buffer> {
  if (size > LONGEST_HEADER) throw new FormatDamage('a header of its tar archive is longer than any that is read');
  return Buffer.from(await content.take(size));
}

/** As listings of directories write it. */
function pathOf(bytes: Buffer): string {
  if (bytes.length > LONGEST_NAME) {
    throw new FormatDamage('a name in its tar archive is longer than any that can be opened');
  }
  return pathText(bytes);
}

function upToZero(bytes: Buffer): Buffer {
  const zero = bytes.indexOf(0);
  return zero < 0 ? bytes : bytes.subarray(0, zero);
}

/** Records are `LENGTH KEY=VALUE\n`, the length in bytes and of the whole record. */
async function paxHeaders(size: number, content: TarContent): Promise<Partial<StatedInHeaders>> {
  const bytes = await headerOf(size, content);
  let stated: Partial<StatedInHeaders> = {};
  for (let at = 0; at < bytes.length; ) {
    const start = /^(\d{1,7}) /.exec(bytes.toString('latin1', at, at + 8))?.[0].length ?? 0;
    const end = at + Number.parseInt(bytes.toString('latin1', at, at + start), 10);
    const equals = bytes.indexOf('=', at + start);
    if (start === 0 || !(end <= bytes.length) || equals < 0 || equals >= end || bytes[end - 1] !== NEWLINE) {
      throw new FormatDamage('a header of its tar archive is damaged');
    }
    const key = bytes.toString('utf8', at + start, equals);
    const value = bytes.subarray(equals + 1, end - 1);
    if (key === 'path') stated = { ...stated, path: pathOf(value) };
    if (key === 'size') stated = { ...stated, size: sizeOf(value.toString('latin1')) };
    at = end;
  }
  return stated;
}

const NEWLINE = 0x0a;

function sizeOf(value: string): number {
  const size = /^\d{1,16}$/.test(value) ? Number(value) : Number.NaN;
  if (!Number.isSafeInteger(size)) throw new FormatDamage('a header of its tar archive states no size');
  return size;
}
