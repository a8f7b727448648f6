import { describe, expect, it } from 'vitest';
import {
  ageText,
  instantText,
  instantWithAge,
  secondsBetween,
  spanText,
} from '../../../src/report/wording/instants.ts';
import { countText, listText, numberText, sizeText } from '../../../src/report/wording/numbers.ts';
import { lossText, subjectLabel } from '../../../src/report/wording/subjects.ts';

describe('instants', () => {
  it('stand in UTC to the minute', () => {
    expect(instantText('2026-11-19T02:00:59.999Z')).toBe('2026-11-19 02:00 UTC');
    expect(instantText('2026-11-19T02:00:00+09:00')).toBe('2026-11-18 17:00 UTC');
    expect(instantText('2027-01-31')).toBe('2027-01-31');
    expect(instantText('soon\n')).toBe('soon[U+000A]');
  });
  it('have ages in words, cut and never rounded up', () => {
    expect([0, 59, 60, 3599, 3600, 26 * 3600, 48 * 3600 - 1, 48 * 3600, 3 * 86_400 + 80_000].map(ageText)).toEqual([
      'less than a minute old',
      'less than a minute old',
      '1 minute old',
      '59 minutes old',
      '1 hour old',
      '26 hours old',
      '47 hours old',
      '2 days old',
      '3 days old',
    ]);
    expect(ageText(-7200)).toBe('2 hours in the future');
    expect(spanText(86_400 * 400)).toBe('400 days');
  });
  it('are compared with another instant', () => {
    expect(instantWithAge('2026-11-19T02:00:00.000Z', '2026-11-22T18:00:00.000Z')).toBe(
      '2026-11-19 02:00 UTC, 3 days old',
    );
    expect(secondsBetween('never', '2026-11-22T18:00:00.000Z')).toBeNull();
  });
});

describe('numbers', () => {
  it('agree with their nouns', () => {
    expect([0, 1, 2, 100_000].map((count) => countText(count, 'organization'))).toEqual([
      'no organizations',
      '1 organization',
      '2 organizations',
      '100,000 organizations',
    ]);
    expect(countText(1, 'copy', 'copies')).toBe('1 copy');
    expect(numberText(1_234_567)).toBe('1,234,567');
    expect([listText([]), listText(['a']), listText(['a', 'b', 'c'])]).toEqual(['', 'a', 'a, b and c']);
  });
  it('give sizes in decimal units', () => {
    expect([0, 1, 999, 1000, 48_211_004, 999_950_000, 1.5e12].map(sizeText)).toEqual([
      '0 bytes',
      '1 byte',
      '999 bytes',
      '1.0 kB',
      '48.2 MB',
      '1.0 GB',
      '1.5 TB',
    ]);
  });
});

describe('subjects', () => {
  it('are called as readers call them', () => {
    const subject = { key: 'k', organizationId: null, name: 'vault-main' } as const;
    expect(subjectLabel({ ...subject, kind: 'provider' })).toBe('Key provider vault-main');
    expect(subjectLabel({ ...subject, kind: 'database' })).toBe('Install database');
    expect(subjectLabel({ ...subject, kind: 'database', organizationId: 'org_1', name: 'acme' })).toBe(
      'Tenant database acme',
    );
    expect(lossText({ level: 'site', name: 'fra\n1' })).toBe('everything at the site fra[U+000A]1');
  });
});
