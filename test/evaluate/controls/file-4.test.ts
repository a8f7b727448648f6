import { expect, test } from 'vitest';
import { file4 } from '../../../src/evaluate/controls/file-4.ts';
import { BEFORE_ALL, DAY, HOUR } from '../../../src/model/instant.ts';
import { judgeStore } from '../file-case.ts';
import { ago } from '../fixture.ts';

const LOST = { storeDomain: [{ host: 'install-1' }] };

test('a copy of last night', () => {
  expect(judgeStore(file4, { ...LOST, copies: [{}] })).toMatchObject({ status: 'pass', limit: { value: 26 } });
});

test('the newest that counts is too old', () => {
  const copies = [{ moment: ago(3 * DAY) }, { complete: false }, { location: 'elsewhere', moment: ago(-DAY) }];
  const finding = judgeStore(file4, { ...LOST, copies });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe('the newest copy that counts is of 2026-11-19 18:00 UTC, 3 days old; the limit is 26 h');
});

test('none at all, or none that counts', () => {
  expect(judgeStore(file4, { ...LOST, copies: [] }).because).toBe('no backup set holds the files');
  const unfinished = [{ complete: false, because: 'it has no marker' }];
  expect(judgeStore(file4, { ...LOST, copies: unfinished }).because).toContain('it has no marker');
});

test('a recent one of which it is not known whether it survives is unknown, an old one is a gap', () => {
  expect(judgeStore(file4, { ...LOST, setsDomain: [], copies: [{}] }).status).toBe('unknown');
  expect(judgeStore(file4, { ...LOST, setsDomain: [], copies: [{ moment: ago(3 * DAY) }] }).status).toBe('fail');
});

test('a live store that outlives the loss needs none, one of unknown domain does', () => {
  expect(judgeStore(file4, { copies: 'blind', organizations: 'blind' }).status).toBe('not-applicable');
  expect(judgeStore(file4, { storeDomain: [], copies: [] }).status).toBe('fail');
});

test('a new organization has time until its first copy, unless one lies there', () => {
  const organizations = [{ createdAt: ago(2 * HOUR) }];
  const finding = judgeStore(file4, { ...LOST, organizations, copies: [] });
  expect(finding.status).toBe('not-applicable');
  expect(finding.because).toContain('first copy due by 2026-11-23 18:00 UTC');
  expect(judgeStore(file4, { ...LOST, organizations, copies: [{ moment: ago(3 * DAY) }] }).status).toBe('fail');
  expect(judgeStore(file4, { ...LOST, organizations, copies: 'blind' }).status).toBe('unknown');
  expect(judgeStore(file4, { ...LOST, organizations: [{ createdAt: ago(27 * HOUR) }], copies: [] }).status).toBe(
    'fail',
  );
});

test('a creation in the future excuses no missing copy', () => {
  const organizations = [{ createdAt: ago(-30 * DAY) }];
  expect(judgeStore(file4, { ...LOST, organizations, copies: [] }).status).toBe('fail');
});

test('copies without a byte are none where the database lists files', () => {
  const told = (counts: readonly { after: string; count: number }[] | 'blind', bytes = 0) =>
    judgeStore(file4, {
      bindings: [{ kind: 'bundled', bucket: null, path: '/srv/acme' }],
      store: [{ kind: 'bundled' }],
      storeDomain: [{ host: 'install-1' }],
      versioning: 'blind',
      locks: 'blind',
      rules: 'blind',
      replicas: 'blind',
      copies: [{ files: 1, bytes }],
      counts: counts === 'blind' ? counts : [...counts],
    }).status;
  expect(told([{ after: BEFORE_ALL, count: 40 }])).toBe('fail');
  expect(told([{ after: BEFORE_ALL, count: 0 }])).toBe('pass');
  expect(told('blind')).toBe('unknown');
  expect(told('blind', 7)).toBe('pass');
});
