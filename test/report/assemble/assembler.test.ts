import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { CONTROLS } from '../../../src/evaluate/registry.ts';
import { BUNDLE_VERSION, type BundleHeader, type BundleTrailer } from '../../../src/model/bundle.ts';
import type { BlindSpot } from '../../../src/model/evidence.ts';
import type { Finding } from '../../../src/model/finding.ts';
import type { OrganizationSummary, ReportHead } from '../../../src/model/report.ts';
import { VERDICTS } from '../../../src/model/report.ts';
import { type AssembledFinding, createAssembler } from '../../../src/report/assemble/assembler.ts';
import type { AssembleOptions, RunFacts } from '../../../src/report/assemble/head.ts';
import { AS_OF, evidence, INSTALL, LOCATION, PROVIDER, policyOf, subject } from '../../evaluate/fixture.ts';
import { sampleChapter } from '../sample-organizations.ts';

const HEADER: BundleHeader = {
  type: 'header',
  bundleVersion: BUNDLE_VERSION,
  runId: 'run-1',
  toolVersion: '0.1.0',
  timeZoneData: '2026b',
  collectorHost: 'audit-1',
  operator: 'operator',
  configDigest: 'sha256:c',
  mappingDigest: 'sha256:m',
  startedAt: AS_OF,
  policy: policyOf(),
  notAsked: [],
};
const OPTIONS: AssembleOptions = { policy: policyOf(), asOf: AS_OF, only: null };
const RUN: RunFacts = { header: HEADER, policyDigest: 'sha256:p', bundleDigest: 'sha256:b', controls: CONTROLS };
const BLIND: BlindSpot = { reason: 'timeout', detail: 'too slow', remedy: 'wait' };
const SUMMARY = sampleChapter(0, false).summary;
const OWN = { verdict: 'recoverable', recoveryPoint: AS_OF, weakestLink: null } as const;
const INSTALL_SUMMARY: Omit<ReportHead['install'], 'verdicts'> = {
  installId: 'inst',
  productVersion: '4.2.1',
  ...OWN,
  planes: SUMMARY.planes,
  chain: [],
};

function trailer(total: number | null): BundleTrailer {
  return { type: 'trailer', organizationParts: total ?? 0, total, finishedAt: AS_OF };
}

function finding(controlId: string, status: Finding['status'], change: Partial<Finding> = {}): AssembledFinding {
  return {
    finding: {
      id: `${controlId}-${change.subject?.key ?? ''}-${status}`,
      controlId,
      title: controlId,
      severity: 'high',
      bears: 'recovery',
      status,
      grade: 'observed',
      subject: INSTALL,
      because: `${controlId} is so`,
      evidence: [],
      blindSpotIds: [],
      ...change,
    },
    blindSpots: status === 'unknown' ? [{ evidence: null, blindSpot: BLIND }] : [],
  };
}

interface Organization extends Partial<OrganizationSummary> {
  readonly own?: readonly AssembledFinding[];
  readonly shared?: readonly AssembledFinding[];
}

function assembled(
  organizations: readonly Organization[],
  change: { options?: Partial<AssembleOptions>; total?: number | null; install?: readonly AssembledFinding[] } = {},
) {
  const assembler = createAssembler({ ...OPTIONS, ...change.options });
  const chapters = organizations.map(({ own = [], shared = [], ...summary }, index) => {
    const organizationId = `org_${index}`;
    const complete = { ...SUMMARY, organizationId, name: `Organization ${index}`, ...summary };
    return assembler.organization(complete, own, shared, []);
  });
  const total = change.total === undefined ? organizations.length : change.total;
  return { chapters, ...assembler.finish(RUN, trailer(total), INSTALL_SUMMARY, change.install ?? [], []) };
}

