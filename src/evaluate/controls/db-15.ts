import type { Observation, Observed } from '../../model/control.ts';
import type { Limit } from '../../model/policy.ts';
import { copyText } from '../copies.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { canCount, newestFirst, possibleCopies } from '../possible-copies.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const NEEDS = {
  copies: need('copy', 'self', 'either', { readableOnly: true }),
  clusters: need('cluster', 'cluster', 'either'),
} as const;

/** DB-15: the server that a recovery restores to is not older than the one the newest copy comes from. */
export const db15 = defineControl({
  id: 'DB-15',
  title: 'The newest copy can be restored to the supported server version',
  failureTitle: 'The newest copy cannot be restored to the supported server version',
  severity: 'high',
  bears: 'recovery',
  subject: 'database',
  rationale:
    'PostgreSQL loads dumps of older servers, not of newer ones (pg_dump documentation, Notes); a physical copy needs the very same major version.',
  remediation:
    'Provide a server of the major version the copy comes from, or state the version recovery restores to in the policy (restoreTargetMajorVersion).',
  limits: [],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => canCount(one, context.asOf));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no undamaged copy to restore');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'its server version fits',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const copy = newestFirst(possibleCopies(observed.copies, context.asOf).copies)[0];
        if (copy === undefined) return judged('unknown', 'there is no copy to restore');
        const stated = context.policy.restoreTargetMajorVersion;
        if (stated !== null) return regardless(fits(copy, stated, 'policy', []), 'clusters');
        const cluster = observed.clusters[0];
        if (cluster === undefined) {
          return judged('unknown', 'neither the policy nor a live server tells which version is restored to', [copy]);
        }
        return fits(copy, cluster.value.majorVersion, 'version of the live server', [cluster]);
      },
    }),
  ],
});

function fits(copy: Observation<'copy'>, target: number, origin: string, cites: readonly Observation[]) {
  const limit: Limit = { value: target, text: `PostgreSQL ${target}`, origin };
  const major = majorVersion(copy.value.serverVersion);
  if (major === null) {
    return judged('unknown', `${copyText(copy)} does not tell the version of its server`, [copy, ...cites], limit);
  }
  const logical = copy.value.method === 'pg_dump' || copy.value.method === 'pg_dumpall';
  const text = `${copyText(copy)} comes from PostgreSQL ${copy.value.serverVersion}; recovery restores to ${limit.text}`;
  return judged((logical ? major <= target : major === target) ? 'holds' : 'fails', text, [copy, ...cites], limit);
}

function majorVersion(version: string | null): number | null {
  const match = /^\s*(\d{1,3})(?!\d)/.exec(version ?? '');
  return match === null ? null : Number(match[1]);
}
