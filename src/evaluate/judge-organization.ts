import type { OrganizationPart } from '../model/bundle.ts';
import type { Control } from '../model/control.ts';
import type { AnyEvidence } from '../model/evidence.ts';
import { type Finding, STATUSES, type Status } from '../model/finding.ts';
import { type Instant, SECOND, toMillis } from '../model/instant.ts';
import type { Exclusion, Policy } from '../model/policy.ts';
import type { OrganizationSummary } from '../model/report.ts';
import { type SubjectNode, subjectId } from '../model/subject.ts';
import { copiesOfClusters } from './copies-of-clusters.ts';
import { firstCopyDueOf, isFirstCopyAwaited } from './first-copy.ts';
import type { JudgedInstall } from './judge-install.ts';
import { inapplicable } from './judge-install.ts';
import type { JudgedFinding } from './judge-subject.ts';
import { planeOf, planesOf } from './planes.ts';
import { contextFor, judgePart, partView } from './prepare.ts';
import { recoveryPoint } from './recovery-point.ts';
import { remembered } from './remembered.ts';
import type { Scope } from './scope.ts';
import { joinVerdict, recoveryChain, weakestLink } from './verdict.ts';

/** One organization judged. Blind-spot ids are filled in by whoever collects the blind spots of the whole report. */
export interface JudgedOrganization {
  readonly summary: OrganizationSummary;
  /** Findings on the organization's own subjects. */
  readonly findings: readonly JudgedFinding[];
  /** Findings on shared subjects that its chain uses, the install's database, keyring and restore tests included. */
  readonly shared: readonly JudgedFinding[];
}

/** Judges one organization's part against the install's. Pure. */
export function judgeOrganization(
  controls: readonly Control[],
  part: OrganizationPart,
  comparison: readonly AnyEvidence[],
  install: JudgedInstall,
  policy: Policy,
  asOf: Instant,
): JudgedOrganization {
  const view = partView(part, [...comparison, ...copiesOfClusters(part, install)], asOf, policy);
  const scope: Scope = { organization: view, install: install.view };
  const row = part.evidence.find((record) => record.kind === 'organization')?.items[0];
  const node = part.subjects.find((candidate) => candidate.subject.kind === 'organization');
  const identity = {
    organizationId: row?.organizationId ?? part.organizationId,
    slug: row?.slug ?? '',
    name: row?.name ?? part.organizationId,
    state: row?.state ?? 'unknown',
  };
  const exclusion = exclusionOf(part.organizationId, policy, asOf);
  const findings = exclusion === null ? judgePart(controls, view, scope, policy, asOf) : [];
  const own = findings.map((judged) => judged.finding);
  const shared = exclusion === null ? sharedFindings(part, install) : [];
  const used = [...own, ...shared.map((judged) => judged.finding)];
  const planes = planesOf(used, install.planes, exclusion !== null);
  const recovery = findings.find(({ finding }) => finding.controlId === 'REC-1');
  const nothing = { firstCopyDue: null, recoveryPoint: null, recoveryPointAgeSeconds: null, weakestLink: null };
  if (recovery === undefined || node === undefined) {
    const blind = exclusion === null;
    return {
      summary: {
        ...identity,
        ...nothing,
        verdict: blind ? 'unknown' : null,
        atRiskBy: [],
        planes,
        chain: [],
        statuses: worstStatuses(used),
        blindSpotIds: [],
        exclusion,
        blind,
      },
      findings,
      shared,
    };
  }
  const context = contextFor(node.subject, policy, asOf);
  const awaited = recovery.finding.status === 'not-applicable' && isFirstCopyAwaited(node, scope, context);
  const blind = !own.some((finding) => isOfPlanes(finding) && (finding.status === 'pass' || finding.status === 'fail'));
  const chained = chainBeside(install, shared);
  const counting = [...used, ...chained.map((judged) => judged.finding)];
  const joined = joinVerdict(recovery.finding, counting, awaited);
  const isBlind = blind && !awaited && joined.verdict !== null;
  const chain = recoveryChain(recovery.parts, install.host, inapplicable(recovery.finding));
  const point = recovery.finding.status === 'pass' && !isBlind ? recoveryPoint(node, scope, context) : null;
  return {
    summary: {
      ...identity,
      verdict: isBlind ? 'unknown' : joined.verdict,
      atRiskBy: isBlind ? [] : [...joined.atRiskBy],
      firstCopyDue: awaited ? firstCopyDueOf(node, scope, context) : null,
      recoveryPoint: point,
      recoveryPointAgeSeconds: point === null ? null : Math.floor((toMillis(asOf) - toMillis(point)) / SECOND),
      weakestLink: weakestLink(recovery.finding, chain, counting, awaited ? 'first-copy' : isBlind ? 'sight' : null),
      planes,
      chain: [...chain],
      statuses: worstStatuses(used),
      blindSpotIds: [],
      exclusion: null,
      blind: isBlind,
    },
    findings,
    shared: [...shared, ...chained],
  };
}

