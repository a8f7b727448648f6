import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createStateScanner, type StateEntry } from '../../../../src/collect/formats/vault-snapshot/state-entries.ts';
import { stateEntry } from './synthetic-snapshot.ts';

function scan(bytes: Uint8Array, chunkBytes: number, whole = false) {
  const entries: StateEntry[] = [];
  const scanner = createStateScanner(
    () => whole,
    (entry) => entries.push(entry),
  );
  for (let start = 0; start < bytes.length; start += chunkBytes)
    scanner.push(bytes.subarray(start, start + chunkBytes));
  return { entries, isWhole: scanner.isWhole() };
}

const entries = fc.array(fc.tuple(fc.string({ minLength: 1, unit: 'grapheme' }), fc.uint8Array({ maxLength: 300 })), {
  maxLength: 8,
});

describe('createStateScanner', () => {
  it('finds every entry, whatever the chunks', () => {
    fc.assert(
      fc.property(entries, fc.integer({ min: 1, max: 400 }), fc.boolean(), (list, chunkBytes, whole) => {
        const bytes = Buffer.concat(list.map(([key, value]) => stateEntry(key, value)));
        const found = scan(bytes, chunkBytes, whole);
        expect(found.isWhole).toBe(true);
        const hex = (value: Uint8Array) => Buffer.from(value).toString('hex');
        expect(found.entries.map((entry) => ({ ...entry, value: hex(entry.value) }))).toEqual(
          list.map(([key, value]) => ({
            key,
            valueBytes: value.length,
            value: hex(whole ? value : value.subarray(0, 5)),
          })),
        );
      }),
    );
  });

  it('is whole at the end of an entry only', () => {
    fc.assert(
      fc.property(entries, fc.nat(), (list, at) => {
        const parts = list.map(([key, value]) => stateEntry(key, value));
        const bytes = Buffer.concat(parts);
        fc.pre(bytes.length > 0);
        const cut = at % bytes.length;
        let end = 0;
        const ends = [0, ...parts.map((part) => (end += part.length))];
        expect(scan(bytes.subarray(0, cut), 64).isWhole).toBe(ends.includes(cut));
      }),
    );
  });

  it.each([
    ['an empty entry', [0]],
    ['a value before its key', [4, 0x12, 1, 65, 0x0a]],
    ['a field of another number', [3, 0x1a, 1, 65]],
    ['a key without a name', [2, 0x0a, 0]],
    ['two keys', [6, 0x0a, 1, 65, 0x0a, 1, 66]],
    ['a field longer than its entry', [3, 0x0a, 9, 65]],
    ['a length without end', [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]],
    ['a key of 4 GiB', [0x85, 0x80, 0x80, 0x80, 0x10, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f]],
  ])('%s ends the search', (_, bytes) => {
    const found = scan(Buffer.concat([Buffer.from(bytes), stateEntry('core/x', new Uint8Array(0))]), 64);
    expect(found).toEqual({ entries: [], isWhole: false });
  });
});
