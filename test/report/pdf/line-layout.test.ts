import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openDocument } from '../../../src/report/formats/pdf/document.ts';
import { layOut, type TextLine } from '../../../src/report/formats/pdf/line-layout.ts';
import { printable } from '../../../src/report/formats/pdf/printable.ts';
import { openTypefaces } from '../../../src/report/formats/pdf/typeface.ts';

const faces = openTypefaces(openDocument({ title: 't', subject: 's', created: new Date(0) }));
const SIZE = 10;
const lines = (text: string, width: number) => layOut(text, faces.regular, faces, SIZE, width);
const widthOf = (text: string) => ((lines(text, 10_000)[0]?.advance ?? 0) * SIZE) / 1000 + 1;
const drawn = (line: TextLine) => line.tokens.map((token) => token.text).join('');

describe('layOut', () => {
  it('breaks at spaces and keeps the space at the end of the line', () => {
    const width = widthOf('one two');
    expect(lines('one two three', width).map(drawn)).toEqual(['one two ', 'three']);
  });

  it('breaks a long path after its punctuation', () => {
    const width = widthOf('/srv/backups/daily/');
    expect(lines('/srv/backups/daily/acme.dump', width).map(drawn)).toEqual(['/srv/backups/daily/', 'acme.dump']);
  });

  it('gives one empty line for no text', () => {
    expect(lines('', 100).map(drawn)).toEqual(['']);
  });

  it('turns right-to-left words around, numbers between them included, and nothing beside them', () => {
    expect(lines('file אבג דהו 42 זחט is 16 hours old', 1000).map(drawn)).toEqual([
      'file זחט 42 דהו אבג is 16 hours old',
    ]);
    expect(lines('אבג 16 hours', 1000).map(drawn)).toEqual(['אבג 16 hours']);
  });

  it('draws what a face lacks in the regular face', () => {
    const [line] = layOut('dump אבג', faces.mono, faces, SIZE, 1000);
    expect(line?.tokens.map((token) => token.face.name)).toEqual(['mono', 'mono', 'regular']);
  });

  it('loses no character and exceeds no width, whatever the text', () => {
    const text = fc.stringMatching(/^[a-zA-Z0-9 /._-]{0,200}$/);
    fc.assert(
      fc.property(text, fc.integer({ min: 15, max: 300 }), (words, width) => {
        const set = lines(words, width);
        expect(set.map(drawn).join('').replaceAll(' ', '')).toBe(words.replaceAll(' ', ''));
        for (const line of set) expect((line.advance * SIZE) / 1000).toBeLessThanOrEqual(width + 0.01);
      }),
      { numRuns: 200 },
    );
  });
});

describe('printable', () => {
  const shown = (text: string) => printable(text, faces.regular.covers);

  it('leaves covered text as it is', () => {
    for (const text of ['Acme', 'Zürich', 'Ελλάδα', 'Привет', 'אבג', '→ ≤ 😀']) {
      expect(shown(text)).toEqual({ text, replaced: 0 });
    }
  });

  it('writes what has no glyph or no form as numbers, together in one bracket', () => {
    expect(shown('a東京b')).toEqual({ text: 'a[U+6771 U+4EAC]b', replaced: 2 });
    expect(shown('x\u202Ey')).toEqual({ text: 'x[U+202E]y', replaced: 1 });
    expect(shown('👩')).toEqual({ text: '[U+1F469]', replaced: 1 });
  });

  it('sets a line break as a space, and composes letters with their marks', () => {
    expect(shown('e\u0301\n東').text).toBe('é [U+6771]');
  });

  it('leaves nothing that the font cannot draw', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        for (const character of shown(text).text)
          expect(faces.regular.covers(character.codePointAt(0) ?? 0)).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
