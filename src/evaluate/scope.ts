import type { Relation } from '../model/control.ts';
import type { Subject, SubjectNode } from '../model/subject.ts';
import type { FactView } from './fact-view.ts';
import { keptForLast, newMap, ofKey } from './kept-by-key.ts';

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
    case 'all-providers':
      return [...ofKind(scope.organization, 'provider'), ...ofKind(scope.install, 'provider')];
    case 'all-locations':
      return ofKind(scope.install, 'location');
    case 'host':
      return ofKind(scope.install, 'host');
  }
}

/** The nodes of one kind that a part lists. */
export function nodesOf(part: PartView | null, kind: Subject['kind']): readonly SubjectNode[] {
  if (part === null) return [];
  return ofKey(nodesByKind(part), kind, () => part.subjects.filter((node) => node.subject.kind === kind));
}

const nodesByKind = keptForLast<PartView, Map<Subject['kind'], readonly SubjectNode[]>>(newMap);

function ofKind(part: PartView | null, kind: Subject['kind']): readonly Subject[] {
  return nodesOf(part, kind).map((node) => node.subject);
}

/** Facts of a subject lie in the part that lists it; shared subjects are the install's. */
export function homeOf(subject: Subject, scope: Scope): PartView {
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
