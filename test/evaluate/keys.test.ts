import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyUses, neededVersions, unknownKeyRefs } from '../../src/evaluate/keys.ts';
import { liveVersion } from '../../src/evaluate/live-key.ts';
import type { Observation } from '../../src/model/control.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY } from '../../src/model/instant.ts';
import type { Subject } from '../../src/model/subject.ts';
import { AS_OF, ago, fact, INSTALL, ORGANIZATION } from './fixture.ts';

function seen<K extends FactKind>(kind: K, about: Subject, changes: Partial<Facts[K]> = {}): Observation<K> {
  return { value: fact(kind, changes), subject: about, evidenceId: 'e', grade: 'observed', collectedAt: AS_OF };
}

const record = (changes: Partial<Facts['key-version']>) => seen('key-version', ORGANIZATION, changes);
const KEYRING = seen('keyring', ORGANIZATION);
const at = (instant: string) => ({ notBefore: instant, notAfter: instant, origin: 'test' });
const KEPT = { retiredMeansRewrapped: false };
const REWRAPPED = { retiredMeansRewrapped: true };

function needed(records: readonly Observation<'key-version'>[], moment: Facts['copy']['moment'], policy = KEPT) {
  return neededVersions(keyUses(KEYRING, records), moment, policy).map(({ version, certainty }) => [
    version,
    certainty,
  ]);
}

describe('versions that a copy needs', () => {
  const first = record({ version: 1, createdAt: ago(90 * DAY), state: 'retired', retiredAt: ago(30 * DAY) });
  const second = record({ version: 2, createdAt: ago(30 * DAY) });

  test('all created by its moment, retired or not', () => {
    expect(needed([first, second], at(ago(DAY)))).toEqual([
      [1, 'holds'],
      [2, 'holds'],
    ]);
    expect(needed([first, second], at(ago(60 * DAY)))).toEqual([[1, 'holds']]);
  });

  test('where retired means rewrapped, those retired since', () => {
    expect(needed([first, second], at(ago(DAY)), REWRAPPED)).toEqual([[2, 'holds']]);
    expect(needed([first, second], at(ago(60 * DAY)), REWRAPPED)).toEqual([[1, 'holds']]);
  });

  test('a destroyed one only by copies from before that, and by any where nothing tells when', () => {
    const gone = record({ version: 1, createdAt: ago(90 * DAY), state: 'destroyed', retiredAt: ago(30 * DAY) });
    expect(needed([gone], at(ago(DAY)))).toEqual([]);
    expect(needed([gone], at(ago(60 * DAY)))).toEqual([[1, 'holds']]);
    expect(needed([{ ...gone, value: { ...gone.value, retiredAt: null } }], at(ago(DAY)))).toEqual([[1, 'unknown']]);
  });

  test('a moment that is an interval or not known leaves it open', () => {
    const wide = { notBefore: ago(31 * DAY), notAfter: ago(29 * DAY), origin: 'zone not known' };
    expect(needed([first, second], wide)).toEqual([
      [1, 'holds'],
      [2, 'unknown'],
    ]);
    expect(needed([second], null)).toEqual([[2, 'unknown']]);
  });

  test('records of other keys are not its own', () => {
    const other = record({ keyRef: 'other', version: 7 });
    expect(needed([other], at(ago(DAY)))).toEqual([]);
    expect(unknownKeyRefs([KEYRING], [other, second])).toEqual(['other']);
  });

  test('the install keyring needs its current version, and maybe earlier ones for a copy from before the rotation', () => {
    const own = seen('keyring', INSTALL, { currentVersion: 3, rotatedAt: ago(10 * DAY) });
    const of = (instant: string) =>
      neededVersions(keyUses(own, null), at(instant), KEPT).map(({ version, certainty }) => [version, certainty]);
    expect(of(ago(DAY))).toEqual([[3, 'holds']]);
    expect(of(ago(20 * DAY))).toEqual([
      [1, 'unknown'],
      [2, 'unknown'],
    ]);
  });

  test('a number that no key ever reaches costs no memory: the lowest versions stand for all', () => {
    const own = seen('keyring', INSTALL, { currentVersion: Number.MAX_SAFE_INTEGER, rotatedAt: ago(10 * DAY) });
    const earlier = neededVersions(keyUses(own, null), at(ago(20 * DAY)), KEPT);
    expect(earlier).toHaveLength(1000);
    expect(earlier[0]).toMatchObject({ version: 1, certainty: 'unknown' });
  });

  test('a later copy needs whatever an earlier one needs, unless it ended', () => {
    const days = fc.integer({ min: 1, max: 300 });
    const records = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), days));
    fc.assert(
      fc.property(records, days, days, (made, a, b) => {
        const all = made.map(([version, age]) => record({ version, createdAt: ago(age * DAY) }));
        const earlier = needed(all, at(ago(Math.max(a, b) * DAY)));
        const later = needed(all, at(ago(Math.min(a, b) * DAY)));
        expect(later).toEqual(expect.arrayContaining(earlier));
      }),
    );
  });
});

