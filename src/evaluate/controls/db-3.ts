import type { JudgeContext, Judgement, Observed, Truth } from '../../model/control.ts';
import { HOUR, MINUTE, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { agedText, instantText } from '../../model/text.ts';
import { allOf, anyOf } from '../conclude.ts';
import { copyText, type JudgedCopy, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, part, regardless, toldBeside } from '../define-control.ts';
import { durationText, runOnTime } from '../expected-runs.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { momentWithin } from '../moments.ts';
import { coveringPlans, PLAN_NEED_NAMES, planNeeds } from '../plan-needs.ts';
import { canCount, countsBecause, LIVE_NEEDS, restsOnLiveDatabase } from '../possible-copies.ts';
import { usualDuration } from '../schedule.ts';

const NEEDS = { ...COPY_NEEDS, runs: need('backup-run', 'self', 'either'), ...planNeeds('either') } as const;
const RUN_NEEDS = ['runs', ...PLAN_NEED_NAMES] as const;

/**
 * DB-3: a copy that counts lies within the recovery point objective. While a run that started on time is still going,
 * its usual duration is allowed on top, but never more than the objective once again.
 */
export const db3 = defineControl({
  id: 'DB-3',
  title: 'A recent usable copy of the database exists',
  failureTitle: 'No recent usable copy of the database exists',
  severity: 'critical',
  bears: 'recovery',
  subject: 'database',
  rationale: 'Everything that was written after the newest usable copy is lost with the database.',
  remediation:
    'Find out why the latest runs left no usable copy, repair that, and take one now: pg_dump --format=custom --file=NAME.dump DATABASE.',
  remediationUnknown:
    'Find out whether the newest copy can be restored and what moment it holds: read it to its end (recoverage scan --depth full), or restore it into a scratch database.',
  limits: ['databaseRpoHours', 'runGraceMinutes'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'a copy is recent enough',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const limit = context.limit('databaseRpoHours');
        const objective = limit.value * HOUR;
        const now = toMillis(context.asOf);
        const copies = judgeCopies(observed, context.asOf);
        const best = (allowed: number): Truth =>
          anyOf(copies.map((copy) => allOf([copy.counts, momentWithin(copy.observation, now, allowed)])));

        if (best(objective) === 'holds') return regardless(recent(copies, now, objective, limit), ...RUN_NEEDS);
        const possible = copies.filter(
          ({ observation }) =>
            canCount(observation, context.asOf) && momentWithin(observation, now, 2 * objective) !== 'fails',
        );
        if (possible.length === 0) {
          return regardless(tooOld(copies, context, limit), ...RUN_NEEDS, ...LIVE_NEEDS);
        }
        const [allowed, extended] = allowance(observed, context, objective, limit);
        const truth = best(allowed);
        if (truth === 'holds') return recent(copies, now, allowed, extended);
        return truth === 'fails' ? tooOld(copies, context, extended) : doubtful(copies, now, allowed, extended);
      },
    }),
  ],
});

function allowance(
  observed: Observed<typeof NEEDS>,
  context: JudgeContext,
  objective: number,
  limit: Limit,
): readonly [number, Limit] {
  const grace = context.limit('runGraceMinutes').value * MINUTE;
  const plans = coveringPlans(observed, context.subject);
  const usual = Math.min(usualDuration(observed.runs), objective);
  if (usual === 0 || runOnTime(observed.runs, plans, context.asOf, grace) === null) return [objective, limit];
  const text = `${limit.text} and the ${durationText(usual)} that the run now going usually takes`;
  return [objective + usual, { ...limit, text }];
}

function recent(copies: readonly JudgedCopy[], now: number, allowed: number, limit: Limit): Judgement {
  const good = copies.find(
    (copy) => copy.counts === 'holds' && momentWithin(copy.observation, now, allowed) === 'holds',
  );
  if (good === undefined) return judged('unknown', 'no copy is recent enough for certain');
  const text = `newest usable copy is from ${momentText(good, now)}; the limit is ${limit.text}`;
  const judgement = judged('holds', text, [good.observation], limit);
  return restsOnLiveDatabase(good.observation) ? judgement : regardless(judgement, ...LIVE_NEEDS);
}

function tooOld(copies: readonly JudgedCopy[], context: JudgeContext, limit: Limit): Judgement {
  const usable = copies.find((copy) => copy.counts === 'holds') ?? copies.find((copy) => copy.counts === 'unknown');
  const newest = copies[0];
  const aside =
    newest === undefined || newest === usable || newest.counts !== 'fails'
      ? ''
      : `; ${copyText(newest.observation)} does not count: ${countsBecause(newest)}`;
  const cites = [usable, newest].filter((copy) => copy !== undefined).map((copy) => copy.observation);
  if (usable === undefined) {
    const none = judged('fails', `no usable copy was found; the limit is ${limit.text}${aside}`, cites, limit);
    // What is wrong with the copies that were seen is told also where others may not have been.
    return newest === undefined ? none : toldBeside(none);
  }
  const { moment } = usable.observation.value;
  const from = moment === null ? 'an unknown time' : agedText(moment.notBefore, context.asOf);
  const text = `newest usable copy is from ${from}; the limit is ${limit.text}${aside}`;
  return toldBeside(judged('fails', text, cites, limit));
}

function doubtful(copies: readonly JudgedCopy[], now: number, allowed: number, limit: Limit): Judgement {
  const copy = copies.find((one) => allOf([one.counts, momentWithin(one.observation, now, allowed)]) === 'unknown');
  if (copy === undefined) return judged('unknown', 'it is not known which copies are recent');
  const { moment } = copy.observation.value;
  const why =
    copy.counts !== 'holds'
      ? countsBecause(copy)
      : moment === null
        ? (copy.observation.value.momentBecause ?? 'it does not tell when it was made')
        : `it was made between ${instantText(moment.notBefore)} and ${instantText(moment.notAfter)}, and the limit of ${limit.text} falls in between`;
  return judged('unknown', `${copyText(copy.observation)} may be recent enough, but ${why}`, [copy.observation], limit);
}

function momentText(copy: JudgedCopy, now: number): string {
  const { moment } = copy.observation.value;
  return moment === null ? 'an unknown time' : agedText(moment.notBefore, new Date(now).toISOString());
}
