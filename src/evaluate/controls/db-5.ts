import type { JudgeContext, Observation, Observed, Truth } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { byTime, DAY, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { bytesText, counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { type PlanFacts, planNeeds } from '../plan-needs.ts';
import { agreement, artifactsOfAll, isProven, type RecordedArtifact } from '../recorded-artifact.ts';
import { retentionOf } from '../retention.ts';

const SHOWN = 3;

const RECORDED_NEEDS = { runs: need('backup-run', 'self', 'more-helps'), ...planNeeds('either') } as const;
const NEEDS = {
  runs: need('backup-run', 'self', 'more-hurts'),
  copies: need('copy', 'self', 'more-helps', { claimedOnly: true }),
  ...planNeeds('either'),
} as const;

/** DB-5: what the inventory records as succeeded is really there. */
export const db5 = defineControl({
  id: 'DB-5',
  title: 'Every run recorded as successful has its artifact',
  failureTitle: 'Runs are recorded as successful whose artifact is missing or differs',
  severity: 'high',
  bears: 'protection',
  subject: 'database',
  rationale:
    'A record of success is not a copy. Artifacts vanish, are overwritten or were never written, and the inventory goes on calling them good.',
  remediation:
    'Look for the artifact where the run recorded it. If it lies where the audit does not look, add that place to the configuration (locations); if it is gone or differs, find out what removed or changed it and take a new copy.',
  remediationUnknown:
    'Look by hand for the artifact where the run recorded it, and name that place in the configuration (locations) if the audit does not look there.',
  limits: ['retentionDays'],
  applies: [
    part({
      name: 'a successful run is recorded',
      needs: RECORDED_NEEDS,
      judge(observed: Observed<typeof RECORDED_NEEDS>, context) {
        const runs = kept(observed.runs, observed, context).map(({ run }) => run);
        if (runs.length > 0) return judged('holds', 'successful runs are recorded', runs.slice(0, 1));
        const limit = context.limit('retentionDays');
        return judged('fails', 'no successful run is recorded inside the retention', [], limit);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'recorded artifacts are there',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const promised = kept(observed.runs, observed, context);
        const limitOf = new Map(promised.map(({ run, limit }) => [run, limit]));
        const runs = promised.map(({ run }) => run);
        const uris = runs.flatMap(({ value }) => value.artifactUri ?? []);
        const byUri = artifactsOfAll(
          uris,
          observed.copies.map(({ value }) => value),
        );
        const results = runs.map((run) => {
          const found = byUri.get(run.value.artifactUri ?? '') ?? [];
          return { run, ...artifactOf(run, found, observed.copies) };
        });
        const missing = results.filter(({ truth }) => truth === 'fails');
        if (missing[0] !== undefined) {
          const shown = missing
            .slice(0, SHOWN)
            .map(({ because }) => because)
            .join('; ');
          const more = missing.length > SHOWN ? `; and ${missing.length - SHOWN} more` : '';
          return judged(
            'fails',
            `${counted(missing.length, 'run')} of ${runs.length} recorded as successful: ${shown}${more}`,
            missing.map(({ run }) => run),
            limitOf.get(missing[0].run),
          );
        }
        const open = results.filter(({ truth }) => truth === 'unknown');
        if (open[0] !== undefined) {
          return judged(
            'unknown',
            `${counted(open.length, 'run')} of ${runs.length} recorded as successful: ${open[0].because}`,
            open.map(({ run }) => run),
            limitOf.get(open[0].run),
          );
        }
        const text = `all ${counted(runs.length, 'run')} recorded as successful inside the retention have their artifact; ${comparedText(results)}`;
        return judged(
          'holds',
          text,
          results.flatMap(({ run, copy }) => (copy === null ? [run] : [run, copy])),
          promised[0]?.limit,
        );
      },
    }),
  ],
});

/** Successful runs whose artifact the retention of their plan still promises, newest first, with that retention. */
function kept(
  runs: readonly Observation<'backup-run'>[],
  plans: PlanFacts,
  context: JudgeContext,
): readonly { readonly run: Observation<'backup-run'>; readonly limit: Limit }[] {
  const now = toMillis(context.asOf);
  const general = context.limit('retentionDays');
  const retention = new Map(
    [...plans.installPlans, ...plans.ownPlans].map((plan) => [plan.value.planId, retentionOf(plan, context)]),
  );
  return runs
    .filter(({ value }) => value.status === 'succeeded')
    .map((run) => {
      const { planId } = run.value;
      return { run, limit: planId === null ? general : (retention.get(planId) ?? general) };
    })
    .filter(({ run, limit }) => now - toMillis(run.value.startedAt) <= limit.value * DAY)
    .sort(
      ({ run: { value: a } }, { run: { value: b } }) =>
        byTime(b.startedAt, a.startedAt) || a.runId.localeCompare(b.runId),
    );
}

function artifactOf(
  run: Observation<'backup-run'>,
  found: readonly RecordedArtifact<Facts['copy']>[],
  copies: readonly Observation<'copy'>[],
): { readonly truth: Truth; readonly because: string; readonly copy: Observation<'copy'> | null } {
  const { artifactUri } = run.value;
  const name = `run of ${instantText(run.value.startedAt)}`;
  if (artifactUri === null) {
    return { truth: 'unknown', because: `the ${name} records no artifact, so it cannot be looked for`, copy: null };
  }
  const agreeing = found.filter(({ copy }) => difference(run.value, copy) === null);
  const certain = agreeing.find(({ copy, rivalled }) => !rivalled || isProven(run.value, copy));
  if (certain !== undefined) {
    return { truth: 'holds', because: '', copy: copies.find(({ value }) => value === certain.copy) ?? null };
  }
  const possible = agreeing[0]?.copy;
  if (possible !== undefined) {
    return {
      truth: 'unknown',
      because: `the ${name} recorded ${artifactUri}, and ${possible.path} in ${possible.location} may as well be that of another run`,
      copy: null,
    };
  }
  const differing = found[0]?.copy;
  if (differing === undefined) {
    const size = sizeText(run.value);
    return {
      truth: 'fails',
      because: `the ${name} recorded ${artifactUri}${size}, which is in no configured location`,
      copy: null,
    };
  }
  const because = `the ${name} recorded ${artifactUri}, and ${difference(run.value, differing) ?? ''}`;
  return { truth: 'fails', because, copy: null };
}

/** What found keeps an artifact from being the recorded one; a file of another database never is. */
function difference(run: Facts['backup-run'], copy: Facts['copy']): string | null {
  return copy.nameAgrees === false ? 'the file is a copy of another database' : agreement(run, copy);
}

/** What the artifacts were compared by: a run need not record a size or checksum, nor was every copy read for its own. */
function comparedText(
  results: readonly { readonly run: Observation<'backup-run'>; readonly copy: Compared }[],
): string {
  const sizes = results.filter(({ run }) => run.value.artifactBytes !== null).length;
  const sums = results.filter(({ run, copy }) => run.value.sha256 !== null && (copy?.value.sha256 ?? null) !== null);
  const says = (count: number, one: string) =>
    count === 0 ? `no ${one} was compared` : `${one} as recorded in ${count === results.length ? 'all' : count}`;
  return `${says(sizes, 'size')}, ${says(sums.length, 'checksum')}`;
}

type Compared = Observation<'copy'> | null;

function sizeText(run: Facts['backup-run']): string {
  return run.artifactBytes === null ? '' : ` (${bytesText(run.artifactBytes)})`;
}
