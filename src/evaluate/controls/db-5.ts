import type { JudgeContext, Observation, Observed, Truth } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { byTime, DAY, toMillis } from '../../model/instant.ts';
import { bytesText, counted, instantText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { type PlanFacts, planNeeds } from '../plan-needs.ts';
import { agreement, artifactsOfAll, isProven, type RecordedArtifact } from '../recorded-artifact.ts';

/** Retention of a plan that states none, in days, as the catalogue of controls sets it. */
const DEFAULT_RETENTION_DAYS = 30;
const SHOWN = 3;

const RECORDED_NEEDS = { runs: need('backup-run', 'self', 'more-helps'), ...planNeeds('either') } as const;
const NEEDS = {
  runs: need('backup-run', 'self', 'more-hurts'),
  copies: need('copy', 'self', 'more-helps'),
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
  limits: [],
  applies: [
    part({
      name: 'a successful run is recorded',
      needs: RECORDED_NEEDS,
      judge(observed: Observed<typeof RECORDED_NEEDS>, context) {
        const runs = kept(observed.runs, observed, context);
        if (runs.length > 0) return judged('holds', 'successful runs are recorded', runs.slice(0, 1));
        return judged('fails', 'no successful run is recorded inside the retention');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'recorded artifacts are there',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const runs = kept(observed.runs, observed, context);
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
        if (missing.length > 0) {
          const shown = missing
            .slice(0, SHOWN)
            .map(({ because }) => because)
            .join('; ');
          const more = missing.length > SHOWN ? `; and ${missing.length - SHOWN} more` : '';
          return judged(
            'fails',
            `${counted(missing.length, 'run')} of ${runs.length} recorded as successful: ${shown}${more}`,
            missing.map(({ run }) => run),
          );
        }
        const open = results.filter(({ truth }) => truth === 'unknown');
        if (open[0] !== undefined) {
          return judged(
            'unknown',
            `${counted(open.length, 'run')} of ${runs.length} recorded as successful: ${open[0].because}`,
            open.map(({ run }) => run),
          );
        }
        const text = `all ${counted(runs.length, 'run')} recorded as successful inside the retention have their artifact; ${comparedText(results)}`;
        return judged(
          'holds',
          text,
          results.flatMap(({ run, copy }) => (copy === null ? [run] : [run, copy])),
        );
      },
    }),
  ],
});

/** Successful runs whose artifact the retention of their plan still promises, newest first. */
function kept(runs: readonly Observation<'backup-run'>[], plans: PlanFacts, context: JudgeContext) {
  const now = toMillis(context.asOf);
  const retention = new Map(
    [...plans.installPlans, ...plans.ownPlans].map(({ value }) => [value.planId, value.retentionDays]),
  );
  return runs
    .filter(({ value }) => value.status === 'succeeded')
    .filter(({ value }) => {
      const days = (value.planId === null ? null : retention.get(value.planId)) ?? DEFAULT_RETENTION_DAYS;
      return now - toMillis(value.startedAt) <= days * DAY;
    })
    .sort((a, b) => byTime(b.value.startedAt, a.value.startedAt) || a.value.runId.localeCompare(b.value.runId));
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
