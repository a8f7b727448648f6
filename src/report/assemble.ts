import { hash } from 'node:crypto';
import type { BundleHeader, BundleTrailer } from '../model/bundle.ts';
import type { Control } from '../model/control.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import { type Instant, SECOND, toMillis } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import type {
  OrganizationChapter,
  OrganizationSummary,
  ReportedEvidence,
  ReportHead,
  Verdict,
} from '../model/report.ts';
import { VERDICTS } from '../model/report.ts';
import { atLeast, SEVERITIES } from '../model/severity.ts';
import { createBlindSpotList } from './blind-spots.ts';
import { reportedCopies } from './copies.ts';
import { createDisagreementList } from './disagreements.ts';
import { exitOf } from './exit.ts';
import { notEvaluated } from './not-evaluated.ts';
import { declaredOf, noticesOf } from './notices.ts';
import { readingNotices } from './reading-notices.ts';
import { subjectLabel } from './wording/subjects.ts';

/** A finding with the blind spots behind it, as judging gives it. */
export interface AssembledFinding {
  readonly finding: Finding;
  readonly blindSpots: readonly { readonly evidence: AnyEvidence | null; readonly blindSpot: BlindSpot }[];
}

/** What is known of the run besides the bundle. */
export interface AssembleOptions {
  readonly header: BundleHeader;
  readonly policy: Policy;
  readonly policyDigest: string;
  readonly bundleDigest: string;
  readonly asOf: Instant;
  readonly controls: readonly Control[];
  /** Only this organization's own report; null for the install's. */
  readonly only: string | null;
}

type InstallSummary = ReportHead['install'];
type Tally = ReportHead['tally'];

/** How many worst gaps page one shows, and how many unmatched files the head holds. */
const SHOWN_GAPS = 20;
const SHOWN_UNMATCHED = 1000;
/** How many of the worst organizations are remembered for detail. */
const REMEMBERED = 2000;

/** Folds judged parts into a report, part by part in the order of organization ids; tallies once. */
export interface Assembler {
  organization(
    summary: OrganizationSummary,
    findings: readonly AssembledFinding[],
    shared: readonly AssembledFinding[],
    evidence: readonly AnyEvidence[],
  ): OrganizationChapter;
  finish(
    trailer: BundleTrailer,
    install: Omit<InstallSummary, 'verdicts'>,
    findings: readonly AssembledFinding[],
    evidence: readonly AnyEvidence[],
  ): AssembledReport;
}

export interface AssembledReport {
  readonly head: ReportHead;
  readonly installFindings: readonly Finding[];
  readonly installEvidence: readonly ReportedEvidence[];
  /** Organization ids, worst first. */
  readonly worst: readonly string[];
  /** All of them; the head holds the first. */
  readonly unmatched: ReportHead['unmatched'];
}

