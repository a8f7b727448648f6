import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rec1 } from '../../src/evaluate/controls/rec-1.ts';
import type { PartConclusion } from '../../src/evaluate/judge-subject.ts';
import { joinVerdict, RECOVERY_PARTS, recoveryChain, weakestLink } from '../../src/evaluate/verdict.ts';
import { BEARINGS, type Finding, STATUSES } from '../../src/model/finding.ts';
import { SEVERITIES } from '../../src/model/severity.ts';
import { ORGANIZATION } from './fixture.ts';

function finding(controlId: string, status: Finding['status'], change: Partial<Finding> = {}): Finding {
  return {
    id: `${controlId} ${status}`,
    controlId,
    title: controlId,
    severity: 'critical',
    bears: 'recovery',
    status,
    grade: 'observed',
    subject: ORGANIZATION,
    because: `${controlId} says so`,
    evidence: [],
    blindSpotIds: [],
    ...change,
  };
}
const GAP = finding('DB-3', 'fail');
const BLIND = finding('KEY-2', 'unknown');

describe('the joined verdict', () => {
  it.each([
    ['REC-1 fails', 'fail', [], 'not-recoverable', []],
    ['REC-1 fails and was waived', 'waived', [], 'not-recoverable', []],
    ['REC-1 is unknown, whatever else passes', 'unknown', [finding('DB-3', 'pass')], 'unknown', []],
    ['REC-1 is unknown beside gaps', 'unknown', [GAP], 'unknown', []],
    ['all passes', 'pass', [finding('DB-3', 'pass')], 'recoverable', []],
    ['there is a serious gap', 'pass', [GAP], 'at-risk', ['gap']],
    ['a serious gap was waived', 'pass', [finding('DB-3', 'waived')], 'at-risk', ['gap']],
    ['a serious question is open', 'pass', [BLIND], 'at-risk', ['blind-spot']],
    ['both', 'pass', [GAP, BLIND], 'at-risk', ['gap', 'blind-spot']],
    ['a gap bears on hygiene', 'pass', [finding('DB-13', 'fail', { bears: 'audit' })], 'recoverable', []],
    ['a gap is of medium severity', 'pass', [finding('DB-8', 'fail', { severity: 'medium' })], 'recoverable', []],
    [
      'an open question bears on protection',
      'pass',
      [finding('DB-1', 'unknown', { bears: 'protection' })],
      'recoverable',
      [],
    ],
    ['REC-1 does not apply', 'not-applicable', [GAP], null, []],
  ] as const)('where %s', (_, status, chain, verdict, atRiskBy) => {
    expect(joinVerdict(finding('REC-1', status), chain, false)).toEqual({ verdict, atRiskBy });
  });

  it('of a new organization is at-risk, told apart, and by a gap as well where there is one', () => {
    const recovery = finding('REC-1', 'not-applicable');
    expect(joinVerdict(recovery, [], true)).toEqual({ verdict: 'at-risk', atRiskBy: ['first-copy-due'] });
    expect(joinVerdict(recovery, [GAP], true).atRiskBy).toEqual(['gap', 'first-copy-due']);
  });

  it('is recoverable only where REC-1 passes and nothing serious is in the way', () => {
    const any = fc.record({
      status: fc.constantFrom(...STATUSES),
      severity: fc.constantFrom(...SEVERITIES),
      bears: fc.constantFrom(...BEARINGS),
    });
    fc.assert(
      fc.property(fc.constantFrom(...STATUSES), fc.array(any), fc.boolean(), (status, others, awaited) => {
        const chain = others.map((one) => finding('DB-3', one.status, one));
        const { verdict } = joinVerdict(finding('REC-1', status), chain, awaited);
        if (verdict !== 'recoverable') return;
        expect(status).toBe('pass');
        const serious = chain.filter((one) => one.severity === 'critical' || one.severity === 'high');
        expect(serious.filter((one) => one.status === 'fail' && one.bears !== 'audit')).toEqual([]);
        expect(serious.filter((one) => one.status === 'unknown' && one.bears === 'recovery')).toEqual([]);
      }),
    );
  });
});

