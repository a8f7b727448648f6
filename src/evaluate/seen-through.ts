import type { Need, Relation } from '../model/control.ts';
import type { FactKind } from '../model/facts.ts';
import type { Subject, SubjectNode } from '../model/subject.ts';
import type { MetBlindSpot, Seen } from './fact-view.ts';
import { keptForLast, newList, newMap, ofKey } from './kept-by-key.ts';
import { askerOf, questionNumber } from './questions.ts';
import { remembered } from './remembered.ts';
import { homeOf, nodesOf, type PartView, related, type Scope } from './scope.ts';

const UNLINKED: MetBlindSpot = {
  evidence: null,
  blindSpot: {
    reason: 'not-asked',
    detail: 'it is not known which system this leans on',
    remedy: 'Read the blind spots of the install database: the dataset that links the two did not answer.',
  },
};

/**
 * Everything seen of a need's kind of fact over the subjects its relation leads to. Asked again of the same scope, the
 * same object.
 */
export function seenThrough<K extends FactKind>(need: Need<K>, node: SubjectNode, scope: Scope): Seen<K> {
  const answers = ofKey(answersByAsker(scope), askerOf(need.of, node), newList<Seen>);
  const question = questionNumber(need as unknown as Need);
  let seen = answers[question] as Seen<K> | undefined;
  if (seen === undefined) {
    seen = look(need, node, scope);
    answers[question] = seen as unknown as Seen;
  }
  return seen;
}

/** Answers by number of question. */
const answersByAsker = keptForLast<Scope, Map<SubjectNode | null, Seen[]>>(newMap);

function look<K extends FactKind>(need: Need<K>, node: SubjectNode, scope: Scope): Seen<K> {
  const subjects = relatedOnce(need.of, node, scope);
  if (subjects === null) return { observations: [], blindSpots: [UNLINKED] };
  if (scope.organization === null || !OF_INSTALL.has(need.of)) return seenOfAll(need, subjects, scope);
  if (!subjects.every((subject) => homeOf(subject, scope) === scope.install)) return seenOfAll(need, subjects, scope);
  // Every organization asks this, and nothing of its own part can change the answer.
  const answers = answersOfInstall(scope.install);
  const question = questionNumber(need as unknown as Need);
  let seen = answers[question] as Seen<K> | undefined;
  if (seen === undefined) {
    seen = seenOfAll(need, subjects, scope);
    answers[question] = seen as unknown as Seen;
  }
  return seen;
}

/** Relations that lead to the same subjects of the install from wherever they start. */
const OF_INSTALL: ReadonlySet<Relation> = new Set([
  'install',
  'install-database',
  'install-keyrings',
  'install-cluster',
  'install-providers',
  'all-locations',
  'host',
]);

const answersOfInstall = keptForLast<PartView, Seen[]>(newList);

function relatedOnce(relation: Relation, node: SubjectNode, scope: Scope): readonly Subject[] | null {
  const byRelation = ofKey(relatedByAsker(scope), askerOf(relation, node), newMap<Relation, readonly Subject[] | null>);
  return ofKey(byRelation, relation, () => related(relation, node, scope));
}

const relatedByAsker = keptForLast<Scope, Map<SubjectNode | null, Map<Relation, readonly Subject[] | null>>>(newMap);

function seenOfAll<K extends FactKind>(need: Need<K>, subjects: readonly Subject[], scope: Scope): Seen<K> {
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