/** The same report from organizations folded in runs that begin at these places, each handed over as plain data. */
function assembledInRuns(organizations: readonly Organization[], starts: readonly number[]) {
  const whole = createAssembler(OPTIONS);
  const bounds = [0, ...[...new Set(starts)].sort((a, b) => a - b), organizations.length];
  for (const [index, from] of bounds.slice(0, -1).entries()) {
    const run = createAssembler(OPTIONS);
    for (let at = from; at < (bounds[index + 1] ?? from); at += 1) {
      const { own = [], shared = [], ...summary } = organizations[at] ?? {};
      const evidences = at % 3 === 0 ? STATES : [];
      run.organization({ ...SUMMARY, organizationId: `org_${at}`, ...summary }, own, shared, evidences);
    }
    whole.merge(structuredClone(run.folded()));
  }
  return whole.finish(RUN, trailer(organizations.length), INSTALL_SUMMARY, [finding('INV-1', 'fail')], []);
}

const STATES = ['a', 'b', 'c'].map((source) =>
  evidence('provider-state', PROVIDER, [{ sealed: source === 'a' }], { source, operation: `read ${source}` }),
);

describe('organizations that the policy names', () => {
  const exclusion = { reason: 'a sandbox', approver: 'operations', expires: '2099-01-01' };
  const policy = policyOf({
    organizationLimits: { org_0: { databaseRpoHours: 1 }, org_typo: { databaseRpoHours: 1 } },
    exclusions: [
      { organization: 'ORG_1', ...exclusion },
      { organization: 'org_nobody', ...exclusion },
    ],
  });
  const noticed = (change: Parameters<typeof assembled>[1] = {}) =>
    assembled([{}, {}], { ...change, options: { policy, ...change.options } })
      .head.notices.filter(({ text }) => text.includes('does not have'))
      .map(({ text }) => text);

  it('and are not there are told, each with its setting', () => {
    expect(noticed()).toEqual([
      'policy.organizationLimits names org_typo, which the install does not have, so what is set there applies to nobody',
      'exclusions names org_nobody, which the install does not have, so nobody is left out by that',
    ]);
  });

  it('are told by nobody who did not see all organizations', () => {
    expect(noticed({ total: null })).toEqual([]);
    expect(noticed({ options: { only: 'org_0' } })).toEqual([]);
  });

  it('are told once wherever the run was divided', () => {
    const whole = createAssembler({ ...OPTIONS, policy });
    for (const organizationId of ['org_0', 'Org_1']) {
      const run = createAssembler({ ...OPTIONS, policy });
      run.organization({ ...SUMMARY, organizationId }, [], [], []);
      whole.merge(structuredClone(run.folded()));
    }
    const { head } = whole.finish(RUN, trailer(2), INSTALL_SUMMARY, [], []);
    expect(head.notices.filter(({ text }) => text.includes('does not have'))).toHaveLength(2);
    expect(head.notices.map(({ text }) => text).join()).not.toMatch(/org_0|org_1/i);
  });
});

const organizations = fc.array(
  fc.record({
    verdict: fc.constantFrom(...VERDICTS, null),
    blind: fc.boolean(),
    atRiskBy: fc.subarray(['gap', 'blind-spot', 'first-copy-due'] as const),
    own: fc.array(
      fc
        .record({
          id: fc.constantFrom('DB-3', 'REC-1', 'KEY-1'),
          status: fc.constantFrom('pass', 'fail', 'unknown', 'not-applicable'),
          severity: fc.constantFrom('critical', 'high', 'low'),
          grade: fc.constantFrom('observed', 'declared'),
        } as const)
        .map(({ id, status, severity, grade }) => finding(id, status, { severity, grade })),
      { maxLength: 6 },
    ),
  }),
  { maxLength: 60 },
);

test('is the same wherever its organizations were divided into runs', () => {
  fc.assert(
    fc.property(organizations, fc.array(fc.nat({ max: 59 })), (list, places) => {
      const starts = places.filter((place) => place > 0 && place < list.length);
      expect(assembledInRuns(list, starts)).toEqual(assembledInRuns(list, []));
      expect(assembledInRuns(list, [...list.keys()].slice(1))).toEqual(assembledInRuns(list, []));
    }),
  );
});

