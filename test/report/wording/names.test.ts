import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asSentence,
  isolateRightToLeft,
  neutralize,
  neutralizeSentence,
  visible,
} from '../../../src/report/wording/names.ts';
import { HOSTILE_NAMES } from '../sample-names.ts';

/** Anything that moves, hides or breaks text around it. */
const DISRUPTIVE = /[\p{Cc}\p{Zl}\p{Zp}\u061C\u200B\u200E\u200F\u202A-\u202E\u2066-\u2069\uFEFF]/u;
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 2000 }),
  fc.string({ unit: fc.constantFrom('\u202E', '\n', 'x', '👩‍⚕️', 'س', '\uD800', ' ', '['), maxLength: 3000 }),
  fc.constantFrom(...HOSTILE_NAMES),
);

describe('neutralize', () => {
  it('writes out what would break or reorder text', () => {
    expect(neutralize('a\nb\u202Ec\u0000')).toBe('a[U+000A]b[U+202E]c[U+0000]');
    expect(neutralize('\uD800')).toBe('[U+D800]');
  });
  it('leaves names of every script as they are', () => {
    for (const name of ['Zürich & Söhne', '東京', 'مؤسسة السلام', '👩‍⚕️', 'نامه‌ها']) expect(neutralize(name)).toBe(name);
  });
  it('says how long a shortened name really is', () => {
    expect(neutralize('x'.repeat(10_000))).toBe(`${'x'.repeat(80)}… (10,000 characters in all)`);
    expect(neutralize('👩'.repeat(10_000))).toContain('(10,000 characters in all)');
  });
  it('names the empty name', () => {
    expect(neutralize('  ')).toBe('(no name)');
  });
  it('is harmless, short and stable for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = neutralize(text);
        expect(shown).not.toMatch(DISRUPTIVE);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown.length).toBeLessThanOrEqual(120);
        expect(neutralize(shown)).toBe(shown);
      }),
    );
  });
});

describe('neutralizeSentence', () => {
  it('keeps how a sentence begins and ends when a name in it is very long', () => {
    const shown = neutralizeSentence(`Tenant database ${'x'.repeat(10_000)}: newest copy is 3 days old`);
    expect(shown).toBe(`Tenant database ${'x'.repeat(80)}… (10,000 characters in all): newest copy is 3 days old`);
    const wordy = neutralizeSentence(`Tenant database ${'word '.repeat(3000)}: newest copy is 3 days old`);
    expect(wordy).toMatch(/^Tenant database word .*\[… [\d,]+ characters left out …\].* newest copy is 3 days old$/);
  });
  it('is harmless, bounded and stable for any text', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = neutralizeSentence(text);
        expect(shown).not.toMatch(DISRUPTIVE);
        expect(shown.isWellFormed()).toBe(true);
        expect(shown.length).toBeLessThanOrEqual(900);
        expect(neutralizeSentence(shown)).toBe(shown);
      }),
    );
  });
  it('ends a sentence once', () => {
    expect([asSentence('it is gone'), asSentence('it is gone.'), asSentence('is it gone?')]).toEqual([
      'it is gone.',
      'it is gone.',
      'is it gone?',
    ]);
  });
});

describe('visible', () => {
  it('shortens nothing', () => {
    expect(visible('x'.repeat(10_000))).toHaveLength(10_000);
  });
});

describe('isolateRightToLeft', () => {
  it('isolates a right-to-left name from the words and numbers beside it', () => {
    expect(isolateRightToLeft('database שלום 42 עולם: 3 days old')).toBe(
      'database \u2068שלום 42 עולם\u2069: 3 days old',
    );
  });
  it('leaves left-to-right text alone and loses nothing', () => {
    expect(isolateRightToLeft('Zürich 東京 42')).toBe('Zürich 東京 42');
    fc.assert(
      fc.property(anyText, (text) => {
        const shown = neutralizeSentence(text);
        expect(isolateRightToLeft(shown).replace(/[\u2068\u2069]/g, '')).toBe(shown);
      }),
    );
  });
});