function exclusionOf(organizationId: string, policy: Policy, asOf: Instant): OrganizationSummary['exclusion'] {
  const found = policy.exclusions.find(
    (one: Exclusion) => one.organization.toLowerCase() === organizationId && `${one.expires}T23:59:59.999Z` >= asOf,
  );
  return found === undefined ? null : { reason: found.reason, approver: found.approver, expires: found.expires };
}

/** Findings on the providers, clusters and locations that the organization's subjects lean on. */
function sharedFindings(part: OrganizationPart, install: JudgedInstall): readonly JudgedFinding[] {
  const used = part.subjects.flatMap((node: SubjectNode) => [
    ...(node.cluster === undefined ? [] : [`cluster:${node.cluster}`]),
    ...(node.provider === undefined ? [] : [`provider:${node.provider}`]),
  ]);
  return findingsOn(install, JSON.stringify(used));
}

/** Organizations that lean on the same systems share these findings. @param used ids of subjects, as JSON */
const findingsOn = remembered(
  (install: JudgedInstall, used: string) => [install, used],
  (install: JudgedInstall, used: string): readonly JudgedFinding[] => {
    const ids = new Set<unknown>(JSON.parse(used));
    return install.findings.filter(
      ({ finding: { subject } }) => subject.kind === 'location' || ids.has(subjectId(subject)),
    );
  },
);

const chainBeside = remembered(
  (install: JudgedInstall, shared: readonly JudgedFinding[]) => [install, shared],
  (install: JudgedInstall, shared: readonly JudgedFinding[]): readonly JudgedFinding[] =>
    installChainFindings(install).filter((one) => !shared.includes(one)),
);

/** What of the install's own an organization's chain uses: its database, its keyring and provider, its restore tests. */
const installChainFindings = remembered((install: JudgedInstall) => [install], chainFindingsOf);

function chainFindingsOf(install: JudgedInstall): readonly JudgedFinding[] {
  const providers = new Set(
    install.view.subjects.filter((node) => node.subject.kind === 'keyring').map((node) => node.provider),
  );
  return install.findings.filter(({ finding: { controlId, subject } }) => {
    if (subject.kind === 'database' || subject.kind === 'keyring') return !controlId.startsWith('RUN-');
    if (subject.kind === 'provider') return providers.has(subject.key) && !controlId.startsWith('RUN-');
    return controlId === 'RST-1' || controlId === 'RST-2' || controlId === 'RST-3';
  });
}

function isOfPlanes(finding: Finding): boolean {
  const plane = planeOf(finding.controlId);
  return plane === 'database' || plane === 'keys' || plane === 'files';
}

function worstStatuses(findings: readonly Finding[]): Record<string, Status> {
  const worst: Record<string, Status> = {};
  for (const { controlId, status } of findings) {
    const known = worst[controlId];
    if (known === undefined || STATUSES.indexOf(status) < STATUSES.indexOf(known)) worst[controlId] = status;
  }
  return worst;
}
