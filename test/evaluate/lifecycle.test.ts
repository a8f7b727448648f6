import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effectOnLive, otherEffects } from '../../src/evaluate/lifecycle.ts';
import type { Facts } from '../../src/model/facts.ts';
import { evidence, fact, TENANT_STORE } from './fixture.ts';

type Rule = Facts['store-lifecycle'];

const rule = (changes: Partial<Rule>): Rule =>
  fact('store-lifecycle', { ruleId: 'r', noncurrentDays: null, ...changes });
const nobody = () => null;

describe('a lifecycle rule and the files of acme/', () => {
  test.each([
    ['is disabled', { enabled: false, expiresAfterDays: 30 }],
    ['deletes old versions only', { noncurrentDays: 1 }],
    ['moves objects only', { transitions: [{ storageClass: 'GLACIER', afterDays: 30, on: null }] }],
    ['is about another prefix', { prefix: 'globex/', expiresAfterDays: 30 }],
    ['is about a prefix that begins like it', { prefix: 'acme2/', expiresAfterDays: 30 }],
  ])('does nothing to them where it %s', (_, changes) => {
    expect(effectOnLive(rule(changes), 'acme/', nobody)).toBeNull();
  });

  test.each([
    ['all objects', { expiresAfterDays: 365 }, 'lifecycle rule r deletes every file 365 days after it was written'],
    ['its own prefix', { prefix: 'acme/', expiresAfterDays: 1 }, 'every file below acme/ 1 day after it was written'],
    ['a prefix around it', { prefix: 'ac', expiresAfterDays: 1 }, 'every file below ac'],
    ['a day', { expiresOn: '2027-01-01T00:00:00.000Z' }, 'every file on 2027-01-01'],
    ['every object of at least one byte', { largerThan: 0, expiresAfterDays: 9 }, 'deletes every file'],
  ])('deletes them where it is about %s', (_, changes, because) => {
    const effect = effectOnLive(rule(changes), 'acme/', nobody);
    expect(effect).toMatchObject({ truth: 'fails', restsOnListed: false });
    expect(effect?.because).toContain(because);
  });

  test.each([
    ['tags', { byTag: true }, 'with certain tags'],
    ['large ones', { largerThan: 1024 }, 'of more than 1,024 bytes'],
    ['small ones', { smallerThan: 10 }, 'of fewer than 10 bytes'],
  ])('may delete some where it is about %s', (_, changes, because) => {
    const effect = effectOnLive(rule({ ...changes, expiresAfterDays: 30 }), 'acme/', nobody);
    expect(effect).toMatchObject({ truth: 'unknown' });
    expect(effect?.because).toContain(because);
  });

  test('is judged by what the database lists below its prefix', () => {
    const below = rule({ prefix: 'acme/tmp/', expiresAfterDays: 7 });
    expect(effectOnLive(below, 'acme', nobody)).toMatchObject({ truth: 'unknown', restsOnListed: true });
    expect(effectOnLive(below, 'acme', () => 0)).toMatchObject({ truth: 'holds', restsOnListed: true });
    expect(effectOnLive(below, 'acme', () => 3)).toMatchObject({ truth: 'fails' });
    expect(effectOnLive({ ...below, byTag: true }, 'acme', () => 3)).toMatchObject({ truth: 'unknown' });
    expect(effectOnLive({ ...below, byTag: true }, 'acme', () => 0)).toMatchObject({ truth: 'holds' });
  });

  test('is told of besides where it takes old versions or moves files away', () => {
    const rules = [
      rule({ noncurrentDays: 30, noncurrentKept: 2 }),
      rule({ transitions: [{ storageClass: 'DEEP_ARCHIVE', afterDays: 90, on: null }] }),
      rule({ transitions: [{ storageClass: 'STANDARD_IA', afterDays: 30, on: null }] }),
      rule({ enabled: false, noncurrentDays: 1 }),
      rule({ prefix: 'globex/', noncurrentDays: 1 }),
    ].map((value) => ({
      value,
      subject: TENANT_STORE,
      evidenceId: evidence('store-lifecycle', TENANT_STORE, []).id,
      grade: 'observed' as const,
      collectedAt: '',
    }));
    expect(otherEffects(rules, 'acme/')).toEqual([
      'lifecycle rule r deletes old versions 30 days after they were replaced or deleted, but for the 2 newest ones',
      'lifecycle rule r moves files to DEEP_ARCHIVE after 90 days, from where each must be brought back before it can be read',
    ]);
  });
});

/** Prefixes and keys over few letters, so that they meet. */
const text = fc.string({ unit: fc.constantFrom('a', 'b', '/'), maxLength: 4 });
const rules: fc.Arbitrary<Rule> = fc
  .record({
    enabled: fc.boolean(),
    prefix: text,
    byTag: fc.boolean(),
    largerThan: fc.constantFrom(null, 0, 10),
    smallerThan: fc.constantFrom(null, 20),
    expiresAfterDays: fc.constantFrom(null, 1, 365),
    expiresOn: fc.constantFrom(null, '2027-01-01T00:00:00.000Z'),
    noncurrentDays: fc.constantFrom(null, 7),
  })
  .map(rule);
const object = fc.record({ key: text, bytes: fc.constantFrom(1, 15, 30), tagged: fc.boolean() });

/** What the service would do, as its documentation says: every condition of the filter must be met. */
function deletes(one: Rule, { key, bytes, tagged }: { key: string; bytes: number; tagged: boolean }): boolean {
  return (
    one.enabled &&
    (one.expiresAfterDays !== null || one.expiresOn !== null) &&
    key.startsWith(one.prefix) &&
    (!one.byTag || tagged) &&
    (one.largerThan === null || bytes > one.largerThan) &&
    (one.smallerThan === null || bytes < one.smallerThan)
  );
}

describe('whatever the rule', () => {
  const store = text.map((prefix) => (prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`));

  test('it is never called harmless while it deletes a listed file', () => {
    fc.assert(
      fc.property(rules, store, fc.array(object), (one, prefix, objects) => {
        const own = objects.map((each) => ({ ...each, key: prefix + each.key }));
        const listed = (below: string) => own.filter(({ key }) => key.startsWith(below)).length;
        for (const counted of [listed, nobody]) {
          const effect = effectOnLive(one, prefix, counted);
          if (own.some((each) => deletes(one, each))) expect(effect?.truth ?? 'holds').not.toBe('holds');
        }
      }),
    );
  });

  test('it is never called a gap where it could delete no file of the store', () => {
    fc.assert(
      fc.property(rules, store, fc.array(object, { minLength: 1 }), (one, prefix, objects) => {
        const own = objects.map((each) => ({ ...each, key: prefix + each.key }));
        const listed = (below: string) => own.filter(({ key }) => key.startsWith(below)).length;
        const effect = effectOnLive(one, prefix, listed);
        if (effect?.truth !== 'fails') return;
        expect(own.some((each) => deletes({ ...one, largerThan: null }, each))).toBe(true);
      }),
    );
  });

  test('more files listed below its prefix never make it harmless', () => {
    const rank = { fails: 0, unknown: 1, holds: 2 };
    fc.assert(
      fc.property(rules, store, fc.nat(5), fc.nat(5), (one, prefix, few, more) => {
        const of = (count: number) => rank[effectOnLive(one, prefix, () => count)?.truth ?? 'holds'];
        expect(of(few + more)).toBeLessThanOrEqual(of(few));
      }),
    );
  });
});