describe('what the live key can do with a version', () => {
  const live = (changes: Partial<Facts['key-state']>, version: number | null) =>
    liveVersion(fact('key-state', changes), version, AS_OF);
  const versions = [2, 3, 4].map((version) => ({ version, createdAt: ago(DAY) }));
  const vault = { latestVersion: 4, minDecryptionVersion: 2, minAvailableVersion: 1, versions };

  test.each([
    [0, 'unknown'],
    [1, 'blocked'],
    [2, 'usable'],
    [4, 'usable'],
    [5, 'lost'],
  ] as const)('version %i of 2 to 4, 1 not trimmed: %s', (version, state) => {
    expect(live(vault, version).state).toBe(state);
  });

  test('a blocked version says how it comes back', () => {
    expect(live(vault, 1).because).toContain('min_decryption_version is 2; lowering it to 1');
  });

  test('a version that the provider does not show is unknown', () => {
    expect(live({ ...vault, versions: [] }, 3).state).toBe('unknown');
    expect(liveVersion(undefined, 3, AS_OF).state).toBe('unknown');
  });

  test.each([
    ['missing', 'lost'],
    ['disabled', 'blocked'],
    ['pending-import', 'lost'],
    ['unavailable', 'blocked'],
    ['enabled', 'usable'],
  ] as const)('a key that is %s: %s', (state, expected) => {
    expect(live({ state }, null).state).toBe(expected);
    expect(live({ state }, 1).state).toBe(expected);
  });

  test('an alias that points to no key blocks, and tells that nobody saw the key behind it', () => {
    expect(live({ state: 'missing', isLostAlias: true }, null)).toMatchObject({ state: 'blocked', isUnseen: true });
  });

  test('pending deletion is blocked until its date, and lost after it', () => {
    const until = ago(-5 * DAY);
    expect(live({ state: 'pending-deletion', deletionDate: until }, null)).toMatchObject({ state: 'blocked', until });
    expect(live({ state: 'pending-deletion', deletionDate: ago(DAY) }, null).state).toBe('lost');
  });

  test('expired material is lost, a key that cannot decrypt is another kind of key', () => {
    expect(live({ expiresAt: ago(DAY) }, null).state).toBe('lost');
    expect(live({ expiresAt: ago(-DAY) }, null).state).toBe('usable');
    expect(live({ canDecrypt: false }, null).state).toBe('lost');
    expect(live({ canDecrypt: null }, null).state).toBe('unknown');
  });

  test('a key in an HSM is blocked after its last day and before its first, each with what undoes it', () => {
    const attributes = { ...IN_HSM, startsAt: null };
    expect(live({ attributes, expiresAt: ago(DAY) }, null)).toMatchObject({
      state: 'blocked',
      because: expect.stringContaining('a later end date of the same key brings it back'),
    });
    expect(live({ attributes: { ...IN_HSM, startsAt: ago(-DAY) } }, null)).toMatchObject({
      state: 'blocked',
      because: expect.stringContaining('may not be used before'),
    });
    expect(live({ attributes: { ...IN_HSM, startsAt: ago(DAY) } }, null).state).toBe('usable');
  });

  test('a key without versions answers as a whole', () => {
    expect(live({ latestVersion: null, versions: null, minDecryptionVersion: null }, null).state).toBe('usable');
  });
});

const IN_HSM = {
  class: 'secret key',
  keyType: 'AES, 256 bits',
  label: 'acme',
  id: '01',
  checkValue: 'aabbcc',
  sensitive: true,
  extractable: false,
  neverExtractable: true,
  modifiable: true,
};
