import type { Need, Relation } from '../model/control.ts';
import type { FactKind } from '../model/facts.ts';
import type { Subject, SubjectNode } from '../model/subject.ts';
import type { FactView, MetBlindSpot, Seen } from './fact-view.ts';
import { remembered } from './remembered.ts';

/** A part of the bundle with its facts: the install's, or one organization's. */
export interface PartView {
  readonly subjects: readonly SubjectNode[];
  readonly facts: FactView;
}

/** What judging one subject can look at: its own part, and the install's. For the install both are the same. */
export interface Scope {
  readonly organization: PartView | null;
  readonly install: PartView;
}

const UNLINKED: MetBlindSpot = {
  evidence: null,
  blindSpot: {
    reason: 'not-asked',
    detail: 'it is not known which system this leans on',
    remedy: 'Read the blind spots of the install database: the dataset that links the two did not answer.',
  },
};

/** The subjects a relation leads to; null where the link itself is not known. */
export function related(relation: Relation, node: SubjectNode, scope: Scope): readonly Subject[] | null {
  const own = scope.organization ?? scope.install;
  switch (relation) {
    case 'self':
      return [node.subject];
    case 'organization':
      return ofKind(scope.organization, 'organization');
    case 'owner':
      return scope.organization === null
        ? ofKind(scope.install, 'install')
        : ofKind(scope.organization, 'organization');
    case 'organization-databases':
      return ofKind(own, 'database');
    case 'organization-keyrings':
      return ofKind(own, 'keyring');
    case 'organization-stores':
      return ofKind(scope.organization, 'store');
    case 'install':
      return ofKind(scope.install, 'install');
    case 'install-database':
      return ofKind(scope.install, 'database');
    case 'install-keyrings':
      return ofKind(scope.install, 'keyring');
    case 'cluster':
      return linked('cluster', [node], scope);
    case 'organization-clusters':
      return linked('cluster', nodesOf(own, 'database'), scope);
    case 'install-cluster':
      return linked('cluster', nodesOf(scope.install, 'database'), scope);
    case 'provider':
      return linked('provider', [node], scope);
    case 'organization-providers':
      return linked('provider', nodesOf(own, 'keyring'), scope);
    case 'install-providers':
      return linked('provider', nodesOf(scope.install, 'keyring'), scope);
    case 'all-locations':
      return ofKind(scope.install, 'location');
    case 'host':
      return ofKind(scope.install, 'host');
  }
}

/**
 * Everything seen of a need's kind of fact over the subjects its relation leads to. Asked again of the same scope, the
 * same object.
 */
export function seenThrough<K extends FactKind>(need: Need<K>, node: SubjectNode, scope: Scope): Seen<K> {
  const byNode = ofKey(seenIn, scope, () => new Map<SubjectNode, Map<Need, Seen>>());
  const byNeed = ofKey(byNode, node, () => new Map<Need, Seen>());
  const known = byNeed.get(need as unknown as Need) as Seen<K> | undefined;
  if (known !== undefined) return known;
  const seen = look(need, node, scope);
  byNeed.set(need as unknown as Need, seen as unknown as Seen);
  return seen;
}

/** Scopes live as long as one organization is judged. */
const seenIn = new WeakMap<Scope, Map<SubjectNode, Map<Need, Seen>>>();

function ofKey<K, V>(map: { get(key: K): V | undefined; set(key: K, value: V): unknown }, key: K, make: () => V): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

function look<K extends FactKind>(need: Need<K>, node: SubjectNode, scope: Scope): Seen<K> {
  const subjects = related(need.of, node, scope);
  if (subjects === null) return { observations: [], blindSpots: [UNLINKED] };
  const [only, ...others] = subjects.map((subject) => seenOf(need, subject, scope));
  if (only === undefined) return NOTHING;
  return others.length === 0 ? only : united(only, others);
}

const NOTHING = { observations: [], blindSpots: [] };

/** What was seen of several subjects; the same of the same, as many judges ask about all locations. */
const united = remembered(
  <K extends FactKind>(first: Seen<K>, others: readonly Seen<K>[]) => [first, others.length, ...others],
  <K extends FactKind>(first: Seen<K>, others: readonly Seen<K>[]): Seen<K> => ({
    observations: [first, ...others].flatMap((seen) => seen.observations),
    blindSpots: [first, ...others].flatMap((seen) => seen.blindSpots),
  }),
) as <K extends FactKind>(first: Seen<K>, others: readonly Seen<K>[]) => Seen<K>;

/**
 * Declarations come from one file: where it was read, a subject without any has none. That it was read is one record
 * without items on the install.
 */
function seenOf<K extends FactKind>(need: Need<K>, subject: Subject, scope: Scope): Seen<K> {
  const seen = homeOf(subject, scope).facts.seen(need.fact, subject, need.statements);
  if (need.fact !== 'declaration' || seen.blindSpots.every((met) => met.evidence !== null)) return seen;
  const install = nodesOf(scope.install, 'install')[0];
  if (install === undefined) return seen;
  return {
    observations: NOTHING.observations,
    blindSpots: scope.install.facts.seen(need.fact, install.subject, []).blindSpots,
  };
}

function nodesOf(part: PartView | null, kind: Subject['kind']): readonly SubjectNode[] {
  if (part === null) return [];
  const byKind = ofKey(nodesByKind, part, () => new Map<Subject['kind'], readonly SubjectNode[]>());
  return ofKey(byKind, kind, () => part.subjects.filter((node) => node.subject.kind === kind));
}

const nodesByKind = new WeakMap<PartView, Map<Subject['kind'], readonly SubjectNode[]>>();

function ofKind(part: PartView | null, kind: Subject['kind']): readonly Subject[] {
  return nodesOf(part, kind).map((node) => node.subject);
}

/** Facts of a subject lie in the part that lists it; shared subjects are the install's. */
function homeOf(subject: Subject, scope: Scope): PartView {
  if (scope.organization === null) return scope.install;
  return nodesOf(scope.organization, subject.kind).some((node) => node.subject.key === subject.key)
    ? scope.organization
    : scope.install;
}

function linked(kind: 'cluster' | 'provider', nodes: readonly SubjectNode[], scope: Scope): readonly Subject[] | null {
  const found = new Map<string, Subject>();
  for (const node of nodes) {
    const key = node[kind];
    if (key === undefined) return null;
    const target =
      nodesOf(scope.organization, kind).find((candidate) => candidate.subject.key === key) ??
      nodesOf(scope.install, kind).find((candidate) => candidate.subject.key === key);
    if (target === undefined) return null;
    found.set(key, target.subject);
  }
  return [...found.values()];
}