describe('a report', () => {
  it('counts each finding once, shared ones with the install', () => {
    const shared = finding('KEY-1', 'fail', { subject: PROVIDER });
    const { head, chapters } = assembled(
      [
        { own: [finding('DB-3', 'pass')], shared: [shared] },
        { own: [finding('DB-3', 'fail')], shared: [shared] },
      ],
      { install: [shared, finding('INV-1', 'pass')] },
    );
    expect(head.tally).toEqual({ pass: 2, fail: 2, unknown: 0, 'not-applicable': 0, waived: 0 });
    expect(head.controls.find(({ id }) => id === 'DB-3')?.tally).toMatchObject({ pass: 1, fail: 1 });
    expect(chapters.map(({ findings }) => findings.length)).toEqual([1, 1]);
    expect(head.exit.code).toBe(1);
  });

  it('says on page one where two sources told a state differently, of the install or of an organization', () => {
    const states = (of: typeof PROVIDER) => [
      evidence('provider-state', of, [{ sealed: true }], { source: 'a' }),
      evidence('provider-state', of, [{ sealed: false }], { source: 'b' }),
    ];
    const assembler = createAssembler(OPTIONS);
    assembler.organization(
      { ...SUMMARY, organizationId: 'org_0' },
      [],
      [],
      states(subject('provider', 'own', 'org_0')),
    );
    const { head } = assembler.finish(RUN, trailer(1), INSTALL_SUMMARY, [], states(PROVIDER));
    expect(head.notices.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^The provider state of Key provider own and of 1 more subject was told differently/),
    );
  });

  it('tells judged, blind and excluded organizations apart', () => {
    const exclusion = { reason: 'left', approver: 'j.doe', expires: '2027-01-31' };
    const { head } = assembled([
      {},
      { blind: true, verdict: 'unknown' },
      { exclusion, verdict: null },
      { exclusion, blind: true, verdict: null },
    ]);
    expect(head.denominator.organizations).toEqual({ total: 4, judged: 1, blind: 1, excluded: 2 });
    expect(head.exclusions).toHaveLength(2);
    expect(head.exit.code).toBe(2);
  });

  it.each([
    ['the organizations could not be listed', null],
    ['one of them is in no part', 2],
    ['there is none', 0],
  ])('never ends with 0 where %s', (_, total) => {
    const { head } = assembled(total === 0 ? [] : [{}], { total });
    expect(head.exit.code).toBe(2);
  });

  it('ends with 0 where everybody was judged and nothing at the limit fails or is unknown', () => {
    const minor = finding('DB-8', 'fail', { severity: 'medium' });
    expect(assembled([{ own: [minor] }]).head.exit).toEqual({ code: 0, reasons: [] });
    expect(assembled([{ own: [minor] }], { options: { policy: policyOf({ failOn: 'medium' }) } }).head.exit.code).toBe(
      1,
    );
  });

  it('names one blind spot once, with how many organizations it touches', () => {
    const { head, chapters } = assembled([
      { own: [finding('DB-2', 'unknown'), finding('DB-3', 'unknown')] },
      { own: [finding('DB-2', 'unknown')] },
    ]);
    expect(head.blindSpots).toMatchObject([{ reason: 'timeout', affects: { organizations: 2, install: false } }]);
    expect(chapters[0]?.summary.blindSpotIds).toEqual([head.blindSpots[0]?.id]);
    expect(chapters[0]?.findings.map(({ blindSpotIds }) => blindSpotIds.length)).toEqual([1, 1]);
  });

  it('is never better for the install than for its worst organization, which it names and counts', () => {
    const { head } = assembled([
      { verdict: 'recoverable' },
      { verdict: 'not-recoverable' },
      { verdict: 'not-recoverable' },
      { verdict: 'at-risk', atRiskBy: ['gap'] },
    ]);
    expect(head.install.verdict).toBe('not-recoverable');
    expect(head.install.weakestLink?.sentence).toMatch(/^Organization Organization 1 and 1 more \(not recoverable\)\./);
    expect(head.install.verdicts).toEqual({
      recoverable: 1,
      'at-risk': { gap: 1, blindSpot: 0, firstCopyDue: 0 },
      unknown: 0,
      'not-recoverable': 2,
      none: 0,
    });
  });

  it('shows the worst gaps first: by severity, recovery as a whole before its parts', () => {
    const own = [
      finding('DB-1', 'fail', { bears: 'protection' }),
      finding('DB-8', 'fail', { severity: 'medium' }),
      finding('DB-3', 'fail', { severity: 'critical' }),
      finding('REC-1', 'fail', { severity: 'critical' }),
    ];
    const { head } = assembled([{ own }]);
    expect(head.worstGaps.total).toBe(4);
    expect(head.worstGaps.shown.map(({ controlId }) => controlId)).toEqual(['REC-1', 'DB-3', 'DB-1', 'DB-8']);
  });

  it('keeps the worst gap among thousands, and their true number', () => {
    const many = Array.from({ length: 3000 }, () => ({ own: [finding('DB-3', 'fail')] }));
    const { head } = assembled([...many, { own: [finding('REC-1', 'fail', { severity: 'critical' })] }]);
    expect(head.worstGaps.total).toBe(3001);
    expect(head.worstGaps.shown).toHaveLength(20);
    expect(head.worstGaps.shown[0]?.controlId).toBe('REC-1');
  });

  it('lists the worst organizations worst first', () => {
    const { worst } = assembled([
      { verdict: 'recoverable' },
      { verdict: 'unknown' },
      { verdict: 'not-recoverable' },
      { verdict: null },
    ]);
    expect(worst).toEqual(['org_2', 'org_1', 'org_0']);
  });

  it('counts passes that rest on somebody’s word', () => {
    const { head } = assembled([{ own: [finding('KEY-8', 'pass', { grade: 'declared' }), finding('DB-3', 'pass')] }]);
    expect(head.passesResting).toBe(1);
  });
});