const part = (name: string, truth: PartConclusion['truth']) =>
  ({ name, truth, because: `${name} ${truth}` }) as PartConclusion;
const HOST = { state: 'ok', sentence: 'the host is kept' } as const;

describe('the recovery chain', () => {
  it('has a step for every part of REC-1', () => {
    expect(rec1.parts.map(({ name }) => name).filter((name) => !(name in RECOVERY_PARTS))).toEqual([]);
  });

  it('stands in recovery order, each step as bad as its worst part', () => {
    const parts = [
      part('files', 'holds'),
      part('key versions', 'fails'),
      part('key provider', 'holds'),
      part('tenant database', 'unknown'),
    ];
    expect(recoveryChain(parts, HOST, null).map(({ step, state, sentence }) => [step, state, sentence])).toEqual([
      ['host', 'ok', 'the host is kept'],
      ['key provider', 'gap', 'key versions fails'],
      ['install database', 'not-applicable', 'not part of this recovery'],
      ['tenant database', 'unknown', 'tenant database unknown'],
      ['files', 'ok', 'files holds'],
    ]);
  });

  it('says why there is nothing to draw', () => {
    const chain = recoveryChain([], HOST, 'first copy due by 2026-11-23');
    expect(chain.slice(1).map(({ sentence }) => sentence)).toEqual(Array(4).fill('first copy due by 2026-11-23'));
  });
});

describe('the weakest link', () => {
  const link = (recovery: Finding['status'], parts: readonly PartConclusion[], findings: readonly Finding[]) =>
    weakestLink(finding('REC-1', recovery), recoveryChain(parts, HOST, null), findings, null);

  it('does not say that it would come back where its first copy is awaited', () => {
    const chain = recoveryChain([], HOST, 'first copy due by 2026-11-23');
    const awaited = weakestLink(finding('REC-1', 'not-applicable'), chain, [GAP], 'first-copy');
    expect(awaited?.sentence).toMatch(/^Its first copy is still to come; besides: /u);
    expect(awaited?.sentence).not.toContain('would come back');
  });

  it('is the first broken step, before any doubtful one', () => {
    const found = link('fail', [part('key provider', 'unknown'), part('files', 'fails')], [GAP]);
    expect(found).toMatchObject({ plane: 'files', findingId: 'REC-1 fail' });
    expect(found?.sentence).toBe("The organization's files could not be brought back: files fails");
  });

  it('is the first doubtful step where none is broken', () => {
    expect(link('unknown', [part('key provider', 'unknown'), part('files', 'unknown')], [])?.plane).toBe('keys');
  });

  it('is a serious gap, then an open question, in the order of planes, where the chain holds', () => {
    expect(link('pass', [], [GAP, finding('KEY-5', 'fail')])?.findingId).toBe('KEY-5 fail');
    expect(link('pass', [], [BLIND, GAP])?.findingId).toBe('DB-3 fail');
    expect(link('pass', [], [finding('REC-3', 'fail')])?.sentence).toMatch(/^It would come back, but not as it should/);
    // The reason of a blind spot may be of another plane: nothing is said of the keys but that it is not known.
    expect(link('pass', [], [BLIND])?.sentence).toMatch(
      /^It would come back today, but it is not known whether the keys/,
    );
  });

  it('does not say that it would come back where that could not be judged', () => {
    const unseen = weakestLink(finding('REC-1', 'unknown'), recoveryChain([], HOST, null), [BLIND, GAP], null);
    expect(unseen).toMatchObject({ findingId: 'REC-1 unknown' });
    expect(unseen?.sentence).toMatch(/^It is not known whether it would come back: /u);
    const blind = weakestLink(finding('REC-1', 'pass'), recoveryChain([], HOST, null), [BLIND], 'sight');
    expect(blind?.sentence).toMatch(/^It is not known whether it would come back: /u);
  });

  it('is none where nothing serious is in the way', () => {
    expect(link('pass', [part('files', 'holds')], [finding('DB-3', 'pass')])).toBeNull();
  });
});
