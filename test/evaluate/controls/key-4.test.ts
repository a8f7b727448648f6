import { expect, test } from 'vitest';
import { key4 } from '../../../src/evaluate/controls/key-4.ts';
import { DAY, MINUTE } from '../../../src/model/instant.ts';
import { ago, policyOf } from '../fixture.ts';
import { judgeInstallKeyring, judgeKeyring } from '../key-case.ts';

const copyAt = (days: number) => {
  const instant = ago(days * DAY);
  return { moment: { notBefore: instant, notAfter: instant, origin: 'test' } };
};
const retired = { version: 1, state: 'retired', createdAt: ago(90 * DAY), retiredAt: ago(30 * DAY) } as const;
const current = { version: 2, createdAt: ago(30 * DAY) };
const onlySecond = [
  { latestVersion: 2, minDecryptionVersion: 2, versions: [{ version: 2, createdAt: ago(30 * DAY + MINUTE) }] },
];

test('a retired version that an old copy needs is a gap where it may not decrypt', () => {
  const finding = judgeKeyring(key4, { copies: [copyAt(60)], records: [retired, current], key: onlySecond });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('blocked: version 1 of the key may not decrypt');
});

test('only copies from before it needed it, where policy says that retired means rewrapped', () => {
  const policy = policyOf({ retiredMeansRewrapped: true });
  const seen = { records: [retired, current], key: onlySecond, policy };
  expect(judgeKeyring(key4, { ...seen, copies: [copyAt(1)] }).status).toBe('pass');
  expect(judgeKeyring(key4, { ...seen, copies: [copyAt(1), copyAt(60)] }).status).toBe('fail');
});

test('without a copy that could count nothing needs an old version', () => {
  expect(judgeKeyring(key4, { copies: [] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: [{ integrity: 'incomplete' }] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: [copyAt(-1)] }).status).toBe('not-applicable');
  expect(judgeKeyring(key4, { copies: 'blind' }).status).toBe('unknown');
});

test('a copy that may not count leaves a bad version unknown', () => {
  const copies = [{ ...copyAt(60), databaseOid: 99 }];
  expect(judgeKeyring(key4, { copies, records: [retired, current], key: onlySecond }).status).toBe('unknown');
});

test('a good copy passes; with records or copies missing it does not', () => {
  expect(judgeKeyring(key4).status).toBe('pass');
  expect(judgeInstallKeyring(key4).status).toBe('pass');
  expect(judgeKeyring(key4, { records: 'blind' }).status).toBe('unknown');
  expect(judgeKeyring(key4, { records: [] }).status).toBe('unknown');
});
