import { expect, test } from 'vitest';
import { key2 } from '../../../src/evaluate/controls/key-2.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring } from '../key-case.ts';

test('a usable key, named by its identity where it has one', () => {
  expect(judgeKeyring(key2)).toMatchObject({ status: 'pass', because: 'the key is enabled', grade: 'observed' });
  expect(judgeInstallKeyring(key2).status).toBe('pass');
  expect(judgeKeyring(key2, { key: [{ identity: 'arn:aws:kms:x' }] }).because).toBe('the key arn:aws:kms:x is enabled');
});

test('what is blocked says how and until when it comes back', () => {
  const finding = judgeKeyring(key2, { key: [{ state: 'pending-deletion', deletionDate: ago(-7 * DAY) }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'blocked: the key will be deleted on 2026-11-29 18:00 UTC; cancelling that before then brings it back',
  );
});

test('what is lost says so', () => {
  const finding = judgeKeyring(key2, { key: [{ state: 'missing' }] });
  expect(finding.because).toBe('lost: the key does not exist in the provider');
  expect(finding.remediation).toContain('aws kms cancel-key-deletion');
});

test('a key nobody saw is unknown', () => {
  expect(judgeKeyring(key2, { key: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key2, { key: [] }).status).toBe('unknown');
});
