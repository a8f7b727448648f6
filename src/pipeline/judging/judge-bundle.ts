import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { judgeInstall } from '../../evaluate/judge-install.ts';
import { plantedGapEvidence } from '../../evaluate/planted/find-planted.ts';
import { rebuildEntries } from '../../evaluate/rebuild-entries.ts';
import { CONTROLS } from '../../evaluate/registry.ts';
import type { InstallPart } from '../../model/bundle.ts';
import type { AnyEvidence } from '../../model/evidence.ts';
import { type Instant, MINUTE, toMillis } from '../../model/instant.ts';
import { LIMIT_DEFAULTS, type Policy, policySchema } from '../../model/policy.ts';
import type { Report, ReportHead } from '../../model/report.ts';
import type { FoldedOrganizations } from '../../report/assemble/assembler.ts';
import type { GateFacts } from '../../report/gate.ts';
import { BundleError } from '../bundle-file.ts';
import { judgeOrganizations } from './judge-organizations.ts';
import { surveyInThread } from './judging-threads.ts';
import { spooledReport } from './spooled-report.ts';
import { surveyBundle } from './survey-pass.ts';

export interface JudgeOptions {
  /** The clock; default: the bundle's end. */
  readonly asOf?: Instant;
  /** Thresholds in place of the ones that the bundle carries. */
  readonly policy?: Policy;
  /** This organization's own report. */
  readonly only?: string;
  /** Ends the judging with its reason. */
  readonly signal?: AbortSignal;
  /** Directory for the judged parts while the report is rendered. Removed by the caller. */
  readonly scratch: string;
  /** Threads that judge; default: none for a bundle that is soon judged. */
  readonly threads?: number;
}

/** A judged bundle: its report, and what gates ask of the install besides findings. */
export interface JudgedBundle {
  readonly report: Report;
  readonly gateFacts: GateFacts;
  /** Every artifact that matched nothing; the report's head holds the first of them. */
  readonly unmatched: ReportHead['unmatched'];
}

/** No organization of that id was collected. Exit code 3. */
export class UnknownOrganizationError extends Error {
  constructor(organizationId: string) {
    super(`no organization ${organizationId.slice(0, 80)} is among those that were collected`);
    this.name = 'UnknownOrganizationError';
  }
}

/**
 * The moment at which a collection ended. What another host answered may be from shortly after that, by a clock that runs
 * ahead by as little as clocks may.
 */
function endOf(finishedAt: Instant, newestEvidence: Instant, { limits }: Policy): Instant {
  const ahead = toMillis(newestEvidence) - toMillis(finishedAt);
  const tolerance = (limits.clockToleranceMinutes ?? LIMIT_DEFAULTS.clockToleranceMinutes) * MINUTE;
  return ahead > 0 && ahead <= tolerance ? newestEvidence : finishedAt;
}

/**
 * Judges a bundle in two passes over its parts and gives the report. Memory is bounded: some parts at a time, the install
 * part, and while the first pass lasts some 600 bytes for each organization.
 *
 * @throws BundleError where the bundle cannot be used, or `asOf` is before its evidence
 */
export async function judgeBundle(file: string, options: JudgeOptions): Promise<JudgedBundle> {
  const threads = options.threads ?? (await threadsFor(file, options));
  const surveyed = await (threads === 0 ? surveyBundle : surveyInThread)(file, options.signal);
  const policy = options.policy ?? surveyed.header.policy;
  const asOf = options.asOf ?? endOf(surveyed.trailer.finishedAt, surveyed.newestEvidence, policy);
  if (toMillis(asOf) < toMillis(surveyed.newestEvidence)) {
    throw new BundleError(
      `${asOf} is before the newest evidence of the bundle, ${surveyed.newestEvidence}`,
      'Judge it as of a later instant.',
    );
  }
  const first = { ...surveyed, install: withPlantedGaps(surveyed.install, asOf) };
  const only = options.only?.toLowerCase() ?? null;
  const context = { file, install: first.install, compared: first.compared, policy, asOf, only };
  const { assembler, digest } = await judgeOrganizations(first, context, {
    scratch: options.scratch,
    signal: options.signal,
    threads,
  });
  if (only !== null && isEmpty(assembler.folded())) throw new UnknownOrganizationError(options.only ?? '');
  const install = judgeInstall(CONTROLS, first.install, policy, asOf);
  const row = first.install.evidence.find((record) => record.kind === 'install')?.items[0];
  const assembled = assembler.finish(
    {
      header: first.header,
      policyDigest: policyDigest(policy),
      bundleDigest: digest,
      controls: CONTROLS,
      rebuild: rebuildEntries(install.view, policy, asOf),
    },
    first.trailer,
    {
      installId: row?.installId ?? null,
      productVersion: row?.productVersion ?? null,
      verdict: install.own.verdict,
      recoveryPoint: install.own.recoveryPoint,
      weakestLink: install.own.weakestLink,
      planes: install.planes,
      chain: [...install.own.chain],
    },
    install.findings,
    first.install.evidence,
  );
  return {
    report: spooledReport(assembled, options.scratch),
    gateFacts: gateFactsOf(first.install.evidence, asOf),
    unmatched: assembled.unmatched,
  };
}

/** What this run finds of gaps that are known to be there stands beside what was collected. */
function withPlantedGaps(part: InstallPart, asOf: Instant): InstallPart {
  const install = part.subjects.find(({ subject }) => subject.kind === 'install')?.subject;
  if (install === undefined) return part;
  return { ...part, evidence: [...part.evidence, plantedGapEvidence(CONTROLS, install, asOf)] };
}

/** A bundle below this is judged before threads would be ready, in bytes: some thousand organizations. */
const WORTH_THREADS = 32 * 1024 * 1024;
/** Each takes some 80 MB, so that more of them would cost more memory than an audit may take. */
const MOST_THREADS = 2;

async function threadsFor(file: string, { only }: JudgeOptions): Promise<number> {
  if (only !== undefined) return 0;
  // What cannot be looked at is told by whoever reads it.
  const size = await stat(file).then(
    (found) => found.size,
    () => 0,
  );
  return size < WORTH_THREADS ? 0 : Math.min(availableParallelism(), MOST_THREADS);
}

function isEmpty({ organizations: { denominator } }: FoldedOrganizations): boolean {
  return denominator.judged + denominator.blind + denominator.excluded === 0;
}

/** SHA-256 of the policy with its keys in the order of the schema, whichever file it was read from. */
function policyDigest(policy: Policy): string {
  return `sha256:${createHash('sha256')
    .update(JSON.stringify(policySchema.parse(policy)))
    .digest('hex')}`;
}

function gateFactsOf(evidence: readonly AnyEvidence[], asOf: Instant): GateFacts {
  const install = evidence.find((record) => record.kind === 'install')?.items[0];
  const tests = evidence
    .flatMap((record) => (record.kind === 'restore-test' ? record.items : []))
    .filter((test) => test.outcome === 'succeeded' && test.performedAt <= asOf)
    .map((test) => test.performedAt)
    .sort();
  return {
    // Never upgraded is since its installation; upgraded at an unknown time is unknown.
    lastUpgradedAt:
      install?.lastUpgradedAt ?? (install?.previousVersion == null ? (install?.installedAt ?? null) : null),
    newestRestoreTest: tests.at(-1) ?? null,
  };
}
