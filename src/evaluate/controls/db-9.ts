import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../../model/control.ts';
import { DAY, MINUTE, toInstant, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { agedText, counted } from '../../model/text.ts';
import { allOf } from '../conclude.ts';
import { copyText, type JudgedCopy, judgeCopies } from '../copies.ts';
import { COPY_NEEDS } from '../database-needs.ts';
import { defineControl, judged, need, onlyAbout, part, regardless } from '../define-control.ts';
import { pastFirstCopyGrace } from '../first-copy.ts';
import { type KeptByRules, keptByRules, RULES_OF_PLACES } from '../kept-by-rules.ts';
import { periodAt } from '../periods.ts';
import { coveringPlans, planNeeds } from '../plan-needs.ts';
import { countsBecause } from '../possible-copies.ts';
import { longestPromise, madeAt, ORGANIZATION, requiredRetention, shortestPeriod } from '../retention.ts';

const COUNT_NEEDS = { ...COPY_NEEDS, ...planNeeds('either'), organizations: ORGANIZATION } as const;
const NEEDS = {
  ...COUNT_NEEDS,
  archives: need('wal-archive', 'cluster', 'more-helps'),
  ...RULES_OF_PLACES,
} as const;
const RULES = Object.keys(RULES_OF_PLACES);

/**
 * DB-9: copies reach back as far as they must be kept, or as far as the database goes, less one period and its grace;
 * and there are enough moments to choose from. The oldest copy counts wherever it lies, unless a rule of its bucket is to
 * delete it before its time.
 */
export const db9 = defineControl({
  id: 'DB-9',
  title: 'Copies of the database reach back far enough',
  failureTitle: 'Copies of the database do not reach back far enough',
  severity: 'medium',
  bears: 'protection',
  subject: 'database',
  rationale:
    'Damage that is noticed after weeks needs a copy from before it. A plan that promises to keep copies longer than any copy lies there promises nothing.',
  remediation:
    'Raise the retention of the plan and of whatever else deletes old copies (cleanup jobs, lifecycle rules of buckets), and let copies grow old; until then keep one by hand: a full dump outside the rotation.',
  limits: ['retentionDays', 'restorableMoments', 'runGraceMinutes'],
  applies: pastFirstCopyGrace,
  combine: 'all',
  parts: [
    part({
      name: 'the oldest copy is old enough',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const copies = judgeCopies(observed, context.asOf);
        const { limit, latest, isAgeKnown } = reachRequired(observed, context);
        if (latest >= toMillis(context.asOf)) {
          return regardless(judged('holds', 'no copy can be old yet', [], limit), ...RULES);
        }
        const reaches = ({ observation }: JudgedCopy): Truth => {
          const { moment } = observation.value;
          if (moment === null) return 'unknown';
          if (toMillis(moment.notAfter) <= latest) return 'holds';
          return toMillis(moment.notBefore) <= latest ? 'unknown' : 'fails';
        };
        const ages = copies.map((copy) => {
          const kept = keptByRules(copy.observation.value, observed, limit);
          const old = allOf([copy.counts, reaches(copy)]);
          return { copy, kept, old, truth: allOf([old, kept.truth]) };
        });
        const good = ages.findLast(({ truth }) => truth === 'holds');
        if (good !== undefined) return reached(good.copy.observation, context, limit, good.kept);
        const range = rangeSince(copies, observed.archives, latest);
        if (range !== null) return regardless(range(limit), ...RULES);
        const open = ages.findLast(({ truth }) => truth === 'unknown');
        if (open !== undefined) {
          const { observation } = open.copy;
          const text = `${copyText(observation)} may be old enough, but ${whyOpen(open.copy, open.old, open.kept)}`;
          return judged('unknown', text, [observation], limit);
        }
        const doomed = ages.findLast(({ old }) => old === 'holds');
        if (doomed !== undefined) {
          const { observation } = doomed.copy;
          const text = `${copyText(observation)} is old enough, but ${doomed.kept.because}`;
          const places = ages.filter(({ old }) => old !== 'fails').map(({ copy }) => copy.observation.value.location);
          return onlyAbout(judged('fails', text, [observation, ...doomed.kept.cites], limit), RULES, new Set(places));
        }
        const short = regardless(tooShort(copies, context, limit), ...RULES);
        return isAgeKnown ? short : { ...short, truth: 'unknown', because: `${short.because}; ${AGE_UNKNOWN}` };
      },
    }),
    part({
      name: 'there are moments enough',
      needs: COUNT_NEEDS,
      judge(observed: Observed<typeof COUNT_NEEDS>, context) {
        const limit = context.limit('restorableMoments');
        const copies = judgeCopies(observed, context.asOf);
        const certain = copies.filter(({ counts }) => counts === 'holds');
        const range = certain.find(({ observation }) => observation.value.physical?.kind === 'continuous');
        if (range !== undefined) {
          const text = `${copyText(range.observation)} is a continuous range, every moment of which can be restored`;
          return judged('holds', text, [range.observation], limit);
        }
        const plans = coveringPlans(observed, context.subject);
        const made = madeAt(observed, context);
        const age = made === null ? Number.POSITIVE_INFINITY : toMillis(context.asOf) - toMillis(made);
        const possible = Math.max(1, Math.floor(age / shortestPeriod(plans, context.asOf)));
        const needed = Math.min(limit.value, possible);
        const moments = momentsOf(certain);
        const text = `${counted(moments, 'moment')} can be restored`;
        const cites = certain.map(({ observation }) => observation);
        if (moments >= needed) return judged('holds', text, cites, limit);
        const possibly = copies.filter(({ counts }) => counts !== 'fails');
        const timeless = possibly.filter(({ observation }) => observation.value.moment === null);
        const most = momentsOf(possibly) + timeless.length;
        const wanted = `${text}; ${needed} are needed`;
        if (most >= needed) {
          return judged('unknown', `${wanted}, and it is not known whether further copies count`, cites, limit);
        }
        if (made === null) return judged('unknown', `${wanted}; ${AGE_UNKNOWN}`, cites, limit);
        return judged('fails', wanted, cites, limit);
      },
    }),
  ],
});

