import type { BundleHeader, BundleTrailer } from '../../model/bundle.ts';
import type { Control } from '../../model/control.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Finding } from '../../model/finding.ts';
import { type Instant, SECOND, toMillis } from '../../model/instant.ts';
import type { Policy } from '../../model/policy.ts';
import type { RebuildEntry, ReportedEvidence, ReportHead } from '../../model/report.ts';
import { VERDICTS } from '../../model/report.ts';
import { contradictedDomains } from '../contradicted-domains.ts';
import { exitOf } from '../exit.ts';
import { joinedNotices } from '../joined-notices.ts';
import { notEvaluated } from '../not-evaluated.ts';
import { declaredOf, noticesOf } from '../notices.ts';
import { readingNotices } from '../reading-notices.ts';
import { type CountedFindings, emptyTally } from './findings-tally.ts';
import { installSummary } from './install-summary.ts';
import type { CountedOrganizations } from './organizations-tally.ts';

/** How many unmatched files the head holds. */
const SHOWN_UNMATCHED = 1000;

export type InstallSummary = ReportHead['install'];

/** What organizations are assembled by. */
export interface AssembleOptions {
  readonly policy: Policy;
  readonly asOf: Instant;
  /** Only this organization's own report, its id in lower case; null for the install's. */
  readonly only: string | null;
}

/** What is known of the run besides what was judged. */
export interface RunFacts {
  readonly header: BundleHeader;
  readonly policyDigest: string;
  readonly bundleDigest: string;
  readonly controls: readonly Control[];
  /** What whoever rebuilds the install must know. */
  readonly rebuild?: readonly RebuildEntry[];
}

/** A report without its organizations' chapters. */
export interface AssembledReport {
  readonly head: ReportHead;
  readonly installFindings: readonly Finding[];
  readonly installEvidence: readonly ReportedEvidence[];
  /** Organization ids, worst first. */
  readonly worst: readonly string[];
  /** All of them; the head holds the first. */
  readonly unmatched: ReportHead['unmatched'];
}

/** Everything that a report's head is made of. */
export interface Assembled {
  readonly options: AssembleOptions;
  readonly run: RunFacts;
  readonly trailer: BundleTrailer;
  readonly install: Omit<InstallSummary, 'verdicts'>;
  readonly installFindings: readonly Finding[];
  readonly installEvidence: readonly ReportedEvidence[];
  /** The install part's. */
  readonly evidence: readonly AnyEvidence[];
  readonly findings: CountedFindings;
  readonly organizations: CountedOrganizations;
  readonly worstGaps: ReportHead['worstGaps'];
  readonly blindSpots: readonly ReportHead['blindSpots'][number][];
  readonly differences: ReportHead['notices'];
  /** Of the policy: organizations that are not there. */
  readonly strayNames: ReportHead['notices'];
  readonly method: ReportHead['method'];
  readonly declared: ReportHead['declared'];
}

export function reportOf(assembled: Assembled): AssembledReport {
  const { options, run, trailer, evidence, findings, organizations } = assembled;
  const { policy, only } = options;
  const isWhole = only === null;
  const { denominator } = organizations;
  const total = isWhole ? trailer.total : denominator.judged + denominator.blind + denominator.excluded;
  const unmatched = isWhole ? unmatchedOf(evidence) : [];
  const head: ReportHead = {
    schemaVersion: 1,
    scope: isWhole ? { kind: 'install' } : { kind: 'organization', organizationId: only },
    run: runOf(assembled),
    bundleAgeSeconds: Math.max(0, Math.floor((toMillis(options.asOf) - toMillis(trailer.finishedAt)) / SECOND)),
    install: installSummary(assembled.install, organizations, total, isWhole),
    denominator: { organizations: { total, ...denominator } },
    tally: findings.tally,
    exit: exitOf({
      failOn: policy.failOn,
      ...findings.atFailOn,
      total,
      ...denominator,
      acceptExcluded: policy.acceptExcluded,
    }),
    worstGaps: assembled.worstGaps,
    blindSpots: [...assembled.blindSpots],
    unmatched: unmatched.slice(0, SHOWN_UNMATCHED),
    unmatchedTotal: unmatched.length,
    notEvaluated: notEvaluated(policy),
    declared: [...declaredOf(evidence).filter((one) => isWhole || one.kind === 'context'), ...assembled.declared],
    passesResting: findings.passesResting,
    // Attestations may name other organizations, so an organization's own report looks at none but its own.
    notices: [
      ...contradictedDomains(evidence),
      ...noticesOf(isWhole ? evidence : evidence.filter((record) => record.kind !== 'declaration'), policy),
      ...assembled.differences,
      ...assembled.strayNames,
      ...(isWhole ? readingNotices(trailer.reading) : []),
      ...(isWhole ? joinedNotices(run.header, options.asOf) : []),
      ...(isWhole ? rebuildNotices(run.rebuild ?? []) : []),
    ],
    // It names addresses and hosts, which are none of a single organization's.
    ...(isWhole && run.rebuild !== undefined ? { rebuild: [...run.rebuild] } : {}),
    exclusions: organizations.exclusions,
    controls: controlsOf(run.controls, findings),
    method: assembled.method,
  };
  return {
    head,
    installFindings: assembled.installFindings,
    installEvidence: assembled.installEvidence,
    worst: VERDICTS.flatMap((verdict) => organizations.worst.get(verdict) ?? []),
    unmatched,
  };
}

/** What is amiss with what a rebuild needs stands on page one, too: no finding speaks of it. */
function rebuildNotices(entries: readonly RebuildEntry[]): ReportHead['notices'] {
  return entries.flatMap(({ sentence, remedy }) => (remedy === null ? [] : [{ text: sentence, remedy }]));
}

function runOf({ options, run, trailer, evidence }: Assembled): ReportHead['run'] {
  const { header } = run;
  return {
    id: header.runId,
    toolVersion: header.toolVersion,
    timeZoneData: header.timeZoneData,
    collectorHost: header.collectorHost,
    operator: header.operator,
    failOn: options.policy.failOn,
    asOf: options.asOf,
    startedAt: header.startedAt,
    finishedAt: trailer.finishedAt,
    loss: options.policy.loss,
    configDigest: header.configDigest,
    mappingDigest: header.mappingDigest,
    policyDigest: run.policyDigest,
    bundleDigest: run.bundleDigest,
    previousReportDigest: previousReport(evidence)?.digest ?? null,
  };
}

function previousReport(evidence: readonly AnyEvidence[]): Facts['previous-report'] | undefined {
  return evidence.flatMap((record) => (record.kind === 'previous-report' ? record.items : []))[0];
}

function controlsOf(controls: readonly Control[], { perControl }: CountedFindings): ReportHead['controls'] {
  return controls.map(({ id, title, severity, bears, rationale, remediation }) => ({
    id,
    title,
    severity,
    bears,
    rationale,
    remediation,
    tally: perControl.get(id) ?? emptyTally(),
  }));
}

function unmatchedOf(evidence: readonly AnyEvidence[]): ReportHead['unmatched'] {
  return evidence.flatMap((record) =>
    record.kind === 'unmatched-artifact' ? record.items.map((item) => ({ location: record.subject.key, ...item })) : [],
  );
}
