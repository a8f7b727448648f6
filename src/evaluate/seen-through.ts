import type { Need, Relation } from '../model/control.ts';
import type { FactKind } from '../model/facts.ts';
import type { Subject, SubjectNode } from '../model/subject.ts';
import type { MetBlindSpot, Seen } from './fact-view.ts';
import { keptForLast, newList, newMap, ofKey } from './kept-by-key.ts';
import { isOwnAnswer, questionNumber } from './questions.ts';
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
  const { answers } = askedBy(isOwnAnswer(need.of) ? node : null, scope);
  return ofNumber(answers, questionNumber(need as unknown as Need), () => look(need, node, scope));
}

/** What one asker got in one scope; null asks what all subjects get the same answer to. */
interface Asked {
  /** Answers by number of question. */
  readonly answers: Seen[];
  readonly ends: Map<Relation, End>;
}

function askedBy(asker: SubjectNode | null, scope: Scope): Asked {
  return ofKey(askedIn(scope), asker, newAsked);
}

const askedIn = keptForLast<Scope, Map<SubjectNode | null, Asked>>(newMap);

function newAsked(): Asked {
  return { answers: [], ends: new Map() };
}

function ofNumber<K extends FactKind>(answers: Seen[], question: number, ask: () => Seen<K>): Seen<K> {
  const known = answers[question] as Seen<K> | undefined;
  if (known !== undefined) return known;
  const seen = ask();
  answers[question] = seen as unknown as Seen;
  return seen;
}

function look<K extends FactKind>(need: Need<K>, node: SubjectNode, scope: Scope): Seen<K> {
  const { subjects, isOfInstall } = endOf(need.of, node, scope);
  if (subjects === null) return { observations: [], blindSpots: [UNLINKED] };
  if (!isOfInstall) return seenOfAll(need, subjects, scope);
  const question = questionNumber(need as unknown as Need);
  return ofNumber(answersOfInstall(scope.install), question, () => seenOfAll(need, subjects, scope));
}

/** Relations that lead to the same subjects of the install from wherever they start. */
const TO_INSTALL: ReadonlySet<Relation> = new Set([
  'install',
  'install-database',
  'install-keyrings',
  'install-cluster',
  'install-providers',
  'all-providers',
  'all-locations',
  'host',
]);

const answersOfInstall = keptForLast<PartView, Seen[]>(newList);

/** Where a relation leads. */
interface End {
  readonly subjects: readonly Subject[] | null;
  /** True where every organization asks this, and nothing of its own part can change the answer. */
  readonly isOfInstall: boolean;
}

function endOf(relation: Relation, node: SubjectNode, scope: Scope): End {
  const { ends } = askedBy(isOwnAnswer(relation) ? node : null, scope);
  return ofKey(ends, relation, () => {
    const subjects = related(relation, node, scope);
    const isShared = scope.organization !== null && TO_INSTALL.has(relation) && subjects !== null;
    return {
      subjects,
      isOfInstall: isShared && subjects.every((subject) => homeOf(subject, scope) === scope.install),
    };
  });
}

function seenOfAll<K extends FactKind>(need: Need<K>, subjects: readonly Subject[], scope: Scope): Seen<K> {
  const [first] = subjects;
  if (first === undefined) return NOTHING;
  if (subjects.length === 1) return seenOf(need, first, scope);
  const others = subjects.slice(1).map((subject) => seenOf(need, subject, scope));
  return united(seenOf(need, first, scope), others);
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
