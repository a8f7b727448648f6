import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { momentaryAccess } from '../../../src/collect/trees/file-access.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { recycledMemory } from '../../../src/collect/trees/read-memory.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const { signal } = new AbortController();

describe('memory that is used again', () => {
  it('is that of a file that is closed, never of one that is open', () => {
    const memoryOf = recycledMemory();
    const lengths = [1, 4096, 4097, 65_536, 65_537, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000, 10_000];
    const fill = (byte: number) => {
      const memory = memoryOf();
      return { memory, byte, buffers: lengths.map((length) => memory.take(length).fill(byte)) };
    };
    let open = [fill(1), fill(2), fill(3)];
    for (let byte = 4; byte < 40; byte += 1) {
      open[byte % 3]?.memory.release();
      open = [...open.filter((_, index) => index !== byte % 3), fill(byte)];
      for (const { byte: own, buffers } of open) {
        expect(buffers.map(({ length }) => length)).toEqual(lengths);
        expect(buffers.every((buffer) => buffer.every((found) => found === own))).toBe(true);
      }
    }
  });

  it('holds what the files hold, in whatever order they are read', async () => {
    using scratch = scratchDirectory('read-memory');
    const contents = [100, 5000, 70_000, 200_000].map((length, file) =>
      Buffer.from(Array.from({ length }, (_, index) => (index * 31 + file) % 251)),
    );
    for (const [file, content] of contents.entries()) writeFileSync(join(scratch.path, String(file)), content);
    const tree = localDirectoryTree({ root: scratch.path }, momentaryAccess(recycledMemory()));
    const reading = fc.record({
      file: fc.nat({ max: contents.length - 1 }),
      ranges: fc.array(fc.record({ offset: fc.nat({ max: 210_000 }), length: fc.nat({ max: 100_000 }) }), {
        maxLength: 12,
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(reading, { maxLength: 6 }), async (readings) => {
        for (const { file, ranges } of readings) {
          const reader = await tree.open(String(file), signal);
          const found: Uint8Array[] = [];
          for (const { offset, length } of ranges) found.push(await reader.read(offset, length));
          const wanted = ranges.map(({ offset, length }) => contents[file]?.subarray(offset, offset + length));
          expect(found.map((bytes, index) => wanted[index]?.equals(bytes))).toEqual(ranges.map(() => true));
          await reader.close();
        }
      }),
      { numRuns: 60 },
    );
  });
});