export function createAssembler(options: AssembleOptions): Assembler {
  const blindSpots = createBlindSpotList();
  const disagreements = createDisagreementList();
  const tally = emptyTally();
  const perControl = new Map(options.controls.map((control) => [control.id, emptyTally()]));
  const verdicts = {
    recoverable: 0,
    'at-risk': { gap: 0, blindSpot: 0, firstCopyDue: 0 },
    unknown: 0,
    'not-recoverable': 0,
    none: 0,
  };
  const denominator = { judged: 0, blind: 0, excluded: 0 };
  const atFailOn = { gaps: 0, unknown: 0 };
  const worstFirst = new Map<Verdict, string[]>(VERDICTS.map((verdict) => [verdict, []]));
  const firstOfVerdict = new Map<Verdict, OrganizationSummary>();
  const gaps: { finding: Finding; rank: number }[] = [];
  const sources = new Map<string, { operations: Set<string>; questions: number }>();
  const declared: ReportHead['declared'] = [];
  const exclusions: ReportHead['exclusions'] = [];
  let gapsTotal = 0;
  let passesResting = 0;
  let order = 0;

  const count = (finding: Finding) => {
    tally[finding.status] += 1;
    const own = perControl.get(finding.controlId);
    if (own !== undefined) own[finding.status] += 1;
    if (finding.status === 'pass' && finding.grade === 'declared') passesResting += 1;
    if (!atLeast(finding.severity, options.policy.failOn)) return;
    if (finding.status === 'fail') atFailOn.gaps += 1;
    if (finding.status === 'unknown') atFailOn.unknown += 1;
  };
  const noteGap = (finding: Finding) => {
    if (finding.status !== 'fail') return;
    gapsTotal += 1;
    // Recovery as a whole says in one sentence what the single findings say apart, so it comes first.
    const rank =
      SEVERITIES.indexOf(finding.severity) * 10 +
      (finding.controlId === 'REC-1' ? 0 : finding.bears === 'recovery' ? 1 : 2);
    order += 1;
    gaps.push({ finding, rank: rank + Math.min(order, 1_000_000) / 10_000_000 });
    if (gaps.length > SHOWN_GAPS * 4) {
      gaps.sort((a, b) => a.rank - b.rank);
      gaps.length = SHOWN_GAPS;
    }
  };
  const finished = (assembled: AssembledFinding, organizationId: string | null): Finding => {
    const ids = assembled.blindSpots.map(({ evidence, blindSpot }) =>
      blindSpots.add(evidence?.source ?? 'the audit', blindSpot, organizationId),
    );
    return ids.length === 0 ? assembled.finding : { ...assembled.finding, blindSpotIds: [...new Set(ids)] };
  };
  const reported = (evidence: readonly AnyEvidence[], organizationId: string | null): ReportedEvidence[] =>
    evidence.map((record) => {
      if (record.blindSpot !== null) blindSpots.add(record.source, record.blindSpot, organizationId);
      const source = sources.get(record.source) ?? { operations: new Set<string>(), questions: 0 };
      source.questions += 1;
      if (source.operations.size < 20) source.operations.add(record.operation);
      sources.set(record.source, source);
      return reportedEvidence(record, options);
    });

  return {
    organization(summary, findings, shared, evidence) {
      const id = summary.organizationId.toLowerCase();
      const own = findings.map((one) => finished(one, id));
      const used = options.only === null ? [] : shared.map((one) => finished(one, id));
      for (const finding of [...own, ...used]) {
        count(finding);
        noteGap(finding);
      }
      const list = reported(evidence, id);
      disagreements.add(evidence);
      // An organization states no context of its own.
      declared.push(...declaredOf(evidence.filter(({ kind }) => kind === 'declaration')));
      const blindSpotIds = [...new Set([...own, ...used].flatMap((finding) => finding.blindSpotIds))];
      const complete: OrganizationSummary = { ...summary, blindSpotIds };
      if (summary.exclusion !== null) {
        denominator.excluded += 1;
        exclusions.push({ organizationId: summary.organizationId, ...summary.exclusion });
      } else if (summary.blind) denominator.blind += 1;
      else denominator.judged += 1;
      countVerdict(verdicts, summary);
      if (summary.verdict !== null) {
        const ids = worstFirst.get(summary.verdict);
        if (ids !== undefined && ids.length < REMEMBERED) ids.push(summary.organizationId);
        if (!firstOfVerdict.has(summary.verdict)) firstOfVerdict.set(summary.verdict, complete);
      }
      return { summary: complete, findings: [...own, ...used], evidence: list };
    },
    finish(trailer, install, findings, evidence) {
      const isWhole = options.only === null;
      disagreements.add(evidence);
      const installFindings = isWhole ? findings.map((one) => finished(one, null)) : [];
      for (const finding of installFindings) {
        count(finding);
        noteGap(finding);
      }
      const installEvidence = isWhole ? reported(evidence, null) : [];
      const total = isWhole ? trailer.total : denominator.judged + denominator.blind + denominator.excluded;
      const worstVerdict =
        VERDICTS.find((verdict) => verdict === install.verdict || firstOfVerdict.has(verdict)) ?? null;
      const own = isWhole ? null : ([...firstOfVerdict.values()][0] ?? null);
      const summary: InstallSummary = isWhole
        ? {
            ...(total !== null && denominator.judged + denominator.blind === 0
              ? ofNothing(install)
              : joinedInstall(install, worstVerdict, firstOfVerdict, verdicts)),
            verdicts,
          }
        : {
            ...install,
            installId: install.installId,
            verdict: own?.verdict ?? null,
            weakestLink: own?.weakestLink ?? null,
            recoveryPoint: null,
            verdicts,
          };
      const unmatched = isWhole ? unmatchedOf(evidence) : [];
      gaps.sort((a, b) => a.rank - b.rank);
      const head: ReportHead = {
        schemaVersion: 1,
        scope: isWhole ? { kind: 'install' } : { kind: 'organization', organizationId: options.only ?? '' },
        run: runOf(options, trailer),
        bundleAgeSeconds: Math.max(0, Math.floor((toMillis(options.asOf) - toMillis(trailer.finishedAt)) / SECOND)),
        install: summary,
        denominator: { organizations: { total, ...denominator } },
        tally,
        exit: exitOf({
          failOn: options.policy.failOn,
          ...atFailOn,
          total,
          ...denominator,
          acceptExcluded: options.policy.acceptExcluded,
        }),
        worstGaps: {
          total: gapsTotal,
          shown: gaps.slice(0, SHOWN_GAPS).map(({ finding }) => ({
            findingId: finding.id,
            controlId: finding.controlId,
            severity: finding.severity,
            sentence: `${subjectLabel(finding.subject)}: ${finding.because}`,
          })),
        },
        blindSpots: [...blindSpots.list()],
        unmatched: unmatched.slice(0, SHOWN_UNMATCHED),
        unmatchedTotal: unmatched.length,
        notEvaluated: notEvaluated(options.policy),
        declared: [...declaredOf(evidence).filter((one) => isWhole || one.kind === 'context'), ...declared],
        passesResting,
        // Attestations may name other organizations, so an organization's own report looks at none but its own.
        notices: [
          ...noticesOf(isWhole ? evidence : evidence.filter((record) => record.kind !== 'declaration'), options.policy),
          ...disagreements.notices(),
          ...(isWhole ? readingNotices(trailer.reading) : []),
        ],
        exclusions,
        controls: controlsOf(options.controls, perControl),
        method: [...sources]
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .map(([source, { operations, questions }]) => ({ source, operations: [...operations].sort(), questions })),
      };
      return {
        head,
        installFindings,
        installEvidence,
        worst: VERDICTS.flatMap((verdict) => worstFirst.get(verdict) ?? []),
        unmatched,
      };
    },
  };
}

