import { toolsNamed } from '../../model/backup-methods.ts';
import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { type Instant, MINUTE, toMillis } from '../../model/instant.ts';
import { agedText, instantText, spanText } from '../../model/text.ts';
import { copyText } from '../copies.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { durationText, goingOn, isSince, scheduleOf, stuckAfter } from '../expected-runs.ts';
import { coveringPlans, type PlanFacts, planNeeds } from '../plan-needs.ts';
import { canCount, newestFirst } from '../possible-copies.ts';
import { PROMISE_NEEDS, type PromiseFacts, promiseOf } from '../promised-runs.ts';
import { copiesOfPlan, longestBackup, possibleProofOfRun, proofOfRun, restsOnState } from '../runs-in-catalogues.ts';

const DUE_NEEDS = {
  ...planNeeds('more-helps'),
  ...PROMISE_NEEDS,
  runs: need('backup-run', 'self', 'more-helps'),
  copies: need('copy', 'self', 'more-helps', { claimedOnly: true }),
} as const;
const LATEST_NEEDS = {
  ...planNeeds('more-hurts'),
  ...PROMISE_NEEDS,
  runs: need('backup-run', 'self', 'either'),
  copies: need('copy', 'self', 'more-helps', { claimedOnly: true }),
} as const;
/** Everything but the plans: where none is enabled, or none has runs, the rest does not matter. */
const ALL_BUT_PLANS = ['organizations', 'rows', 'states', 'runs', 'copies'] as const;
const RUN_NEEDS = { runs: need('backup-run', 'self', 'either') } as const;
const ROW_NEEDS = { ...planNeeds('more-hurts'), runs: need('backup-run', 'self', 'either') } as const;

type Plan = Observation<'backup-plan'>;

