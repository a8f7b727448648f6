import { describe, expect, test } from 'vitest';
import { parsePythonLiteral } from '../../../../src/collect/formats/barman/python-literal.ts';

describe('Python literals', () => {
  test.each([
    ['None', null],
    ['True', true],
    ['-1.5e+3', { number: '-1.5e+3' }],
    [String.raw`'it\'s\n\x41\u20ac\U0001f600'`, "it's\nA€😀"],
    ['"it\'s"', "it's"],
    ['()', { items: [] }],
    ['(1,)', { items: [{ number: '1' }] }],
    ["[ ('a' , 1), None ]", { items: [{ items: ['a', { number: '1' }] }, null] }],
    [
      "{'copy_time': 1.5, 'x': {}}",
      {
        pairs: [
          ['copy_time', { number: '1.5' }],
          ['x', { pairs: [] }],
        ],
      },
    ],
  ])('%s', (text, expected) => {
    expect(parsePythonLiteral(text)).toEqual(expected);
  });

  test.each([
    '',
    '[',
    "'",
    "'\\",
    "'\\x4'",
    "'\\U00110000'",
    '[1 2]',
    '{1}',
    '1 2',
    'nonsense',
    '[1,,2]',
    '('.repeat(33),
  ])('%j is none', (text) => {
    expect(() => parsePythonLiteral(text)).toThrow(RangeError);
  });
});
