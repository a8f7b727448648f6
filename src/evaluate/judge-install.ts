import type { InstallPart } from '../model/bundle.ts';
import type { Control } from '../model/control.ts';
import type { Finding } from '../model/finding.ts';
import type { Instant } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import type { ChainLink, PlaneState, Planes } from '../model/report.ts';
import type { SubjectNode } from '../model/subject.ts';
import { copiesOfClusters } from './copies-of-clusters.ts';
import type { JudgedFinding, PartConclusion } from './judge-subject.ts';
import { installPlanes, planeState } from './planes.ts';
import { contextFor, judgePart, partView } from './prepare.ts';
import { recoveryPoint } from './recovery-point.ts';
import type { PartView, Scope } from './scope.ts';
import { type JoinedVerdict, joinVerdict, recoveryChain, type WeakestLink, weakestLink } from './verdict.ts';

/** The install part judged: what every organization's judgement leans on. */
export interface JudgedInstall {
  readonly evidence: InstallPart['evidence'];
  readonly view: PartView;
  readonly scope: Scope;
  readonly findings: readonly JudgedFinding[];
  /** The install's own planes: its database, keyring and host, its restore tests. */
  readonly planes: Planes;
  /** The host as the first step of every recovery chain. */
  readonly host: { readonly state: PlaneState; readonly sentence: string };
  /** REC-1 to REC-3 of the install with its own findings, before its organizations are looked at. */
  readonly own: JoinedVerdict & {
    readonly chain: readonly ChainLink[];
    readonly weakestLink: WeakestLink | null;
    readonly recoveryPoint: Instant | null;
  };
}

/** Judges what belongs to the install and to shared subjects. */
export function judgeInstall(
  controls: readonly Control[],
  part: InstallPart,
  policy: Policy,
  asOf: Instant,
): JudgedInstall {
  const view = partView(part, copiesOfClusters(part, part), asOf, policy);
  const scope: Scope = { organization: null, install: view };
  const findings = judgePart(controls, view, scope, policy, asOf);
  const plain = findings.map((judged) => judged.finding);
  const host = hostStep(plain);
  const node = part.subjects.find((candidate) => candidate.subject.kind === 'install');
  return {
    evidence: part.evidence,
    view,
    scope,
    findings,
    planes: installPlanes(plain),
    host,
    own: ownVerdict(node, scope, findings, host, policy, asOf),
  };
}

function ownVerdict(
  node: SubjectNode | undefined,
  scope: Scope,
  findings: readonly JudgedFinding[],
  host: JudgedInstall['host'],
  policy: Policy,
  asOf: Instant,
): JudgedInstall['own'] {
  const recovery = findings.find(({ finding }) => finding.controlId === 'REC-1' && finding.subject.kind === 'install');
  const nothing = { verdict: 'unknown' as const, atRiskBy: [], weakestLink: null, recoveryPoint: null };
  if (node === undefined || recovery === undefined) return { ...nothing, chain: recoveryChain([], host, 'not judged') };
  const plain = findings.map((judged) => judged.finding);
  const overlooked = plain.find(({ controlId, status }) => controlId === 'INV-1' && status !== 'pass');
  const joined = withWhatWasOverlooked(joinVerdict(recovery.finding, plain, false), overlooked);
  const chain = recoveryChain(recovery.parts as readonly PartConclusion[], host, inapplicable(recovery.finding));
  return {
    verdict: joined.verdict,
    atRiskBy: joined.atRiskBy,
    chain,
    weakestLink:
      joined.overlooked === null
        ? weakestLink(recovery.finding, chain, plain, null)
        : overlookedLink(joined.overlooked),
    recoveryPoint:
      recovery.finding.status === 'pass' ? recoveryPoint(node, scope, contextFor(node.subject, policy, asOf)) : null,
  };
}

/** An audit that may have overlooked an organization cannot say that all would come back. */
function withWhatWasOverlooked(
  joined: JoinedVerdict,
  overlooked: Finding | undefined,
): JoinedVerdict & { readonly overlooked: Finding | null } {
  const isGood = joined.verdict === 'recoverable' || joined.verdict === 'at-risk';
  if (!isGood || overlooked === undefined) return { ...joined, overlooked: null };
  return { verdict: 'unknown', atRiskBy: [], overlooked };
}

function overlookedLink({ id, because }: Finding): WeakestLink {
  const sentence = `It is not known whether every organization was looked at: ${because}`;
  return { plane: 'database', findingId: id, sentence };
}

/** The reason why there is no chain to draw; null where there is one. */
export function inapplicable(recovery: Finding): string | null {
  return recovery.status === 'not-applicable' ? recovery.because : null;
}

function hostStep(findings: readonly Finding[]): JudgedInstall['host'] {
  const own = findings.filter((finding) => finding.controlId.startsWith('HOST-'));
  const state = planeState('host', own);
  const open = own.filter((finding) => finding.status === 'fail' || finding.status === 'unknown');
  const kept = own.find((finding) => finding.status === 'pass')?.because;
  const said = [...(state === 'ok' && kept !== undefined ? [kept] : []), ...open.map((finding) => finding.because)];
  // Lesser gaps do not break the step; they are said after what holds.
  const sentence = said.length > 0 ? said.join('; but ') : (kept ?? 'nothing was found out about the install host');
  return { state, sentence };
}
