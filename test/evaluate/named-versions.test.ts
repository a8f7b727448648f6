import { describe, expect, test } from 'vitest';
import type { KeyUse } from '../../src/evaluate/keys.ts';
import { liveNamedVersion } from '../../src/evaluate/named-versions.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DAY } from '../../src/model/instant.ts';
import { AS_OF, ago } from './fixture.ts';

type NamedVersions = NonNullable<Facts['key-state']['namedVersions']>;

/** Versions a, b and c, made 300, 200 and 100 days ago. */
function versions(...disabled: readonly string[]): NamedVersions {
  return ['a', 'b', 'c'].map((name, index) => ({
    name,
    enabled: !disabled.includes(name),
    createdAt: ago((300 - 100 * index) * DAY),
    notBefore: null,
    expiresAt: null,
    canDecrypt: true,
    keyType: 'RSA',
  }));
}

function key(namedVersions: NamedVersions | null, more: Partial<Facts['key-state']> = {}): Facts['key-state'] {
  return {
    state: 'enabled',
    identity: 'https://acme.vault.azure.net/keys/acme',
    latestVersion: null,
    minDecryptionVersion: null,
    minAvailableVersion: null,
    versions: null,
    createdAt: ago(300 * DAY),
    deletionDate: null,
    expiresAt: null,
    origin: null,
    canDecrypt: true,
    keyType: 'RSA',
    namedVersions,
    ...more,
  };
}

const use = (version: number | null, days: number | null, name: string | null = null) =>
  ({ version, since: days === null ? null : ago(days * DAY), named: { name } }) as KeyUse;

function stateOf(shown: Facts['key-state'], asked: KeyUse, others: readonly KeyUse[] = []) {
  return liveNamedVersion(shown, asked.version, asked, others, AS_OF);
}

describe('a record that names its version', () => {
  test('means that one, whatever its dates', () => {
    expect(stateOf(key(versions('a', 'c')), use(null, 50, 'b')).state).toBe('usable');
    expect(stateOf(key(versions('b')), use(7, 50, 'b'))).toMatchObject({ state: 'blocked' });
    const expired = versions().map((one) => ({ ...one, expiresAt: ago(DAY), notBefore: ago(-DAY) }));
    expect(stateOf(key(expired), use(null, 50, 'b')).state).toBe('usable');
  });

  test('means another key where it is not there: versions are never deleted one by one', () => {
    expect(stateOf(key(versions()), use(null, 50, 'd')).state).toBe('lost');
  });
});

describe('a record without the name', () => {
  test('is usable where all versions are that were there by then', () => {
    expect(stateOf(key(versions()), use(2, 150)).state).toBe('usable');
    expect(stateOf(key(versions('c')), use(2, 150)).state).toBe('usable');
    expect(stateOf(key(versions('c')), use(null, 150)).state).toBe('usable');
  });

  test('is blocked where none of them is', () => {
    expect(stateOf(key(versions('a')), use(1, 250))).toMatchObject({
      state: 'blocked',
      because: 'is a in the provider, which is disabled; enabling it brings it back',
    });
    expect(stateOf(key(versions('a', 'b')), use(null, 150)).state).toBe('blocked');
  });

  test('is open where some are and some are not, and never lost', () => {
    expect(stateOf(key(versions('a')), use(2, 150))).toMatchObject({ state: 'unknown', neverLost: true });
    expect(stateOf(key(versions('a')), use(2, null))).toMatchObject({ state: 'unknown', neverLost: true });
  });

  test('is told by the numbers beside it, which rise with the versions', () => {
    const first = use(1, 250);
    expect(stateOf(key(versions('a')), use(2, 150), [first]).state).toBe('usable');
    expect(stateOf(key(versions('b')), use(2, 150), [first]).state).toBe('blocked');
    const third = use(3, 50);
    expect(stateOf(key(versions('c')), use(1, null), [use(2, null), third]).state).toBe('usable');
    expect(stateOf(key(versions('c')), third, [first, use(2, 150)]).state).toBe('blocked');
  });

  test('is open where there are more numbers than versions', () => {
    const numbered = [use(1, 250), use(2, 240)];
    expect(stateOf(key(versions()), use(2, 240), numbered).state).toBe('unknown');
    expect(stateOf(key(versions()), use(2, 240), numbered).neverLost).toBeUndefined();
    expect(stateOf(key(versions('a')), use(2, 240), numbered).state).toBe('blocked');
  });

  test('is not told by numbers where versions are of one second', () => {
    const tied = versions('a').map((one) => ({ ...one, createdAt: ago(300 * DAY) }));
    expect(stateOf(key(tied), use(2, 150), [use(1, 250)])).toMatchObject({ state: 'unknown', neverLost: true });
  });

  test('older than every version is of another key', () => {
    expect(stateOf(key(versions()), use(1, 400)).state).toBe('lost');
    const [first, ...rest] = versions();
    const ancient = first === undefined ? [] : [{ ...first, createdAt: null }, ...rest];
    expect(stateOf(key(ancient), use(1, 400)).state).toBe('usable');
  });
});

describe('the key as a whole', () => {
  test('missing is lost, deleted is blocked until it is purged', () => {
    expect(stateOf(key([], { state: 'missing' }), use(1, 10)).state).toBe('lost');
    const deleted = { state: 'pending-deletion', deletedAt: ago(DAY), deletionDate: ago(-9 * DAY) } as const;
    expect(stateOf(key(null, deleted), use(1, 10))).toMatchObject({ state: 'blocked', until: ago(-9 * DAY) });
    expect(stateOf(key(null, { ...deleted, deletionDate: ago(DAY) }), use(1, 10)).state).toBe('lost');
  });

  test('of a curve cannot decrypt; without the permission it can be given it', () => {
    const all = (more: object) => key(versions().map((one) => ({ ...one, ...more })));
    expect(stateOf(all({ canDecrypt: false, keyType: 'EC-HSM' }), use(1, 250)).state).toBe('lost');
    expect(stateOf(all({ canDecrypt: false }), use(1, 250)).state).toBe('blocked');
    expect(stateOf(all({ canDecrypt: null }), use(1, 250)).state).toBe('unknown');
  });

  test('where one version has lost what it is for, a record that may mean it is open', () => {
    const curve = versions().map((one) => (one.name === 'a' ? { ...one, canDecrypt: false, keyType: 'EC' } : one));
    expect(stateOf(key(curve), use(null, 150))).toMatchObject({ state: 'unknown', neverLost: false });
    expect(stateOf(key(curve), use(2, 150), [use(1, 250)]).state).toBe('usable');
  });
});
