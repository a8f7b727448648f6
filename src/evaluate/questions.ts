import type { Need, Relation } from '../model/control.ts';
import type { Grade } from '../model/evidence.ts';

/*
 * Hundreds of needs ask a few dozen questions. Numbering the questions makes a second look-up an access to an array,
 * where a key of text would have to be put together for every need of every subject.
 */

const numbers = new Map<string, number>();
const gradedNumbers = new Map<string, number>();
const numberOfNeed = new WeakMap<Need, number>();

/** The number of the question a need puts: the same for needs that differ only in how they weigh its answer. From 0 on. */
export function questionNumber(need: Need): number {
  const known = numberOfNeed.get(need);
  if (known !== undefined) return known;
  const question = `${need.fact}|${need.of}|${need.statements?.join('|') ?? '*'}`;
  const number = numbers.get(question) ?? numbers.size;
  numbers.set(question, number);
  numberOfNeed.set(need, number);
  return number;
}

/** Relations whose end depends on the subject that they start from; all others lead from anywhere in a part to the same. */
const FROM_SUBJECT: ReadonlySet<Relation> = new Set(['self', 'cluster', 'provider']);

/** True where the answer is the asking subject's own; false where all subjects of a part get the same. */
export function isOwnAnswer(relation: Relation): boolean {
  return FROM_SUBJECT.has(relation);
}

/** The least grade of an observation that counts for a need: context counts as it was declared. */
export function leastGradeOf(need: Need): Grade {
  return need.context === true ? 'declared' : (need.leastGrade ?? 'observed');
}

/** The number of a question together with the least grade that counts. From 0 on. */
export function gradedQuestionNumber(need: Need): number {
  const question = `${questionNumber(need)}|${leastGradeOf(need)}`;
  const number = gradedNumbers.get(question) ?? gradedNumbers.size;
  gradedNumbers.set(question, number);
  return number;
}