describe('an organization’s own report', () => {
  const own = { options: { only: 'org_0' } };

  it('holds its findings and the shared ones that it leans on, and counts itself alone', () => {
    const shared = finding('KEY-1', 'fail', { subject: PROVIDER });
    const report = assembled([{ own: [finding('DB-3', 'pass')], shared: [shared] }], {
      ...own,
      total: 50,
      install: [finding('HOST-1', 'fail')],
    });
    expect(report.head.scope).toEqual({ kind: 'organization', organizationId: 'org_0' });
    expect(report.head.tally).toMatchObject({ pass: 1, fail: 1 });
    expect(report.head.denominator.organizations).toEqual({ total: 1, judged: 1, blind: 0, excluded: 0 });
    expect(report.installFindings).toEqual([]);
    expect(report.installEvidence).toEqual([]);
    expect(report.chapters[0]?.findings.map(({ controlId }) => controlId)).toEqual(['DB-3', 'KEY-1']);
  });

  it('names no unmatched file and no other organization’s declaration', () => {
    const assembler = createAssembler({ ...OPTIONS, only: 'org_0' });
    assembler.organization({ ...SUMMARY, organizationId: 'org_0' }, [], [], []);
    const other = subject('database', 'org_1/zq-hidden', 'org_1');
    const { head } = assembler.finish(
      RUN,
      trailer(2),
      INSTALL_SUMMARY,
      [],
      [
        evidence('unmatched-artifact', LOCATION, [{ path: 'zq-hidden.dump' }]),
        evidence('declaration', other, [{}], { grade: 'declared' }),
      ],
    );
    expect(head.unmatched).toEqual([]);
    expect(head.unmatchedTotal).toBe(0);
    expect(JSON.stringify(head)).not.toMatch(/zq-hidden/);
  });
});
