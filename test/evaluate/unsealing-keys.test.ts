import { describe, expect, it } from 'vitest';
import { key8 } from '../../src/evaluate/controls/key-8.ts';
import type { Facts } from '../../src/model/facts.ts';
import { type CustodyCase, held, judgeDependence, judgeRecoverable, providerScope } from './custody-case.ts';
import { judge, node, PROVIDER } from './fixture.ts';

const A = 'arn:aws:kms:eu-central-1:111122223333:key/aaaa';
const SEALED: CustodyCase = { first: { sealType: 'awskms' }, attestedOfFirst: ['recovery-shares-held'] };

const all = (seen: CustodyCase) => ({
  'KEY-8': judge(key8, node(PROVIDER), providerScope(seen)).status,
  'REC-1': judgeRecoverable(seen).status,
  'REC-5': judgeDependence(seen).status,
});

it('a key that no provider of the configuration covers is not known to be there', () => {
  const service = {
    kind: 'service' as const,
    name: 'AWS KMS',
    key: A,
    account: '111122223333',
    region: 'eu-central-1',
  };
  const seen: CustodyCase = {
    ...SEALED,
    snapshots: [{ sealKeyId: A, sealKeyHeldBy: service }],
    opens: { 'vault-1': [held('unseal-key', [service], 'observed')] },
  };
  expect(all(seen)).toEqual({ 'KEY-8': 'unknown', 'REC-1': 'unknown', 'REC-5': 'unknown' });
  for (const { because } of [judgeRecoverable(seen), judgeDependence(seen)]) {
    expect(because).toContain(
      'nobody asked whether it is there: add a provider of kind aws-kms of account 111122223333',
    );
  }
});

/** A key of a provider that outlives the loss. */
const seenWith = (key: Partial<Facts['key-state']>): CustodyCase => ({
  ...SEALED,
  second: { kind: 'aws-kms', sealType: null },
  secondDomain: { host: 'far-away' },
  secondSnapshots: [],
  opens: { 'vault-1': [held('unseal-key', [{ kind: 'provider', name: 'vault-2', key: A }])] },
  keys: { 'vault-2': [{ keyRef: A, ...key }] },
});

describe('a key of a seal that is only blocked', () => {
  it.each(['disabled', 'pending-deletion'] as const)('is told with what to undo (%s)', (state) => {
    const seen = seenWith({ state });
    expect(all(seen)).toEqual({ 'KEY-8': 'fail', 'REC-1': 'pass', 'REC-5': 'fail' });
    expect(judgeRecoverable(seen).because).toContain(`it opens again once this is undone: `);
    expect(judgeRecoverable(seen).because).toContain(`key ${A} of vault-2`);
  });

  it('is lost once the day of its deletion is over', () => {
    const seen = seenWith({ state: 'pending-deletion', deletionDate: '2026-11-01T00:00:00.000Z' });
    expect(judgeRecoverable(seen).status).toBe('fail');
  });

  it('may be there still behind an alias that points nowhere', () => {
    const seen = seenWith({ state: 'missing', isLostAlias: true });
    expect(all(seen)).toEqual({ 'KEY-8': 'fail', 'REC-1': 'unknown', 'REC-5': 'fail' });
    expect(judgeRecoverable(seenWith({ state: 'missing' })).status).toBe('fail');
  });
});
