import { createHash } from 'node:crypto';
import { judgeInstall } from '../evaluate/judge-install.ts';
import { judgeOrganization } from '../evaluate/judge-organization.ts';
import { CONTROLS } from '../evaluate/registry.ts';
import { createSurvey } from '../evaluate/survey.ts';
import type { BundleHeader, BundleTrailer, InstallPart } from '../model/bundle.ts';
import type { AnyEvidence } from '../model/evidence.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { type Policy, policySchema } from '../model/policy.ts';
import type { Report, ReportHead } from '../model/report.ts';
import type { SubjectNode } from '../model/subject.ts';
import { createAssembler } from '../report/assemble.ts';
import type { GateFacts } from '../report/gate.ts';
import { BundleError, readBundle, readToCompare } from './bundle-file.ts';
import { openReportSpools, spooledReport } from './spooled-report.ts';

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
}

/** A judged bundle: its report, and what gates ask of the install besides findings. */
export interface JudgedBundle {
  readonly report: Report;
  readonly gateFacts: GateFacts;
  /** Every artifact that matched nothing; the report's head holds the first of them. */
  readonly unmatched: ReportHead['unmatched'];
}

/** No organization of that id is in the bundle. Exit code 3. */
export class UnknownOrganizationError extends Error {
  constructor(organizationId: string) {
    super(`no organization ${organizationId.slice(0, 80)} is in the bundle`);
    this.name = 'UnknownOrganizationError';
  }
}

/**
 * Judges a bundle in two passes over its parts and gives the report. Memory is bounded: one part at a time, the install
 * part, and while the first pass lasts some 600 bytes for each organization.
 *
 * @throws BundleError where the bundle cannot be used, or `asOf` is before its evidence
 */
export async function judgeBundle(file: string, options: JudgeOptions): Promise<JudgedBundle> {
  const first = await surveyPass(file, options.signal);
  const asOf = options.asOf ?? first.trailer.finishedAt;
  if (toMillis(asOf) < toMillis(first.newestEvidence)) {
    throw new BundleError(
      `${asOf} is before the newest evidence of the bundle, ${first.newestEvidence}`,
      'Judge it as of a later instant.',
    );
  }
  const policy = options.policy ?? first.header.policy;
  const only = options.only?.toLowerCase() ?? null;
  const assembler = createAssembler({
    header: first.header,
    policy,
    policyDigest: policyDigest(policy),
    bundleDigest: first.digest,
    asOf,
    controls: CONTROLS,
    only,
  });
  const install = judgeInstall(CONTROLS, first.install, policy, asOf);
  const index = first.survey.finish(asOf, first.install);
  const spools = await openReportSpools(options.scratch);
  let found = only === null;
  for await (const line of readBundle(file)) {
    options.signal?.throwIfAborted();
    if (line.type !== 'organization') continue;
    const comparison = index.evidenceAbout(line);
    if (only !== null && line.organizationId.toLowerCase() !== only) continue;
    found = true;
    const judged = judgeOrganization(CONTROLS, line, comparison, install, policy, asOf);
    const chapter = assembler.organization(judged.summary, judged.findings, judged.shared, [
      ...line.evidence,
      ...comparison,
    ]);
    await spools.add(chapter);
  }
  if (!found) throw new UnknownOrganizationError(options.only ?? '');
  await spools.close();
  const row = first.install.evidence.find((record) => record.kind === 'install')?.items[0];
  const assembled = assembler.finish(
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

interface FirstPass {
  readonly header: BundleHeader;
  readonly install: InstallPart;
  readonly trailer: BundleTrailer;
  readonly survey: ReturnType<typeof createSurvey>;
  readonly digest: string;
  readonly newestEvidence: Instant;
}

async function surveyPass(file: string, signal: AbortSignal | undefined): Promise<FirstPass> {
  const survey = createSurvey();
  const subjects: SubjectNode[] = [];
  const evidence: AnyEvidence[] = [];
  let header: BundleHeader | null = null;
  let trailer: BundleTrailer | null = null;
  let digest = '';
  let newestEvidence: Instant = '0000-01-01T00:00:00.000Z';
  const look = (records: readonly Pick<AnyEvidence, 'collectedAt'>[]) => {
    for (const record of records) if (record.collectedAt > newestEvidence) newestEvidence = record.collectedAt;
  };
  for await (const line of readToCompare(file, (sum) => {
    digest = sum;
  })) {
    signal?.throwIfAborted();
    if (line.type === 'header') header = line;
    else if (line.type === 'trailer') trailer = line;
    else if (line.type === 'install') {
      subjects.push(...line.subjects);
      evidence.push(...line.evidence);
      look(line.evidence);
    } else {
      survey.add(line);
      look(line.evidence);
    }
  }
  if (header === null || trailer === null)
    throw new BundleError(`bundle ${file} is empty`, 'Collect again: recoverage collect.');
  return { header, trailer, survey, digest, newestEvidence, install: { type: 'install', subjects, evidence } };
}
