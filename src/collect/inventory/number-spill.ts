import { type FileHandle, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Parts that numbers are spread over: of 100 million of them one part is 13 MB. */
export const PARTS = 64;
/** Numbers of one part that wait in memory. */
const WAITING = 2048;

/** Numbers on disk, spread over parts by what they are, so that the same number is in the same part of every spill. */
export interface NumberSpill extends AsyncDisposable {
  /** Now, or when the disk has taken what was waiting. */
  add(number: number): Promise<void> | undefined;
  /** One part with all that was added to it; nothing may be added afterwards. */
  part(index: number): Promise<Float64Array>;
}

/**
 * @param directory of the run's own, for temporary files
 * @param name of the spill, a plain word
 */
export async function numberSpill(directory: string, name: string): Promise<NumberSpill> {
  const parts: { readonly file: string; readonly handle: FileHandle; readonly waiting: Float64Array; count: number }[] =
    [];
  for (let index = 0; index < PARTS; index += 1) {
    const file = join(directory, `${name}-${index}`);
    parts.push({ file, handle: await open(file, 'wx', 0o600), waiting: new Float64Array(WAITING), count: 0 });
  }
  const flush = async (index: number): Promise<void> => {
    const part = parts[index];
    if (part === undefined || part.count === 0) return;
    const bytes = Buffer.from(part.waiting.buffer, 0, part.count * Float64Array.BYTES_PER_ELEMENT);
    part.count = 0;
    await part.handle.appendFile(bytes);
  };
  return {
    add(number) {
      const index = number % PARTS;
      const part = parts[index];
      if (part === undefined) throw new RangeError('a number is whole and not negative');
      part.waiting[part.count] = number;
      part.count += 1;
      return part.count === WAITING ? flush(index) : undefined;
    },
    async part(index) {
      await flush(index);
      const bytes = await readFile(parts[index]?.file ?? '');
      return new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(parts.map(({ handle }) => handle.close()));
    },
  };
}