/** DB-4: the latest run that each plan promised was made and succeeded; none is stuck; failures do not repeat. */
export const db4 = defineControl({
  id: 'DB-4',
  title: 'The backup schedule is kept',
  failureTitle: 'The backup schedule is not kept',
  severity: 'high',
  bears: 'protection',
  subject: 'database',
  rationale:
    'A missed or failed run shows days before the newest copy is too old. Lateness is told by the schedule of the plan itself, in its own time zone.',
  remediation:
    'Read the error of the failed run and the log of the scheduler, repair the cause, and start the plan by hand once. End a run that hangs before starting another.',
  remediationUnknown:
    'Let the audit see the schedule of the plan and what its runs left: state the plan in the configuration (plans) where the install database does not tell it.',
  limits: ['runGraceMinutes', 'clockToleranceMinutes'],
  applies: [
    part({
      name: 'a run was due',
      needs: DUE_NEEDS,
      judge(observed: Observed<typeof DUE_NEEDS>, context) {
        const plans = coveringPlans(observed, context.subject).filter((plan) => plan.value.enabled);
        const without = (text: string) => regardless(judged('fails', text, plans), ...ALL_BUT_PLANS);
        if (plans.length === 0) return without('no enabled plan covers it, so no run is expected');
        const found = plans.map((plan) => promiseOf(plan, observed, context));
        const expected = found.filter(({ promise: { kind } }) => kind === 'due' || kind === 'unknown');
        if (expected.length > 0) {
          const [surest] = expected.sort((a, b) => b.regardlessOf.length - a.regardlessOf.length);
          return regardless(judged('holds', 'runs are expected', plans), ...(surest?.regardlessOf ?? []));
        }
        const promises = found.map(({ promise }) => promise);
        const first = promises.find((promise) => promise.kind === 'not due');
        if (promises.every(({ kind }) => kind === 'never')) {
          return without('the schedule of its plan never comes due, so no run is expected');
        }
        if (first === undefined) return without('its plan archives continuously and has no runs');
        const next =
          first.kind === 'not due' && first.next !== null ? `; the first is due ${instantText(first.next)}` : '';
        const common = ALL_BUT_PLANS.filter((name) =>
          found.every(({ regardlessOf }) => regardlessOf.some((one) => one === name)),
        );
        return regardless(judged('fails', `no run was due yet${next}`, plans), ...common);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'the latest expected run succeeded',
      needs: LATEST_NEEDS,
      judge(observed: Observed<typeof LATEST_NEEDS>, context) {
        const judgements = coveringPlans(observed, context.subject)
          .filter((plan) => plan.value.enabled)
          .map((plan) => latestRun(plan, observed, context));
        return (
          judgements.find(({ truth }) => truth === 'fails') ??
          judgements.find(({ truth }) => truth === 'unknown') ??
          judgements[0] ??
          regardless(judged('holds', 'no run is expected'), ...ALL_BUT_PLANS)
        );
      },
    }),
    part({
      name: 'no run is stuck',
      needs: RUN_NEEDS,
      judge(observed: Observed<typeof RUN_NEEDS>, context) {
        const longest = stuckAfter(observed.runs, graceOf(context));
        const stuck = goingOn(observed.runs).find(
          ({ value }) => toMillis(context.asOf) - toMillis(value.startedAt) > longest,
        );
        if (stuck === undefined) return judged('holds', 'no run is stuck');
        const since = agedText(stuck.value.startedAt, context.asOf);
        const text = `run ${stuck.value.runId} has been running since ${since}; after ${spanText(longest)} it counts as stuck`;
        return judged('fails', text, [stuck]);
      },
    }),
    part({
      name: 'failures do not repeat',
      needs: ROW_NEEDS,
      judge(observed: Observed<typeof ROW_NEEDS>, context) {
        const plans = coveringPlans(observed, context.subject).filter((plan) => plan.value.enabled);
        for (const planId of [null, ...plans.map((plan) => plan.value.planId)]) {
          const row = failuresInARow(observed.runs, planId);
          const latest = row[0];
          if (latest === undefined || row.length < 2) continue;
          const why = latest.value.error === null ? '' : `: ${latest.value.error.slice(0, 200)}`;
          const text = `the latest ${row.length} runs failed, the last on ${agedText(latest.value.startedAt, context.asOf)}${why}`;
          return judged('fails', text, row);
        }
        return judged('holds', 'no failures in a row');
      },
    }),
  ],
});

function graceOf(context: JudgeContext): number {
  return context.limit('runGraceMinutes').value * MINUTE;
}

type LatestFacts = PlanFacts & PromiseFacts;

function latestRun(plan: Plan, observed: LatestFacts, context: JudgeContext): Judgement {
  const { promise, regardlessOf } = promiseOf(plan, observed, context);
  if (promise.kind === 'unknown') return regardless(judged('unknown', promise.because, [plan]), ...regardlessOf);
  if (promise.kind !== 'due') {
    return regardless(judged('holds', `plan ${plan.value.planId} has no run due`, [plan]), ...regardlessOf);
  }
  const copies = copiesOfPlan(plan.value, observed.copies).filter((copy) => canCount(copy, context.asOf));
  const judgement = runDue(promise.at, plan, copies, observed, context);
  const isSettled = judgement.truth === 'holds' || regardlessOf.includes('states');
  const known =
    judgement.truth === 'holds' || regardlessOf.includes('rows') ? regardless(judgement, 'rows') : judgement;
  return restsOnState(copies, promise.at) || !isSettled ? known : regardless(known, 'states');
}

/** @param copies those that runs of the plan may have left */
function runDue(
  at: Instant,
  plan: Plan,
  copies: readonly Observation<'copy'>[],
  observed: LatestFacts,
  context: JudgeContext,
): Judgement {
  const limit = context.limit('runGraceMinutes');
  const { planId } = plan.value;
  const state = observed.states[0]?.value;
  const latest = toMillis(context.asOf) + context.limit('clockToleranceMinutes').value * MINUTE;
  // A run that is recorded for later than now has not started.
  const runs = observed.runs.filter(
    ({ value }) =>
      (value.planId === null || value.planId === planId) &&
      isSince(value.startedAt, at) &&
      toMillis(value.startedAt) <= latest,
  );
  const held = (text: string, by: Observation) => regardless(judged('holds', text, [plan, by], limit), 'runs');
  const succeeded = runs.find(({ value }) => value.status === 'succeeded');
  if (succeeded !== undefined) {
    const started = instantText(succeeded.value.startedAt);
    return held(
      `the run of plan ${planId} that was due by ${instantText(at)} succeeded, started ${started}`,
      succeeded,
    );
  }
  const proof = proofOfRun(copies, state, at);
  if (proof !== undefined) {
    return held(`${copyText(proof)} was made after ${instantText(at)}, when plan ${planId} was due`, proof);
  }
  const running = runs.find(({ value }) => value.status === 'running');
  if (running !== undefined) {
    const started = instantText(running.value.startedAt);
    return held(
      `the run of plan ${planId} that was due ${instantText(at)} is still going, started ${started}`,
      running,
    );
  }
  const failed = runs.find(({ value }) => value.status === 'failed');
  const before = failed === undefined ? runBefore(at, plan, copies, observed, context) : null;
  if (before !== null) return before;
  const maybe = possibleProofOfRun(copies, state, at);
  if (maybe !== undefined) {
    const text = `${copyText(maybe)} may be from the run of plan ${planId} that was due ${instantText(at)}; that is not certain`;
    return judged('unknown', text, [plan, maybe], limit);
  }
  const zone = plan.value.timezone ?? 'UTC';
  const due = `plan ${planId} (${plan.value.schedule ?? ''}, ${zone}) was due ${instantText(at)}`;
  if (failed !== undefined) {
    const why = failed.value.error === null ? '' : `: ${failed.value.error.slice(0, 200)}`;
    return judged('fails', `${due} and its run failed${why}`, [plan, failed], limit);
  }
  const skipped = runs.find(({ value }) => value.status === 'skipped');
  const text =
    skipped === undefined
      ? `no run is recorded since${nothingLeft(plan, at, observed, context)}`
      : 'its run was skipped';
  return judged(
    'fails',
    `${due}; ${text}; a run may start ${limit.text} late`,
    [plan, ...(skipped === undefined ? [] : [skipped])],
    limit,
  );
}

/**
 * The run before, while the one due at `at` may still be going on unseen: a catalogue shows a backup when it is done.
 * Null where that time is over, or the plan has no run before.
 */
function runBefore(
  at: Instant,
  plan: Plan,
  copies: readonly Observation<'copy'>[],
  observed: LatestFacts,
  context: JudgeContext,
): Judgement | null {
  const unseen = longestBackup(copies);
  if (unseen === 0 || toMillis(context.asOf) > toMillis(at) + graceOf(context) + unseen) return null;
  const schedule = scheduleOf(plan.value);
  const before = schedule.kind === 'cron' ? schedule.previous(at) : null;
  const proof = before === null ? undefined : proofOfRun(copies, observed.states[0]?.value, before);
  if (before === null || proof === undefined) return null;
  const { planId } = plan.value;
  const text = `${copyText(proof)} was made after ${instantText(before)}, when plan ${planId} was due; the run due ${instantText(at)} may still be going on, as backups took up to ${durationText(unseen)}`;
  return judged('holds', text, [plan, proof], context.limit('runGraceMinutes'));
}

/** What the catalogue of the tool that a plan names holds instead, for a sentence. */
function nothingLeft({ value }: Plan, at: Instant, { copies }: LatestFacts, { asOf }: JudgeContext): string {
  if (toolsNamed(value.method).length === 0) return '';
  const own = newestFirst(copiesOfPlan(value, copies));
  const broken = own.find((copy) => !canCount(copy, asOf) && isSince(copy.value.modifiedAt, at));
  if (broken !== undefined) return `, and ${copyText(broken)} does not count: ${broken.value.integrityBecause}`;
  const moment = own[0]?.value.moment ?? null;
  return moment === null
    ? `, and no copy of ${value.method} was found`
    : `, and the newest copy of ${value.method} is from ${agedText(moment.notBefore, asOf)}`;
}

/** The newest runs of a plan, as far back as they failed without a success between; skipped and running ones do not count. */
function failuresInARow(
  runs: readonly Observation<'backup-run'>[],
  planId: string | null,
): readonly Observation<'backup-run'>[] {
  const ended = runs
    .filter(({ value }) => value.planId === planId && (value.status === 'failed' || value.status === 'succeeded'))
    .sort((a, b) => b.value.startedAt.localeCompare(a.value.startedAt) || a.value.runId.localeCompare(b.value.runId));
  const lastGood = ended.findIndex(({ value }) => value.status === 'succeeded');
  return lastGood === -1 ? ended : ended.slice(0, lastGood);
}
