import { describe, expect, it } from 'vitest';
import { InputEnds } from '../../../../src/collect/formats/byte-cursor.ts';
import { ReadingLimit } from '../../../../src/collect/formats/pg-dump/dump-reading.ts';
import { seekingCursor, unlimitedBudget } from '../../../../src/collect/formats/pg-dump/seeking-cursor.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

const MIB = 1024 * 1024;
const bytes = Buffer.from(Array.from({ length: 3 * MIB }, (_, index) => (index * 7) % 253));

describe('a cursor that jumps', () => {
  it('gives the bytes at its place and never reads what it leaves out', async () => {
    const budget = { reads: 3, bytes: MIB };
    const cursor = seekingCursor(memoryByteReader(bytes), 0, budget);
    expect(await cursor.take(2)).toEqual(bytes.subarray(0, 2));
    await cursor.skip(2 * MIB);
    expect(cursor.tryTake(1)).toBeNull();
    expect(await cursor.take(3)).toEqual(bytes.subarray(2 * MIB + 2, 2 * MIB + 5));
    expect(cursor.position()).toBe(2 * MIB + 5);
    expect(budget).toEqual({ reads: 1, bytes: MIB - 2 * 64 * 1024 });
  });

  it('stops when it may read no more', async () => {
    for (const budget of [
      { reads: 2, bytes: 9 * MIB },
      { reads: 99, bytes: 2 * 64 * 1024 },
    ]) {
      const cursor = seekingCursor(memoryByteReader(bytes), 0, budget);
      const wander = async (): Promise<void> => {
        for (;;) {
          await cursor.take(1);
          await cursor.skip(200_000);
        }
      };
      await expect(wander()).rejects.toThrow(ReadingLimit);
    }
  });

  it('knows the end without reading there', async () => {
    const cursor = seekingCursor(memoryByteReader(bytes), 0, unlimitedBudget());
    await cursor.skip(3 * MIB - 1);
    await expect(cursor.skip(2)).rejects.toThrow(InputEnds);
    await expect(cursor.take(2)).rejects.toThrow(InputEnds);
    expect(await cursor.atEnd()).toBe(false);
    expect(await cursor.take(1)).toHaveLength(1);
    expect(await cursor.atEnd()).toBe(true);
  });
});
