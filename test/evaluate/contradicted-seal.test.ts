import { describe, expect, it } from 'vitest';
import { key8 } from '../../src/evaluate/controls/key-8.ts';
import type { Facts } from '../../src/model/facts.ts';
import {
  type CustodyCase,
  held,
  judgeDependence,
  judgeInstallDependence,
  judgeInstallRecoverable,
  judgeRecoverable,
  providerScope,
} from './custody-case.ts';
import { judge, node, PROVIDER } from './fixture.ts';

const arn = (id: string) => `arn:aws:kms:eu-central-1:111122223333:key/${id}`;
const [A, B] = [arn('aaaa'), arn('bbbb')];
type KeyState = Partial<Facts['key-state']>;

const holderOf = (key: string) => ({ kind: 'provider' as const, name: 'vault-2', key, account: null, region: null });
/** Who holds the key that a snapshot names. */
const NAMES_A = { sealKeyId: A, sealKeyHeldBy: holderOf(A) };

/** A Vault of which a snapshot names key A, and of which the configuration states another one. */
function sealedBy(stated: string, keys: readonly KeyState[], more: CustodyCase = {}): CustodyCase {
  return {
    first: { sealType: 'awskms' },
    second: { kind: 'aws-kms', sealType: null },
    secondDomain: { host: 'far-away' },
    secondSnapshots: [],
    snapshots: [NAMES_A],
    opens: { 'vault-1': [held('unseal-key', [holderOf(stated)])] },
    keys: { 'vault-2': keys },
    attestedOfFirst: ['recovery-shares-held'],
    ...more,
  };
}

const judgeSeal = (seen: CustodyCase) => judge(key8, node(PROVIDER), providerScope(seen));
const all = (seen: CustodyCase) => ({
  'KEY-8': judgeSeal(seen).status,
  'REC-1': judgeRecoverable(seen).status,
  'REC-5': judgeDependence(seen).status,
});
const both = [{ keyRef: A }, { keyRef: B }];

describe('a snapshot that names another key of its seal than is stated', () => {
  it('is told, and leaves open what opens it', () => {
    const seen = sealedBy(B, both);
    expect(all(seen)).toEqual({ 'KEY-8': 'unknown', 'REC-1': 'unknown', 'REC-5': 'unknown' });
    for (const { because } of [judgeSeal(seen), judgeRecoverable(seen), judgeInstallDependence(seen)]) {
      expect(because).toContain(
        `names key ${A} of vault-2 as what unseals it, and the configuration states key ${B} of vault-2: correct seal of provider vault-1`,
      );
    }
    expect(judgeInstallRecoverable(seen).status).toBe('unknown');
    const untold = sealedBy(B, both, { snapshots: [{ sealKeyId: A }] });
    expect(all(untold)).toEqual({ 'KEY-8': 'unknown', 'REC-1': 'unknown', 'REC-5': 'unknown' });
  });

  it('stays shut where the key that it names waits for its deletion, or is gone', () => {
    const pending = sealedBy(B, [{ keyRef: A, state: 'pending-deletion' }, { keyRef: B }]);
    // It can be undone, and then it is the statement that is open.
    expect(all(pending)).toEqual({ 'KEY-8': 'fail', 'REC-1': 'unknown', 'REC-5': 'fail' });
    expect(judgeSeal(pending).because).toContain(`key ${A} of vault-2 will be deleted`);
    const gone = sealedBy(B, [{ keyRef: A, state: 'missing' }, { keyRef: B }]);
    expect(all(gone)).toEqual({ 'KEY-8': 'fail', 'REC-1': 'fail', 'REC-5': 'fail' });
    expect(judgeRecoverable(gone).because).toContain(`key ${A} of vault-2 does not exist`);
  });

  it('is no matter beside a newer one that names the stated key, or where Vault outlives the loss', () => {
    const newer = { sealKeyId: B, sealKeyHeldBy: holderOf(B), path: 'new.snap', takenAt: '2026-11-22T02:00:00.000Z' };
    const seen = sealedBy(B, [{ keyRef: A, state: 'missing' }, { keyRef: B }], { snapshots: [NAMES_A, newer] });
    expect(all(seen)).toEqual({ 'KEY-8': 'pass', 'REC-1': 'pass', 'REC-5': 'pass' });
    const alive = sealedBy(B, both, { providerDomain: [{ host: 'far-away' }] });
    expect(all(alive)).toMatchObject({ 'REC-1': 'pass', 'REC-5': 'pass' });
  });

  it('contradicts wherever it lies', () => {
    const beside = sealedBy(B, both, { locationDomain: [{ host: 'install-1' }] });
    expect(judgeSeal(beside).status).toBe('unknown');
    expect(judgeSeal(beside).because).toContain(`names key ${A} of vault-2`);
  });

  it.each<readonly [string, string, readonly KeyState[]]>([
    ['the same ARN', A, [{ keyRef: A }]],
    ['its id', 'aaaa', [{ keyRef: 'aaaa' }]],
    ['an alias that points to it', 'alias/seal', [{ keyRef: 'alias/seal', identity: A, aliasSetAt: null }]],
  ])('does not, where %s is stated', (_, stated, keys) => {
    expect(all(sealedBy(stated, keys))).toEqual({ 'KEY-8': 'pass', 'REC-1': 'pass', 'REC-5': 'pass' });
  });

  it('does, where an alias is stated that points elsewhere', () => {
    const keys = [{ keyRef: 'alias/seal', identity: B, aliasSetAt: null }, { keyRef: A }];
    expect(all(sealedBy('alias/seal', keys))).toEqual({ 'KEY-8': 'unknown', 'REC-1': 'unknown', 'REC-5': 'unknown' });
  });
});

it('an older snapshot that survives alone opens with the key that it names itself', () => {
  const newer = { sealKeyId: B, sealKeyHeldBy: holderOf(B), location: 'sets', takenAt: '2026-11-22T02:00:00.000Z' };
  const seen = (keys: readonly KeyState[]) =>
    sealedBy(B, keys, {
      snapshots: [NAMES_A, newer],
      setsDomain: [{ host: 'install-1' }],
      fileCopies: [{ location: 'dumps' }],
      opens: { 'vault-1': [held('unseal-key', [holderOf(B)], 'observed')] },
    });
  expect(judgeDependence(seen(both)).status).toBe('pass');
  expect(judgeDependence(seen([{ keyRef: A, state: 'missing' }, { keyRef: B }])).status).toBe('fail');
  expect(judgeDependence(seen([{ keyRef: B }])).status).toBe('unknown');
});
