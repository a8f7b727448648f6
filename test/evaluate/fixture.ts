import { factView } from '../../src/evaluate/fact-view.ts';
import { type JudgedFinding, judgeSubject } from '../../src/evaluate/judge-subject.ts';
import { resolveLimit } from '../../src/evaluate/limits.ts';
import type { PartView, Scope } from '../../src/evaluate/scope.ts';
import type { Control, JudgeContext } from '../../src/model/control.ts';
import type { AnyEvidence, BlindSpot, Evidence, Grade } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { type Instant, toInstant, toMillis } from '../../src/model/instant.ts';
import { type Policy, policySchema } from '../../src/model/policy.ts';
import type { Subject, SubjectKind, SubjectNode } from '../../src/model/subject.ts';
import { DEFAULT_FACTS } from './default-facts.ts';

/** The clock of all tests that judge, unless they say otherwise. */
export const AS_OF: Instant = '2026-11-22T18:00:00.000Z';
export const ACME = 'org_01hxy0000000000000000000aa';

/** The instant that lies so many milliseconds before {@link AS_OF}; negative for later ones. */
export function ago(millis: number): Instant {
  return toInstant(toMillis(AS_OF) - millis);
}

/** A policy with its defaults; the loss is the host `install-1`. */
export function policyOf(changes: Partial<Policy> = {}): Policy {
  return { ...policySchema.parse({ loss: { level: 'host', name: 'install-1' } }), ...changes };
}

/** Any subject; `organizationId` null for what is the install's or shared. */
export function subject(kind: SubjectKind, key: string, organizationId: string | null = null, name = key): Subject {
  return { kind, key, organizationId, name };
}

export const INSTALL = subject('install', 'install-0001', null, 'Example install');
export const INSTALL_DATABASE = subject('database', 'install/novantra', null, 'novantra');
export const INSTALL_KEYRING = subject('keyring', 'keyring-install', null, 'install keyring');
export const CLUSTER = subject('cluster', '7300000000000000001', null, 'db1:5432');
export const PROVIDER = subject('provider', 'vault-1', null, 'Vault');
export const LOCATION = subject('location', 'dumps', null, 'dumps');
export const HOST = subject('host', 'install-1', null, 'install-1');
export const ORGANIZATION = subject('organization', ACME, ACME, 'Acme');
export const TENANT_DATABASE = subject('database', `${ACME}/tenant_acme`, ACME, 'tenant_acme');
export const TENANT_KEYRING = subject('keyring', 'keyring-acme', ACME, 'keyring of Acme');
export const TENANT_STORE = subject('store', 'binding-acme', ACME, 'files of Acme');

/** A subject with the links every fixture gives it: databases to {@link CLUSTER}, keyrings to {@link PROVIDER}. */
export function node(of: Subject): SubjectNode {
  if (of.kind === 'database') return { subject: of, cluster: CLUSTER.key };
  if (of.kind === 'keyring') return { subject: of, provider: PROVIDER.key };
  return { subject: of };
}

export const INSTALL_NODES = [INSTALL, INSTALL_DATABASE, INSTALL_KEYRING, CLUSTER, PROVIDER, LOCATION, HOST].map(node);
export const ORGANIZATION_NODES = [ORGANIZATION, TENANT_DATABASE, TENANT_KEYRING, TENANT_STORE].map(node);

/** A fact with plausible values for whatever is not given. */
export function fact<K extends FactKind>(kind: K, changes: Partial<Facts[K]> = {}): Facts[K] {
  return { ...DEFAULT_FACTS[kind], ...changes };
}

export interface EvidenceOptions {
  /** A blind spot beside the items: true for an unreachable source, or its reason. */
  readonly blind?: true | BlindSpot['reason'] | undefined;
  readonly grade?: Grade | undefined;
  readonly collectedAt?: Instant | undefined;
  readonly source?: string | undefined;
  readonly operation?: string | undefined;
}

let made = 0;

/** One question with its answer. Items may leave fields out: they get the values of {@link fact}. */
export function evidence<K extends FactKind>(
  kind: K,
  about: Subject,
  items: readonly Partial<Facts[K]>[],
  options: EvidenceOptions = {},
): AnyEvidence {
  made += 1;
  const reason = options.blind === true ? 'unreachable' : options.blind;
  const record: Evidence<K> = {
    id: `e${made}`,
    kind,
    subject: about,
    source: options.source ?? 'fixture',
    operation: options.operation ?? `read ${kind}`,
    locator: `fixture:${made}`,
    grade: options.grade ?? 'observed',
    collectedAt: options.collectedAt ?? AS_OF,
    items: items.map((item) => fact(kind, item)),
    blindSpot: reason === undefined ? null : { reason, detail: `${kind} ${reason}`, remedy: 'Repair the fixture.' },
  };
  return record as unknown as AnyEvidence;
}

export interface PartSketch {
  /** Default: the usual subjects of that part. */
  readonly nodes?: readonly SubjectNode[];
  readonly evidence?: readonly AnyEvidence[];
}

/**
 * What judging can look at. Without `organization` the install itself is judged.
 *
 * @param asOf the clock by which evidence goes stale
 */
export function scopeOf(sketch: { install?: PartSketch; organization?: PartSketch }, asOf: Instant = AS_OF): Scope {
  const view = (part: PartSketch | undefined, usual: readonly SubjectNode[]): PartView => ({
    subjects: part?.nodes ?? usual,
    facts: factView(part?.evidence ?? [], asOf, 24, () => 30),
  });
  return {
    install: view(sketch.install, INSTALL_NODES),
    organization: sketch.organization === undefined ? null : view(sketch.organization, ORGANIZATION_NODES),
  };
}

export interface JudgeOptions {
  readonly asOf?: Instant;
  readonly policy?: Partial<Policy>;
}

/** The context a judge gets for a subject. */
export function contextOf(of: Subject, options: JudgeOptions = {}): JudgeContext {
  const policy = policyOf(options.policy);
  return {
    subject: of,
    policy,
    asOf: options.asOf ?? AS_OF,
    limit: (name, kind) => resolveLimit(name, policy, of, kind),
  };
}

/** Applies a control to a subject and gives the finding with the blind spots behind it. */
export function judgeFully(control: Control, of: SubjectNode, scope: Scope, options: JudgeOptions = {}): JudgedFinding {
  return judgeSubject(control, of, scope, contextOf(of.subject, options));
}

/** Applies a control to a subject and gives the finding. */
export function judge(
  control: Control,
  of: SubjectNode,
  scope: Scope,
  options: JudgeOptions = {},
): JudgedFinding['finding'] {
  return judgeFully(control, of, scope, options).finding;
}
