import { expect, test } from 'vitest';
import { parseWalPage } from '../../../../src/collect/formats/base-backup/wal-page.ts';
import { endsInSwitch } from '../../../../src/collect/formats/base-backup/wal-switch.ts';
import { SWITCH, writeWal } from './wal.ts';

const PAGE = 8192;

/** Whether the last page that was written ends in a switch. */
function ends(contents: readonly number[]): boolean {
  const { bytes, end } = writeWal(1, contents);
  const last = Math.floor((end - 1 - bytes.length) / PAGE) * PAGE;
  const page = bytes.subarray(last, last + PAGE);
  const header = parseWalPage(page);
  if (header === null) throw new Error('there is no page');
  return endsInSwitch(page, header, last === 0 ? null : bytes.subarray(last - PAGE, last));
}

test('a switch is found wherever it lies, also over two pages', () => {
  for (let size = 8000; size < 8300; size += 1) {
    expect([size, ends([size, SWITCH])]).toEqual([size, true]);
    expect([size, ends([size, 10])]).toEqual([size, false]);
    expect([size, ends([10, size])]).toEqual([size, false]);
  }
});

test('a record that goes on behind the page is none', () => {
  const { bytes } = writeWal(1, [100, 20_000, SWITCH]);
  const page = bytes.subarray(PAGE, 2 * PAGE);
  const header = parseWalPage(page);
  if (header === null) throw new Error('there is no page');
  expect(endsInSwitch(page, header, bytes.subarray(0, PAGE))).toBe(false);
});