const AGE_UNKNOWN = 'when the database was made is not told, so it may be younger';

interface Reach {
  readonly limit: Limit;
  /** Some copy must be as old as that, in milliseconds since 1970. */
  readonly latest: number;
  readonly isAgeKnown: boolean;
}

function reachRequired(observed: Observed<typeof NEEDS>, context: JudgeContext): Reach {
  const plans = coveringPlans(observed, context.subject);
  const limit = requiredRetention(plans, context);
  const kept = toMillis(context.asOf) - limit.value * DAY;
  const made = madeAt(observed, context);
  const from = made === null ? kept : Math.max(kept, toMillis(made));
  const promise = longestPromise(plans);
  const start = toInstant(Math.max(0, from));
  const period = (promise === undefined ? null : periodAt(promise.value, start)) ?? shortestPeriod(plans, start);
  const grace = context.limit('runGraceMinutes').value * MINUTE;
  return { limit, latest: from + period + grace, isAgeKnown: made !== null };
}

/** A range that a tool or service promises to restore to, where the copy at its end counts. */
function rangeSince(
  copies: readonly JudgedCopy[],
  archives: readonly Observation<'wal-archive'>[],
  latest: number,
): ((limit: Limit) => Judgement) | null {
  for (const { observation, counts } of copies) {
    const { location, path, physical } = observation.value;
    if (counts !== 'holds' || physical?.kind !== 'continuous') continue;
    const archive = archives.find(
      ({ value }) =>
        value.location === location &&
        value.path === path &&
        value.restorableTo !== null &&
        value.restorableFrom !== null &&
        toMillis(value.restorableFrom) <= latest,
    );
    if (archive === undefined) continue;
    const text = `every moment since ${archive.value.restorableFrom?.slice(0, 10)} can be restored from ${copyText(observation)}`;
    return (limit) => judged('holds', text, [observation, archive], limit);
  }
  return null;
}

function whyOpen(copy: JudgedCopy, old: Truth, kept: KeptByRules): string {
  if (old === 'holds') return kept.because;
  return copy.counts === 'unknown' ? countsBecause(copy) : 'it does not tell exactly when it was made';
}

/** What the bucket's own rules do to it besides is told: copies in an archive take hours to be read. */
function reached(copy: Observation<'copy'>, context: JudgeContext, limit: Limit, kept: KeptByRules): Judgement {
  const { moment, location } = copy.value;
  const from = moment === null ? 'an unknown time' : agedText(moment.notBefore, context.asOf);
  const more = kept.because === '' ? '' : `; ${kept.because}`;
  const text = `copies reach back to ${from} (${copyText(copy)})${more}`;
  const judgement = regardless(judged('holds', text, [copy, ...kept.cites], limit), 'archives');
  const told = kept.isRuled ? judgement : regardless(judgement, 'rules', 'ruleVersioning');
  return onlyAbout(told, RULES, new Set([location]));
}

function tooShort(copies: readonly JudgedCopy[], context: JudgeContext, limit: Limit): Judgement {
  const oldest = copies.findLast(({ counts, observation }) => counts !== 'fails' && observation.value.moment !== null);
  const keep = `${limit.text} must be kept (${limit.origin})`;
  const moment = oldest?.observation.value.moment ?? null;
  if (oldest === undefined || moment === null) {
    const judgement = judged('fails', `no copy that counts was found; ${keep}`, [], limit);
    // The live database's state stays: it may tell that the database is younger.
    return copies.length === 0 ? regardless(judgement, 'catalogues', 'recreations') : judgement;
  }
  const text = `the oldest copy that counts is from ${agedText(moment.notBefore, context.asOf)}; ${keep}`;
  return judged('fails', text, [oldest.observation], limit);
}

/** The same bytes in two locations are two copies of one moment; what tells no moment may be of one of the others. */
function momentsOf(copies: readonly JudgedCopy[]): number {
  return new Set(copies.map(({ observation }) => observation.value.moment?.notBefore).filter((at) => at !== undefined))
    .size;
}