function emptyTally(): Tally {
  return { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, waived: 0 };
}

function countVerdict(verdicts: InstallSummary['verdicts'], summary: OrganizationSummary): void {
  if (summary.verdict === null) verdicts.none += 1;
  else if (summary.verdict !== 'at-risk') verdicts[summary.verdict] += 1;
  else if (summary.atRiskBy.includes('gap')) verdicts['at-risk'].gap += 1;
  else if (summary.atRiskBy.includes('blind-spot')) verdicts['at-risk'].blindSpot += 1;
  else verdicts['at-risk'].firstCopyDue += 1;
}

/** Without an organization to judge there is nothing to vouch for; what would not come back even so is still said. */
function ofNothing(install: Omit<InstallSummary, 'verdicts'>): Omit<InstallSummary, 'verdicts'> {
  const isGood = install.verdict === 'recoverable' || install.verdict === 'at-risk';
  return isGood ? { ...install, verdict: null, recoveryPoint: null } : install;
}

/** The install is never better than the worst of its organizations, which its weakest link then names and counts. */
function joinedInstall(
  install: Omit<InstallSummary, 'verdicts'>,
  worst: Verdict | null,
  first: ReadonlyMap<Verdict, OrganizationSummary>,
  verdicts: InstallSummary['verdicts'],
): Omit<InstallSummary, 'verdicts'> {
  if (worst === null || worst === install.verdict) return install;
  const organization = first.get(worst);
  if (organization === undefined) return install;
  const risk = verdicts['at-risk'];
  const affected = worst === 'at-risk' ? risk.gap + risk.blindSpot + risk.firstCopyDue : verdicts[worst];
  const others = affected === 1 ? '' : ` and ${affected - 1} more`;
  const link = organization.weakestLink;
  const why = link === null ? '' : ` ${link.sentence}`;
  return {
    ...install,
    verdict: worst,
    weakestLink: {
      plane: link?.plane ?? 'database',
      findingId: link?.findingId ?? '',
      sentence: `Worst off: organization ${organization.name}${others} (${worst}).${why}`,
    },
  };
}

function runOf(options: AssembleOptions, trailer: BundleTrailer): ReportHead['run'] {
  const { header, policy } = options;
  return {
    id: header.runId,
    toolVersion: header.toolVersion,
    timeZoneData: header.timeZoneData,
    collectorHost: header.collectorHost,
    operator: header.operator,
    failOn: policy.failOn,
    asOf: options.asOf,
    startedAt: header.startedAt,
    finishedAt: trailer.finishedAt,
    loss: policy.loss,
    configDigest: header.configDigest,
    mappingDigest: header.mappingDigest,
    policyDigest: options.policyDigest,
    bundleDigest: options.bundleDigest,
    previousReportDigest: null,
  };
}

function controlsOf(controls: readonly Control[], tallies: ReadonlyMap<string, Tally>): ReportHead['controls'] {
  return controls.map(({ id, title, severity, bears, rationale, remediation }) => ({
    id,
    title,
    severity,
    bears,
    rationale,
    remediation,
    tally: tallies.get(id) ?? emptyTally(),
  }));
}

function unmatchedOf(evidence: readonly AnyEvidence[]): ReportHead['unmatched'] {
  return evidence.flatMap((record) =>
    record.kind === 'unmatched-artifact' ? record.items.map((item) => ({ location: record.subject.key, ...item })) : [],
  );
}

function reportedEvidence(record: AnyEvidence, { asOf, policy, only }: AssembleOptions): ReportedEvidence {
  const { id, kind, subject, source, operation, locator, grade, collectedAt, items, blindSpot } = record;
  const digest = hash('sha256', JSON.stringify({ items, blindSpot }), 'hex');
  return {
    id,
    kind,
    subject,
    source,
    operation,
    locator,
    grade,
    rows: blindSpot !== null && items.length === 0 ? null : items.length,
    complete: blindSpot === null,
    collectedAt,
    digest: `sha256:${digest}`,
    ...(record.kind === 'copy' && record.items.length > 0
      ? { copies: reportedCopies(record, asOf, policy, only !== null) }
      : {}),
  };
}
