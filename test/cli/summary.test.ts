import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nagiosLine, oneLine, summaryLines } from '../../src/cli/summary.ts';
import { sampleHead } from '../report/sample-head.ts';
import { sampleChapter } from '../report/sample-organizations.ts';

const HEAD = sampleHead({ organizations: 12 });

describe('the summary on a terminal', () => {
  it('says the verdict, the denominator, the worst gaps, the blind spots and the exit code', () => {
    const text = summaryLines(HEAD, null).join('\n');
    expect(text).toContain('12 organizations');
    expect(text).toContain(`Worst gaps (${HEAD.worstGaps.total} in all):`);
    expect(text).toContain(HEAD.worstGaps.shown[0]?.sentence);
    expect(text).toContain('Blind spots (1):');
    expect(text).toContain('AccessDenied');
    expect(text).toContain('Exit code 1');
  });

  it('leaves out headings without anything below them', () => {
    const clear = { ...HEAD, worstGaps: { total: 0, shown: [] }, blindSpots: [], exit: { code: 0, reasons: [] } };
    expect(summaryLines(clear, null).join('\n')).not.toMatch(/Worst gaps|Blind spots/);
  });

  it('lets no hostile name move the cursor, hide text or break a line', () => {
    const lines = summaryLines(sampleHead({ organizations: 24, hostile: true }), null);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what must not reach a terminal
    for (const line of lines) expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
  });

  it('of one organization names no other', () => {
    const head = sampleHead({ organizations: 12, only: 1 });
    const text = summaryLines(head, sampleChapter(1, false).summary).join('\n');
    for (const index of [0, 2, 3]) expect(text).not.toContain(sampleChapter(index, false).summary.name);
  });
});

describe('text on one line', () => {
  it('has no control character, no direction override and no line break, and is bounded', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
        const line = oneLine(text);
        expect(line).not.toMatch(/[\p{Cc}\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(line.length).toBeLessThanOrEqual(302);
      }),
    );
  });

  it.each(['\u2028', '\u2029', '\u202e', '\u0085', '\u001b[2J', '\r'])('has none of %j', (hostile) => {
    expect(oneLine(`a${hostile}b`)).not.toContain(hostile);
  });

  it('leaves ordinary names as they are', () => {
    for (const name of ['Müller & Söhne', 'شركة', '株式会社', '👩‍🚀']) expect(oneLine(name)).toBe(name);
  });
});

describe('the line for Nagios', () => {
  it.each([
    [0, 'OK', 0],
    [1, 'CRITICAL', 2],
    [2, 'UNKNOWN', 3],
  ] as const)('of exit code %i says %s and ends with %i', (code, state, exitCode) => {
    const answer = nagiosLine({ ...HEAD, exit: { code, reasons: [] } });
    expect(answer.exitCode).toBe(exitCode);
    expect(answer.line).toMatch(
      new RegExp(`^RECOVERAGE ${state} - \\d+ of 12 organizations judged, .* \\| gaps=\\d+;;;0 `),
    );
  });

  it('says that the number is not known where the organizations could not be listed', () => {
    const organizations = { total: null, judged: 0, blind: 0, excluded: 0 };
    expect(nagiosLine({ ...HEAD, denominator: { organizations } }).line).toContain('0 of unknown organizations judged');
  });
});
