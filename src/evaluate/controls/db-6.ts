import type { JudgeContext, Observation, Observed, Truth } from '../../model/control.ts';
import { HOUR, MINUTE, toMillis } from '../../model/instant.ts';
import { instantText } from '../../model/text.ts';
import { CLOCK_TOLERANCE_MINUTES, copyText } from '../copies.ts';
import { defineControl, judged, need, part, regardless, toldBeside } from '../define-control.ts';
import { goingOn, isSince } from '../expected-runs.ts';
import { unloggedText } from '../left-out-data-text.ts';
import { byLocation, canCount, isForeign, isFromTheFuture, judgeable } from '../possible-copies.ts';
import { passing } from '../remembered.ts';
import { longestBackup } from '../runs-in-catalogues.ts';
import { usualDuration } from '../schedule.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const NEEDS = {
  copies: need('copy', 'self', 'either', { readableOnly: true }),
  runs: need('backup-run', 'self', 'either'),
} as const;

type Copy = Observation<'copy'>;

/** DB-6: the newest copy in each location is complete to its last byte. */
export const db6 = defineControl({
  id: 'DB-6',
  title: 'The newest copies of the database are intact',
  failureTitle: 'A newest copy of the database is damaged',
  severity: 'critical',
  bears: 'recovery',
  subject: 'database',
  rationale:
    'A dump cut short restores without its last tables, or not at all, and its size and name do not show it. An older copy that would serve loses everything written since.',
  remediation:
    'Take a new copy and compare sizes; look for a full disk or an aborted transfer in the log of the run. A dump in custom or directory format is read through with: pg_restore --file=/dev/null NAME.dump.',
  limits: ['verificationMaxAgeDays'],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => isCandidate(one, context));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no copy that could be damaged');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'newest copies are intact',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const { copies, unopened } = judgeable(passing(observed.copies, (copy) => isCandidate(copy, context)));
        const locations = byLocation(copies);
        const limit = context.limit('verificationMaxAgeDays');
        const newest = locations.map((copies) => newestOf(copies, observed, context));
        const damaged = newest.find(({ truth }) => truth === 'fails');
        const restsOnRuns = newest.some(({ beingWritten }) => beingWritten);
        if (damaged !== undefined) {
          // Where a newer copy may lie unseen it is open, and what is damaged is told all the same.
          const judgement = toldBeside(judged('fails', damaged.because + unopened, damaged.cites, limit));
          return damaged.beingWritten ? judgement : regardless(judgement, 'runs');
        }
        const open = newest.find(({ truth }) => truth === 'unknown');
        const chosen = open ?? newest[0];
        if (chosen === undefined) return judged('unknown', 'there is no copy to look at');
        const judgement = judged(
          chosen.truth,
          (open === undefined ? newest.map(({ because }) => because).join('; ') : open.because) + unopened,
          newest.flatMap(({ cites }) => cites),
          limit,
        );
        return restsOnRuns ? judgement : regardless(judgement, 'runs');
      },
    }),
  ],
});

interface Newest {
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Copy[];
  /** True where run records decide whether a damaged file is only unfinished. */
  readonly beingWritten: boolean;
}

function newestOf(copies: readonly [Copy, ...Copy[]], observed: Observed<typeof NEEDS>, context: JudgeContext): Newest {
  const recent = copies.filter((copy) => isDamaged(copy) && mayBeWritten(copy, copies, observed.runs, context));
  const unfinished = recent.filter(
    (copy) =>
      goingOn(observed.runs).some((run) => isSince(copy.value.modifiedAt, run.value.startedAt)) ||
      isBeingTaken(copy, copies, observed.runs, context) ||
      (wasJustWritten(copy) && !isFinished(copy, observed.runs)),
  );
  const copy = copies.find((one) => !unfinished.includes(one));
  // Only a newest copy can be the one that is being written.
  const beingWritten = recent.includes(copies[0]);
  if (copy === undefined) {
    return {
      truth: 'unknown',
      because: `${copyText(copies[0])} is being written: ${writtenBecause(copies[0], observed.runs)}`,
      cites: [copies[0]],
      beingWritten,
    };
  }
  const { integrity, integrityBecause, checksumCompared } = copy.value;
  if (isDamaged(copy)) {
    const older = copies.slice(copies.indexOf(copy) + 1).find((one) => one.value.integrity === 'complete');
    const serves = older === undefined ? '' : `; ${copyText(older)}, which is older, is intact`;
    return {
      truth: 'fails',
      because: `${copyText(copy)} is damaged: ${integrityBecause}${serves}`,
      cites: [copy],
      beingWritten,
    };
  }
  if (copy.grade === 'restored' || copy.grade === 'chain-verified') {
    return { truth: 'holds', because: `${copyText(copy)} was restored`, cites: [copy], beingWritten };
  }
  if (integrity === 'unproven') {
    return {
      truth: 'unknown',
      because: `whether ${copyText(copy)} is intact is not proven: ${integrityBecause}`,
      cites: [copy],
      beingWritten,
    };
  }
  if (checksumCompared === false) {
    const because = `whether ${copyText(copy)} is intact is not proven: its recorded checksum was not compared, which takes reading it in full; ${integrityBecause}`;
    return { truth: 'unknown', because, cites: [copy], beingWritten };
  }
  const because = `${copyText(copy)} is intact: ${integrityBecause}${howFarRead(copy)}${unloggedText(copy.value)}`;
  return { truth: 'holds', because, cites: [copy], beingWritten };
}

