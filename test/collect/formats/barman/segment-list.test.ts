import { expect, test } from 'vitest';
import { readSegmentList } from '../../../../src/collect/formats/barman/segment-list.ts';

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const LIST = [
  '000000010000000000000002\t16777216\t1795383752.3058343\tNone',
  '000000010000000000000002.00000028.backup\t338\t1795383752.3464017\tNone',
  '000000010000000000000003\t1024\t1795383752\tgzip\tgpg',
  '00000002.history\t40\t1.79e9\tNone',
  '000000010000000000000004\t16777216\t1795383752.3',
  '../../etc/passwd\t1\t1\tNone',
  'nonsense',
  '',
].join('\n');

test.each([1, 7, 65536])('segments and damaged lines, in chunks of %i bytes', async (size) => {
  const { segments, damagedLines } = await readSegmentList(chunks(LIST, size));
  expect([...segments]).toEqual([2, 3, 4].map((last) => `00000001000000000000000${last}`));
  expect(damagedLines).toBe(2);
});

test('a file without a line feed is not kept', async () => {
  const { segments, damagedLines } = await readSegmentList(chunks('x'.repeat(20 * 1024 * 1024), 1 << 20));
  expect(segments.size).toBe(0);
  expect(damagedLines).toBe(1);
});
