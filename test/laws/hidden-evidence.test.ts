import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { contextFor } from '../../src/evaluate/prepare.ts';
import { recoveryPoint } from '../../src/evaluate/recovery-point.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { FactKind } from '../../src/model/facts.ts';
import type { Finding, Status } from '../../src/model/finding.ts';
import type { Instant } from '../../src/model/instant.ts';
import type { Policy } from '../../src/model/policy.ts';
import { AS_OF } from '../evaluate/fixture.ts';
import { judgeAll } from './judge-all.ts';
import { type Records, recordsIn, subjectsIn, type World, worlds } from './world.ts';

/** How often each control must have passed and failed for the law to have been put to the test. */
const OFTEN = 5;

/** Controls of which one of the two outcomes is out of reach by design, with the reason. */
const ONE_SIDED: Readonly<Record<string, string>> = {};

const seen = new Map<string, Map<Status, number>>();
const violations: string[] = [];
const newer: string[] = [];
let points = 0;

const BLIND = { reason: 'unreachable', detail: 'hidden', remedy: 'Show it.' } as const;

/** The record without the item at `index`, or without all where there is none, as an answer that broke off. */
function hidden(record: AnyEvidence, index: number): AnyEvidence {
  const items = index < record.items.length ? record.items.filter((_, at) => at !== index) : [];
  return { ...record, items, blindSpot: BLIND } as AnyEvidence;
}

interface Hiding {
  readonly record: number;
  readonly item: number;
}

function hide(
  records: Records,
  hidings: readonly Hiding[],
): { records: Records; kinds: ReadonlySet<FactKind>; what: string } {
  const all = [...records.install, ...records.organization];
  const chosen = new Map(hidings.map((one) => [all[one.record % all.length], one.item]));
  const apply = (list: readonly AnyEvidence[]) =>
    list.map((record) => {
      const item = chosen.get(record);
      return item === undefined ? record : hidden(record, item);
    });
  const what = [...chosen.keys()].map((record) => `${record?.kind} of ${record?.subject.kind}:${record?.subject.key}`);
  return {
    records: { install: apply(records.install), organization: apply(records.organization) },
    kinds: new Set([...chosen.keys()].flatMap((record) => (record === undefined ? [] : [record.kind]))),
    what: what.join(' and '),
  };
}

/** Recovery points as the report gives them: only where REC-1 passes. By subject. */
function recoveryPoints(
  records: Records,
  policy: Policy,
  findings: ReadonlyMap<string, Finding>,
): ReadonlyMap<string, Instant | null> {
  const points = new Map<string, Instant | null>();
  for (const { node, scope } of subjectsIn(records)) {
    const { kind, key } = node.subject;
    if (findings.get(`REC-1 ${kind}:${key}`)?.status !== 'pass') continue;
    points.set(`${kind}:${key}`, recoveryPoint(node, scope, contextFor(node.subject, policy, AS_OF)));
  }
  return points;
}

function tryWorld(world: World, attempts: readonly (readonly Hiding[])[]): void {
  const records = recordsIn(world);
  const before = judgeAll(records, world.policy);
  const pointsBefore = recoveryPoints(records, world.policy, before);
  for (const [key, { status }] of before) {
    const id = key.split(' ')[0] ?? '';
    const counts = seen.get(id) ?? new Map<Status, number>();
    counts.set(status, (counts.get(status) ?? 0) + 1);
    seen.set(id, counts);
  }
  for (const hidings of attempts) {
    const { records: less, kinds, what } = hide(records, hidings);
    const findings = judgeAll(less, world.policy, kinds);
    for (const [key, point] of recoveryPoints(less, world.policy, findings)) {
      const was = pointsBefore.get(key) ?? null;
      if (point === null) continue;
      points += 1;
      if (was === null || point > was) newer.push(`${key}: ${was} became ${point} when ${what} was hidden`);
    }
    for (const [key, after] of findings) {
      const was = before.get(key);
      if (was === undefined || after.status === was.status || after.status === 'unknown') continue;
      violations.push(
        `${key}: ${was.status} became ${after.status} when ${what} was hidden\n  before: ${was.because}\n  after: ${after.because}`,
      );
    }
  }
}

describe('hidden evidence moves a finding only to unknown', () => {
  beforeAll(() => {
    const hiding = fc.record({ record: fc.nat(10_000), item: fc.nat(3) });
    const attempts = fc.array(fc.array(hiding, { minLength: 1, maxLength: 3 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(worlds, attempts, (world, tries) => {
        tryWorld(world, tries);
      }),
      { numRuns: 300, seed: 20_261_122 },
    );
  });

  test.each(CONTROLS.map((control) => control.id))('%s', (id) => {
    const own = violations.filter((text) => text.startsWith(`${id} `));
    expect(own.slice(0, 3).join('\n'), `${own.length} violations`).toBe('');
  });

  test('no recovery point gets newer', () => {
    expect(newer.slice(0, 3).join('\n'), `${newer.length} violations`).toBe('');
    expect(points).toBeGreaterThan(50);
  });

  test.each(CONTROLS.map((control) => control.id))('%s was seen to pass and to fail', (id) => {
    const counts = seen.get(id);
    const text = JSON.stringify([...(counts ?? [])]);
    if (ONE_SIDED[id] !== undefined) return;
    expect(counts?.get('pass') ?? 0, text).toBeGreaterThanOrEqual(OFTEN);
    expect(counts?.get('fail') ?? 0, text).toBeGreaterThanOrEqual(OFTEN);
  });
});
