import { expect, test } from 'vitest';
import { settingsText } from '../../../../src/collect/hosts/probe/settings-text.ts';

test.each([
  ['A=1\nB_2=two words\n', 2],
  ['export A=1\r\n  B = "x"\r\n', 2],
  ["A: 1\nset B='y'", 2],
  ['# A=1\n\n', 0],
  ['A=\nB=""\nC=#none\n', 0],
  ['no settings at all', 0],
  ['', 0],
])('%j sets %i variables', (text, settings) => {
  expect(settingsText(Buffer.from(text))).toEqual({ nulBytes: 0, settings });
});

test('NUL bytes are counted', () => {
  expect(settingsText(Buffer.alloc(4096))).toEqual({ nulBytes: 4096, settings: 0 });
  expect(settingsText(Buffer.from('A=1\n\0\0'))).toEqual({ nulBytes: 2, settings: 1 });
});