/** How much was looked at, behind a sentence. Of copies of whole clusters their own reason says it. */
function howFarRead({ value: { verifiedAt, readToEnd, physical } }: Copy): string {
  if (verifiedAt != null) return `; last read in full on ${instantText(verifiedAt)}`;
  return readToEnd || physical !== undefined ? '' : '; by its structure, it was not read in full';
}

/** Of a damaged file nobody knows what it was meant to hold: a dump cut short looks like one without rows. */
function isCandidate(copy: Copy, context: JudgeContext): boolean {
  if (isDamaged(copy)) return !isForeign(copy) && !isFromTheFuture(copy, context.asOf);
  return canCount(copy, context.asOf);
}

function isDamaged(copy: Copy): boolean {
  return copy.value.integrity === 'incomplete';
}

/** A file that was written to within the hour before the audit may belong to a run that is going on. */
function mayBeWritten(copy: Copy, all: readonly Copy[], runs: Runs, context: JudgeContext): boolean {
  const age = toMillis(context.asOf) - toMillis(copy.value.modifiedAt);
  return age <= HOUR || copy.value.changing === true || isBeingTaken(copy, all, runs, context);
}

type Runs = readonly Observation<'backup-run'>[];

/** As its tool records it, for no longer than a backup usually takes, and an hour at least: then it was broken off. */
function isBeingTaken(
  { value: { physical, method } }: Copy,
  all: readonly Copy[],
  runs: Runs,
  { asOf }: JudgeContext,
): boolean {
  if (physical?.beingTaken !== true || physical.startedAt == null) return false;
  const age = toMillis(asOf) - toMillis(physical.startedAt);
  const alike = all.filter(({ value }) => value.method === method && value.physical?.kind !== 'continuous');
  return Math.abs(age) <= Math.max(HOUR, usualDuration(runs), longestBackup(alike));
}

/**
 * Whether it was written to in the minutes before it was looked at: whoever writes a dump writes all the time, and what
 * breaks off is an older file at the next audit.
 */
function wasJustWritten({ value, collectedAt }: Copy): boolean {
  if (value.changing === true) return true;
  return Math.abs(toMillis(collectedAt) - toMillis(value.modifiedAt)) <= JUST_WRITTEN;
}

const JUST_WRITTEN = CLOCK_TOLERANCE_MINUTES * MINUTE;

/** Whether a run recorded its end when the file was written to last, or later: then it is no longer being written. */
function isFinished({ value: { modifiedAt } }: Copy, runs: Runs): boolean {
  return runs.some(
    ({ value: { startedAt, finishedAt } }) =>
      finishedAt !== null && isSince(modifiedAt, startedAt) && isSince(finishedAt, modifiedAt),
  );
}

function writtenBecause(copy: Copy, runs: Runs): string {
  if (goingOn(runs).some((run) => isSince(copy.value.modifiedAt, run.value.startedAt))) return 'a run is going on';
  const isRecorded = copy.value.physical?.beingTaken === true;
  return isRecorded
    ? copy.value.integrityBecause
    : `it was changed within ${CLOCK_TOLERANCE_MINUTES} minutes of the audit, and no run recorded its end`;
}
