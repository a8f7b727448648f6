import { expect, test } from 'vitest';
import { boundingUses, offersCreationTimes, sameKey, versionCreationBound } from '../../src/evaluate/key-identity.ts';
import { keyUses } from '../../src/evaluate/keys.ts';
import type { Observation } from '../../src/model/control.ts';
import type { Facts } from '../../src/model/facts.ts';
import { DAY, MINUTE } from '../../src/model/instant.ts';
import { AS_OF, ago, fact, ORGANIZATION } from './fixture.ts';

const about = { subject: ORGANIZATION, evidenceId: 'e', grade: 'observed', collectedAt: AS_OF } as const;
const KEYRING: Observation<'keyring'> = { ...about, value: fact('keyring') };
const uses = (...records: readonly Partial<Facts['key-version']>[]) =>
  keyUses(
    KEYRING,
    records.map((record) => ({ ...about, value: fact('key-version', record) })),
  );
const key = (...created: readonly (readonly [number, number | null])[]) =>
  fact('key-state', {
    versions: created.map(([version, days]) => ({ version, createdAt: days === null ? null : ago(days * DAY) })),
  });
const TOLERANCE = 5 * MINUTE;

function same(state: Facts['key-state'] | undefined, record: Partial<Facts['key-version']>) {
  const [use] = uses(record);
  if (use === undefined) throw new Error('no use');
  return sameKey(state, use, TOLERANCE, AS_OF);
}

test('a version made before its first use is the same key, one made later is another', () => {
  expect(same(key([1, 50]), { createdAt: ago(49 * DAY) }).truth).toBe('holds');
  expect(same(key([1, 50]), { createdAt: ago(50 * DAY + 4 * MINUTE) }).truth).toBe('holds');
  expect(same(key([1, 50]), { createdAt: ago(50 * DAY + 6 * MINUTE) }).truth).toBe('fails');
});

test('what is not shown is unknown, and it says why', () => {
  expect(same(key([2, 10]), { createdAt: ago(DAY) })).toMatchObject({ truth: 'unknown', missing: 'not-offered' });
  expect(same(undefined, {})).toMatchObject({ truth: 'unknown', missing: 'not-answered' });
  expect(same(fact('key-state', { state: 'missing' }), {})).toMatchObject({ missing: 'not-offered' });
});

test('a key without versions is compared as a whole', () => {
  const kms = fact('key-state', { versions: null, latestVersion: null, createdAt: ago(50 * DAY) });
  expect(same(kms, { version: null, createdAt: ago(40 * DAY) }).truth).toBe('holds');
  expect(same(kms, { version: null, createdAt: ago(60 * DAY) }).truth).toBe('fails');
});

test('providers without creation times are told from those that show none for a key that is gone', () => {
  expect(offersCreationTimes(fact('key-state', { createdAt: null, versions: null }))).toBe(false);
  expect(offersCreationTimes(fact('key-state', { createdAt: null, versions: null, state: 'missing' }))).toBe(true);
  expect(offersCreationTimes(key([1, 50]))).toBe(true);
});

test('the time that the provider shows is exact', () => {
  const bound = { earliest: ago(50 * DAY), latest: ago(50 * DAY) };
  expect(versionCreationBound(1, key([1, 50], [2, 20]), uses({ createdAt: ago(49 * DAY) }), TOLERANCE)).toEqual(bound);
});

test('a hidden version is bounded by the next one, by its records, and from below by earlier ones', () => {
  const hidden = key([1, 90], [3, 20]);
  expect(versionCreationBound(2, hidden, [], TOLERANCE)).toEqual({ earliest: ago(90 * DAY), latest: ago(20 * DAY) });
  const used = uses({ version: 2, createdAt: ago(40 * DAY) });
  expect(versionCreationBound(2, hidden, used, TOLERANCE).latest).toBe(ago(40 * DAY));
  expect(versionCreationBound(4, undefined, used, TOLERANCE)).toEqual({ earliest: null, latest: null });
});

test('the creation of another key under the name says only by when that one stood there', () => {
  const replaced = key([1, 5]);
  const used = uses({ version: 1, createdAt: ago(40 * DAY) });
  const bound = { earliest: null, latest: ago(40 * DAY) };
  expect(versionCreationBound(1, replaced, used, TOLERANCE)).toEqual({
    ...bound,
    replaced: { by: ago(5 * DAY), exact: true },
    isGone: true,
  });
  // Which versions of it are hidden, nothing tells: it may have been there for longer.
  const later = uses({ version: 2, createdAt: ago(40 * DAY) });
  expect(versionCreationBound(2, key([2, 5], [3, 4]), later, TOLERANCE)).toEqual({
    ...bound,
    replaced: { by: ago(5 * DAY), exact: false },
    isGone: true,
  });
});

test('a destroyed version of a key that stood under the name before bounds nothing of the key that stands there now', () => {
  const [destroyed, active] = uses(
    { version: 1, state: 'destroyed', createdAt: ago(90 * DAY), retiredAt: ago(50 * DAY) },
    { version: 1, createdAt: ago(40 * DAY) },
  );
  if (destroyed === undefined || active === undefined) throw new Error('no uses');
  const both = [destroyed, active];
  const bound = (use: typeof active) => versionCreationBound(1, key([1, 41]), boundingUses(both, use), TOLERANCE);
  expect(bound(active)).toEqual({ earliest: ago(41 * DAY), latest: ago(41 * DAY) });
  // What a copy from before its end needs is still the key of before.
  expect(bound(destroyed)).toMatchObject({ replaced: { by: ago(41 * DAY), exact: true }, isGone: true });
});
