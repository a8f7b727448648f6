import type { JudgeContext, Judgement } from '../model/control.ts';
import { BEFORE_ALL, type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import { counted, instantText } from '../model/text.ts';
import { anyOf } from './conclude.ts';
import { judged } from './define-control.ts';
import type { JudgedFileCopy } from './files.ts';
import { fileCopiesOf, liveStoreSurvives } from './recovery-files.ts';
import { type PointFacts, rowsBetween } from './recovery-point.ts';

/** What the moments of copies do not tell, and another control looks at. */
const ASKED_ELSEWHERE = 'whether the files that the database lists are in it is told by FILE-8';

/**
 * Whether one store's files would be of the moment of the database. What is in a copy of them is not compared; where
 * its files were counted, it must not hold fewer than were registered by then.
 */
export function filesAgree(facts: PointFacts, store: string, database: Instant, context: JudgeContext): Judgement {
  if (liveStoreSurvives(facts, store, context)) {
    const states = facts.stores.filter(({ subject }) => subject.key === store);
    return judged('holds', `the live file store outlives the loss; ${ASKED_ELSEWHERE}`, states);
  }
  const copies = fileCopiesOf(facts, store, context).filter((one) => one.counts === 'holds');
  const agreements = copies.map((copy) => copyAgrees(facts, copy, database, context));
  const truth = anyOf(agreements.map((one) => one.truth));
  return (
    agreements.find((one) => one.truth === truth) ?? judged('unknown', 'no copy of its files is certain to be there')
  );
}

function copyAgrees(facts: PointFacts, copy: JudgedFileCopy, database: Instant, context: JudgeContext): Judgement {
  const { moment } = copy.observation.value;
  const rows = rowsBetween(facts, moment, database, context);
  const between = `between the files' copy of ${instantText(moment)} and the database's of ${instantText(database)}`;
  const limit = context.limit('fileSkewMinutes', 'files');
  const cites = [copy.observation];
  if (rows === null) {
    return judged('unknown', `it is not known how many files were registered ${between}`, cites, limit);
  }
  if (rows > 0) {
    const text = `${counted(rows, 'file was', 'files were')} registered ${between} and would be missing`;
    return judged('fails', text, cites, limit);
  }
  const shortage = shortageOf(facts, copy, context);
  if (shortage !== null) return shortage;
  const isBeyondSkew = toMillis(moment) + limit.value * MINUTE < toMillis(database);
  const age = moment >= database ? 'not older' : `older, by what is tolerated at most,`;
  const text = isBeyondSkew
    ? `no artifact was registered ${between}`
    : `the files' copy of ${instantText(moment)} is ${age} than the database's of ${instantText(database)}`;
  return judged('holds', `${text}; ${ASKED_ELSEWHERE}`, cites, limit);
}

/**
 * What a copy certainly lacks, by the number and sizes of its files; null where it lacks nothing that numbers show.
 * Several artifacts may be one file, where contents that are the same are stored once: fewer files alone are no proof.
 */
function shortageOf(facts: PointFacts, copy: JudgedFileCopy, context: JudgeContext): Judgement | null {
  const { files, bytes, moment } = copy.observation.value;
  const registered = registeredBy(facts, moment, context);
  if (files === undefined || bytes === undefined || registered === null || registered === 0) return null;
  const what = `the files' copy of ${instantText(moment)} holds`;
  const listed = `${counted(registered, 'file that the database lists was', 'files that the database lists were')} registered by then`;
  const limit = context.limit('fileSkewMinutes', 'files');
  if (bytes === 0) return judged('fails', `${what} no byte, and ${listed}`, [copy.observation], limit);
  if (files >= registered) return null;
  return judged('unknown', `${what} ${counted(files, 'file')}, and ${listed}`, [copy.observation], limit);
}

/** Artifact rows registered up to that instant less the tolerated skew; null where they were not counted. */
function registeredBy({ artifactCounts, bindings }: PointFacts, moment: Instant, context: JudgeContext): number | null {
  // Which of several stores, or of several databases, an artifact belongs to is not told.
  if (bindings.filter(({ value }) => value.state === 'active').length !== 1) return null;
  if (new Set(artifactCounts.map(({ subject }) => subject.key)).size !== 1) return null;
  const by = toInstant(toMillis(moment) - context.limit('fileSkewMinutes', 'files').value * MINUTE);
  const after = new Map(artifactCounts.map(({ value }) => [value.after, value.count]));
  const [all, later] = [after.get(BEFORE_ALL), after.get(by)];
  return all === undefined || later === undefined ? null : Math.max(0, all - later);
}
