import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { toInstant } from '../../model/instant.ts';
import { counted, instantText } from '../../model/text.ts';
import { type JudgedCopy, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { scheduleOf } from '../expected-runs.ts';
import { hasEndedPeriod, holesOf, type Stretch } from '../holes.ts';
import { coveringPlans, PLAN_NEED_NAMES, planNeeds } from '../plan-needs.ts';
import { claimOf, judgeWal } from '../point-in-time.ts';
import { countsBecause } from '../possible-copies.ts';
import { madeAt, ORGANIZATION, retentionOf } from '../retention.ts';

const DUE_NEEDS = {
  ...planNeeds('more-helps'),
  organizations: ORGANIZATION,
  states: need('database-state', 'self', 'either'),
} as const;
const CLAIM_NEEDS = {
  ...planNeeds('more-helps'),
  archivers: need('archiver', 'cluster', 'either'),
  archives: need('wal-archive', 'cluster', 'more-helps'),
} as const;
const PERIOD_NEEDS = {
  ...COPY_NEEDS,
  ...planNeeds('more-hurts'),
  organizations: ORGANIZATION,
  runs: need('backup-run', 'self', 'either'),
} as const;
const WAL_NEEDS = {
  ...planNeeds('more-hurts'),
  archivers: need('archiver', 'cluster', 'either'),
  archives: need('wal-archive', 'cluster', 'either'),
} as const;

type Plan = Observation<'backup-plan'>;

/**
 * DB-10: a copy that counts was made in every period of every plan over its retention, and where any moment is said to
 * be restorable, no WAL is missing. The period that is running now is the business of DB-3 and DB-4.
 */
export const db10 = defineControl({
  id: 'DB-10',
  title: 'The series of copies has no holes',
  failureTitle: 'The series of copies has holes',
  severity: 'medium',
  bears: 'recovery',
  subject: 'database',
  rationale:
    'A moment between two copies cannot be had back, and a single missing WAL segment ends point-in-time recovery there: nobody notices until that moment is asked for.',
  remediation:
    'Holes stay: write down why those runs left nothing, and repair that. After missing WAL take a new base backup at once, as recovery cannot pass the gap: pgbackrest --stanza=NAME --type=full backup, barman backup NAME or wal-g backup-push DIRECTORY. Where the archive ends before what the server reports as archived, look at archive_command first (SHOW archive_command): it succeeds without storing the file, or stores it elsewhere.',
  remediationUnknown:
    'State the schedule of the plan so that its periods are known (plans in the configuration), and let the audit see the runs and the WAL archive.',
  limits: ['retentionDays', 'runGraceMinutes', 'archiveWaitMinutes'],
  applies: [
    part({
      name: 'a period has ended',
      needs: DUE_NEEDS,
      judge(observed: Observed<typeof DUE_NEEDS>, context) {
        const plans = enabledPlans(observed, context);
        const made = madeAt(observed, context);
        const due = plans.find((plan) => hasEndedPeriod(plan, made, context));
        if (due !== undefined) return judged('holds', `periods of plan ${due.value.planId} have ended`, [due]);
        const open = plans.find(isUnclear);
        if (open !== undefined) return judged('unknown', unclearText(open), [open]);
        return judged('fails', 'no period of a plan that covers it has ended yet');
      },
    }),
    part({
      name: 'point-in-time recovery is claimed',
      needs: CLAIM_NEEDS,
      judge(observed: Observed<typeof CLAIM_NEEDS>, context) {
        const claim = claimOf({ ...observed, plans: enabledPlans(observed, context) });
        if (claim === null) return judged('fails', 'point-in-time recovery is not claimed', observed.archivers);
        const [because, source] = claim;
        const judgement = judged('holds', because, [source]);
        return observed.archivers.some((archiver) => archiver === source)
          ? judgement
          : regardless(judgement, 'archivers');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'a copy in every period',
      needs: PERIOD_NEEDS,
      judge(observed: Observed<typeof PERIOD_NEEDS>, context) {
        const judgements = enabledPlans(observed, context).map((plan) => judgePeriods(plan, observed, context));
        const worst =
          judgements.find(({ truth, regardlessOf }) => truth === 'fails' && regardlessOf !== undefined) ??
          judgements.find(({ truth }) => truth === 'fails') ??
          judgements.find(({ truth }) => truth === 'unknown') ??
          judgements.find(({ regardlessOf }) => regardlessOf === undefined) ??
          judgements[0];
        return worst ?? regardless(judged('holds', 'no plan that covers it has periods'), 'runs');
      },
    }),
    part({
      name: 'the WAL is unbroken',
      needs: WAL_NEEDS,
      judge(observed: Observed<typeof WAL_NEEDS>, context) {
        const judgement = judgeWal(
          { ...observed, plans: enabledPlans(observed, context) },
          context.limit('archiveWaitMinutes'),
        );
        return observed.archives.length === 0 ? judgement : regardless(judgement, ...PLAN_NEED_NAMES);
      },
    }),
  ],
});

function enabledPlans(observed: Parameters<typeof coveringPlans>[0], context: JudgeContext): readonly Plan[] {
  return coveringPlans(observed, context.subject).filter(({ value }) => value.enabled);
}

/** A schedule that is not stated or not understood promises periods that nobody can tell. */
function isUnclear({ value }: Plan): boolean {
  const { kind } = scheduleOf(value);
  return kind === 'none' || kind === 'not understood';
}

function unclearText({ value }: Plan): string {
  return value.schedule === null
    ? `plan ${value.planId} states no schedule`
    : `the schedule of plan ${value.planId} is not understood: ${value.schedule.slice(0, 100)}`;
}

function judgePeriods(plan: Plan, observed: Observed<typeof PERIOD_NEEDS>, context: JudgeContext): Judgement {
  if (isUnclear(plan)) return judged('unknown', unclearText(plan), [plan]);
  const made = madeAt(observed, context);
  const copies = judgeCopies(observed, context.asOf);
  const holes = holesOf(plan, made, copies, observed.runs, context);
  const { looked, certain, possible } = holes;
  const told = (judgement: Judgement) => (holes.isRunless ? regardless(judgement, 'runs') : judgement);
  const { planId, schedule, timezone } = plan.value;
  const of = `plan ${planId} (${schedule ?? ''}, ${timezone ?? 'UTC'})`;
  const limit = retentionOf(plan, context);
  if (scheduleOf(plan.value).kind === 'continuous') {
    return told(judged('holds', `plan ${planId} archives continuously, not in periods`, [plan], limit));
  }
  if (looked === 0) return told(judged('holds', `no period of ${of} has ended yet`, [plan], limit));
  if (certain.length > 0) {
    const text = `${of} left no copy that counts in ${certain.length} of ${counted(looked, 'period')}: ${stretchesText(certain)}`;
    if (made !== null) return told(judged('fails', text, [plan], limit));
    return judged('unknown', `${text}; when the database was made is not told, so it may be younger`, [plan], limit);
  }
  if (possible.length > 0) {
    const text = `${of} may have left no copy that counts in ${counted(possible.length, 'period')}: ${stretchesText(possible)}${doubtText(copies)}`;
    return judged('unknown', text, [plan], limit);
  }
  return told(judged('holds', `${of} left a copy that counts in each of ${counted(looked, 'period')}`, [plan], limit));
}

/** Why the newest copy that may count may not. Its path stays out: it may lie in a directory of another organization. */
function doubtText(copies: readonly JudgedCopy[]): string {
  const open = copies.find(({ counts }) => counts === 'unknown');
  return open === undefined ? '' : `; not every copy counts for certain: ${countsBecause(open)}`;
}

/** The latest three, newest first. */
function stretchesText(stretches: readonly Stretch[]): string {
  const shown = stretches.slice(-3).reverse();
  const texts = shown.map(({ start, end }) => `${instantText(toInstant(start))} to ${instantText(toInstant(end))}`);
  const more = stretches.length - shown.length;
  return texts.join(', ') + (more > 0 ? ` and ${more} before` : '');
}
