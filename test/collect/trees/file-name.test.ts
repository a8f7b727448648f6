import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nameBytes, nameText } from '../../../src/collect/trees/file-name.ts';

test.each([
  ['acme.dump', Buffer.from('acme.dump')],
  ['Müller \u{1f600}.dump', Buffer.from('Müller \u{1f600}.dump')],
  ['back\\slash', Buffer.from('back\\slash')],
  ['M\\xfcller.dump', Buffer.from('Müller.dump', 'latin1')],
  ['\\x5cxfc', Buffer.from('\\xfc')],
  ['\\x5c\\xff', Buffer.from([0x5c, 0xff])],
  ['\ufffd', Buffer.from('\ufffd')],
  ['\\xed\\xa0\\x80', Buffer.from([0xed, 0xa0, 0x80])],
])('%s', (text, bytes) => {
  expect(nameText(bytes)).toBe(text);
  expect(nameBytes(text)).toEqual(bytes);
});

test('every name has a text of its own, from which its bytes come back', () => {
  const escapes = fc.constantFrom('\\', 'x', '5', 'c', 'f', '\\xff', '\\x5c', 'ü', '\u{1f600}');
  const parts = fc.array(
    fc.oneof(
      escapes.map((text) => Buffer.from(text)),
      fc.uint8Array({ maxLength: 3 }),
    ),
  );
  fc.assert(
    fc.property(parts, (pieces) => {
      const bytes = Buffer.concat(pieces);
      expect(nameBytes(nameText(bytes))).toEqual(bytes);
    }),
  );
});

test('no text spells what leads out of a directory', () => {
  for (const text of ['\\x2e\\x2e', 'a\\x2fb', 'a\\x00']) expect(nameBytes(text)).toEqual(Buffer.from(text));
});
