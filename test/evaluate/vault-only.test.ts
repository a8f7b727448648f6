import { expect, test } from 'vitest';
import { key1 } from '../../src/evaluate/controls/key-1.ts';
import { key6 } from '../../src/evaluate/controls/key-6.ts';
import { key8 } from '../../src/evaluate/controls/key-8.ts';
import { judgeProvider } from './key-case.ts';

test.each([key6, key8])('$id is not asked of a provider that is down and no Vault by the configuration', (control) => {
  const hsm = { provider: 'blind' as const, custody: [{ kind: 'pkcs11' }] };
  expect(judgeProvider(control, hsm)).toMatchObject({
    status: 'not-applicable',
    because: expect.stringContaining('a provider of kind pkcs11 has no snapshots and no seal'),
  });
  expect(judgeProvider(control, { ...hsm, snapshots: [] }).status).toBe('not-applicable');
});

test.each([key6, key8])(
  '$id is unknown of a Vault that is down, and of one of which nobody states the kind',
  (control) => {
    for (const custody of [[{ kind: 'vault-transit' }], [{}], 'blind'] as const) {
      const finding = judgeProvider(control, { provider: 'blind', custody });
      expect(finding.status).toBe('unknown');
      expect(finding.because).toContain('it gave no answer about itself: provider-state unreachable');
    }
  },
);

test('KEY-1 tells why a provider gave no answer', () => {
  expect(judgeProvider(key1, { provider: 'blind' })).toMatchObject({
    status: 'unknown',
    because: 'it gave no answer about itself: provider-state unreachable',
  });
});

test('what a provider says of itself counts, whatever the configuration states', () => {
  expect(judgeProvider(key6, { custody: [{ kind: 'pkcs11' }] }).status).toBe('pass');
});
