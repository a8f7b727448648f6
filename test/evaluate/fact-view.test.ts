import { describe, expect, it } from 'vitest';
import { factView } from '../../src/evaluate/fact-view.ts';
import { neverAsked } from '../../src/evaluate/never-asked.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { FACT_KINDS, type FactKind } from '../../src/model/facts.ts';
import { DAY, HOUR } from '../../src/model/instant.ts';
import { AS_OF, ago, evidence, INSTALL, LOCATION, PROVIDER, TENANT_DATABASE } from './fixture.ts';

const seen = (
  kind: FactKind,
  records: readonly AnyEvidence[],
  about = TENANT_DATABASE,
  statements?: readonly string[],
) => {
  const { observations, blindSpots } = factView(records, AS_OF, 24, () => 30).seen(kind, about, statements);
  return { count: observations.length, reasons: blindSpots.map(({ blindSpot }) => blindSpot.reason) };
};
const copies = (count: number, options: Parameters<typeof evidence>[3] = {}) =>
  evidence(
    'copy',
    TENANT_DATABASE,
    Array.from({ length: count }, () => ({})),
    options,
  );
const state = (options: Parameters<typeof evidence>[3] = {}, exists = true) =>
  evidence('database-state', TENANT_DATABASE, [{ exists }], options);

describe('what was seen', () => {
  it.each(['copy', 'file-copy'] as const)(
    'of %s where no location was asked names the setting of locations',
    (kind) => {
      const [spot] = factView([], AS_OF, 24, () => 30).seen(kind, TENANT_DATABASE).blindSpots;
      expect(spot?.blindSpot).toMatchObject({ reason: 'not-asked', remedy: expect.stringContaining('locations:') });
    },
  );

  it('of a question nobody asked is nothing, and blind', () => {
    expect(seen('copy', [])).toEqual({ count: 0, reasons: ['not-asked'] });
    expect(seen('copy', [evidence('copy', LOCATION, [{}])])).toEqual({ count: 0, reasons: ['not-asked'] });
  });

  it('names what was not asked for, and what to configure', () => {
    for (const kind of FACT_KINDS) {
      const { detail, remedy } = neverAsked(kind);
      expect(detail).toMatch(/^nobody asked for \S.{3,}/);
      expect(remedy).toMatch(/\.$/);
    }
    expect(neverAsked('provider-snapshot')).toMatchObject({
      detail: 'nobody asked for snapshots of the key provider',
      remedy: expect.stringContaining('providers'),
    });
  });

  it.each(['provider-peer', 'key-peer', 'clock'] as const)(
    'of the %s of a provider that gave no answer is missing for the reason of that',
    (kind) => {
      const state = (options = {}, items: object[] = []) => evidence('provider-state', PROVIDER, items, options);
      const reasons = (...records: AnyEvidence[]) => seen(kind, records, PROVIDER).reasons;
      expect(reasons(state({ blind: true }))).toEqual(['unreachable']);
      expect(reasons(state({ blind: true }), state({}, [{}]))).toEqual(['not-asked']);
      expect(reasons(state({}, [{}]))).toEqual(['not-asked']);
      expect(seen('vault-resource', [state({ blind: true })], PROVIDER).reasons).toEqual(['not-asked']);
    },
  );

  it('of a question with an empty answer is nothing, and not blind', () => {
    expect(seen('copy', [copies(0)])).toEqual({ count: 0, reasons: [] });
  });

  it('of lists is united over sources, each with its own blind spot', () => {
    expect(seen('copy', [copies(2), copies(3)])).toEqual({ count: 5, reasons: [] });
    expect(seen('copy', [copies(2), copies(0, { blind: true })])).toEqual({ count: 2, reasons: ['unreachable'] });
    expect(seen('copy', [copies(2, { blind: true })])).toEqual({ count: 2, reasons: ['unreachable'] });
  });

  it('of one question asked twice: an answer stands, and the blind spot does not override it', () => {
    const answer = copies(2);
    const again: AnyEvidence = {
      ...copies(0, { blind: true }),
      operation: answer.operation,
      locator: answer.locator,
      source: answer.source,
    };
    for (const records of [
      [answer, again],
      [again, answer],
    ])
      expect(seen('copy', records)).toEqual({ count: 2, reasons: [] });
  });

  it('of a state is the newest complete answer alone', () => {
    const older = state({ collectedAt: ago(2 * HOUR) }, false);
    const newer = state({ collectedAt: ago(HOUR) }, true);
    for (const records of [
      [older, newer],
      [newer, older],
    ]) {
      const { observations } = factView(records, AS_OF, 24, () => 30).seen('database-state', TENANT_DATABASE);
      expect(observations.map(({ value }) => value.exists)).toEqual([true]);
    }
    const blind = evidence('database-state', TENANT_DATABASE, [], { blind: true });
    expect(seen('database-state', [older, blind])).toEqual({ count: 1, reasons: [] });
    expect(seen('database-state', [blind, blind])).toEqual({ count: 0, reasons: ['unreachable'] });
  });
});

describe('evidence that is too old', () => {
  it.each([
    ['database-state', 24 * HOUR, []],
    ['database-state', 24 * HOUR + 1, ['stale']],
    ['restore-test', 366 * DAY, []],
    ['restore-test', 366 * DAY + 1, ['stale']],
    ['failure-domain', 5000 * DAY, []],
    ['location', 5000 * DAY, []],
  ] as const)('%s collected %i ms ago', (kind, age, reasons) => {
    const record = evidence(kind, TENANT_DATABASE, [{}], { collectedAt: ago(age) });
    expect(seen(kind, [record])).toEqual({ count: reasons.length === 0 ? 1 : 0, reasons });
  });

  it('leaves no fact behind, whatever it said', () => {
    expect(seen('copy', [copies(3, { collectedAt: ago(2 * DAY) })])).toEqual({ count: 0, reasons: ['stale'] });
  });
});

describe('declarations', () => {
  const declared = (statement: string, expires = ago(-DAY)) =>
    evidence('declaration', PROVIDER, [{ statement, expires }], { grade: 'declared', collectedAt: ago(900 * DAY) });
  const SHARES = ['unseal-shares-held'];

  it('count until their last instant, however long ago they were read', () => {
    expect(seen('declaration', [declared('unseal-shares-held', AS_OF)], PROVIDER)).toEqual({ count: 1, reasons: [] });
    expect(seen('declaration', [declared('unseal-shares-held', ago(1))], PROVIDER)).toEqual({
      count: 0,
      reasons: ['expired'],
    });
  });

  it('of other statements neither count nor blind', () => {
    const others = [declared('runbook-reviewed', ago(DAY)), declared('key-policy-in-code')];
    expect(seen('declaration', [...others, declared('unseal-shares-held')], PROVIDER, SHARES)).toEqual({
      count: 1,
      reasons: [],
    });
    expect(seen('declaration', others, PROVIDER, SHARES)).toEqual({ count: 0, reasons: [] });
  });

  it('were read where a record says so, though there are none', () => {
    const read = evidence('declaration', INSTALL, [], { grade: 'declared' });
    expect(seen('declaration', [read], INSTALL, SHARES)).toEqual({ count: 0, reasons: [] });
  });
});
