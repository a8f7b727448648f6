import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import type { Instant } from '../../src/model/instant.ts';
import { Secret } from '../../src/model/secret.ts';
import { BLIND_REASONS, SourceError } from '../../src/model/source-error.ts';
import { LOCATION, subject } from '../evaluate/fixture.ts';

const NOW: Instant = '2026-11-22T18:00:00.000Z';
const QUESTION = {
  kind: 'location',
  subject: LOCATION,
  source: 'location dumps',
  operation: 'list',
  locator: '/dumps',
} as const;

function asker(secrets: readonly string[] = [], signal = new AbortController().signal) {
  return createAsker(
    () => NOW,
    secrets.map((value) => new Secret(value)),
    signal,
  );
}

const throwing = (error: unknown) => ({ ...QUESTION, answer: () => Promise.reject(error) });

describe('asking', () => {
  it('records the answer with its provenance, complete unless it says otherwise', async () => {
    const items = [{ kind: 'directory', purposes: [], timezone: null }];
    const record = await asker().ask({ ...QUESTION, answer: () => ({ items }) });
    expect(record).toMatchObject({ ...QUESTION, grade: 'observed', collectedAt: NOW, items, blindSpot: null });
    const blindSpot = { reason: 'timeout', detail: 'too slow', remedy: 'wait' } as const;
    expect((await asker().ask({ ...QUESTION, answer: () => ({ items, blindSpot }) })).blindSpot).toBe(blindSpot);
  });

  it.each(BLIND_REASONS)('makes a blind spot of what a source throws: %s', async (reason) => {
    const record = await asker().ask(throwing(new SourceError(reason, 'the bucket did not answer', 'Ask again.')));
    expect(record.items).toEqual([]);
    expect(record.blindSpot).toEqual({ reason, detail: 'the bucket did not answer', remedy: 'Ask again.' });
  });

  it('makes one of a throw that is not a promise', async () => {
    const answer = () => {
      throw new SourceError('malformed', 'no list', 'Check it.');
    };
    expect((await asker().ask({ ...QUESTION, answer })).blindSpot?.reason).toBe('malformed');
  });

  it.each([new TypeError('password=hunter2 of row 7'), 'hunter2', null, undefined, { toString: () => 'hunter2' }])(
    'tells of a defect no more than its name: %o',
    async (error) => {
      const { blindSpot } = await asker().ask(throwing(error));
      expect(blindSpot?.reason).toBe('malformed');
      expect(blindSpot?.detail).toContain('reading location dumps failed in the auditor itself');
      expect(JSON.stringify(blindSpot)).not.toContain('hunter2');
    },
  );

  it('takes every secret out of what a source says, in message and remedy', async () => {
    const error = new SourceError(
      'unauthorized',
      'token s.12345 refused, twice: s.12345',
      'Do not use s.12345 or p+w.d (.*)',
    );
    const { blindSpot } = await asker(['s.12345', 'p+w.d (.*)']).ask(throwing(error));
    expect(blindSpot).toEqual({
      reason: 'unauthorized',
      detail: 'token [secret] refused, twice: [secret]',
      remedy: 'Do not use [secret] or [secret]',
    });
  });

  it('does not let a number that happens to hold a short secret tell it', async () => {
    const { ask } = asker(['1234', '$^-x', '12345678']);
    const detail = async (message: string) =>
      (await ask(throwing(new SourceError('unauthorized', message, 'None.')))).blindSpot?.detail;
    expect(await detail('account 123412349012 refused 1234, "1234" and pin=1234')).toBe(
      'account 123412349012 refused [secret], "[secret]" and pin=[secret]',
    );
    expect(await detail('refused $^-x; not a$^-xb')).toBe('refused [secret]; not a$^-xb');
    expect(await detail('account 912345678012')).toBe('account 9[secret]012');
  });

  it('leaves no rest of a secret that holds a shorter one', async () => {
    const error = new SourceError('unauthorized', 'refused abcd-efgh-1234', 'Ask.');
    const { blindSpot } = await asker(['abcd', 'abcd-efgh-1234']).ask(throwing(error));
    expect(blindSpot?.detail).toBe('refused [secret]');
  });

  it('throws an interruption on: it is no blind spot', async () => {
    const interruption = new AbortController();
    const question = {
      ...QUESTION,
      answer: () => {
        interruption.abort(new Error('interrupted'));
        return Promise.reject(new SourceError('not-asked', 'reading was interrupted', 'Run it again.'));
      },
    };
    await expect(asker([], interruption.signal).ask(question)).rejects.toThrow('interrupted');
  });

  it('gives the same question the same id, and another another', async () => {
    const id = async (change: object) =>
      (await asker().ask({ ...QUESTION, ...change, answer: () => ({ items: [] }) })).id;
    expect(await id({})).toBe(await id({}));
    const others = [
      { operation: 'stat' },
      { locator: '/other' },
      { source: 'location other' },
      { subject: subject('location', 'other') },
      { subject: subject('host', LOCATION.key) },
    ];
    const ids = await Promise.all([{}, ...others].map(id));
    expect(new Set(ids).size).toBe(ids.length);
  });
});

it('the system clock is an instant of now', () => {
  expect(Math.abs(Date.parse(systemClock()) - Date.now())).toBeLessThan(5000);
});
