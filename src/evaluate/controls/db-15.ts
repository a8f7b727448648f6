import type { Observation, Observed } from '../../model/control.ts';
import type { Limit } from '../../model/policy.ts';
import { copyText } from '../copies.ts';
import { blockedKey, lostKey, untoldKey, usableKeyText } from '../copy-keys.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { canCount, couldCountWithItsKey, judgeable, newestFirst, possibleCopies } from '../possible-copies.ts';
import { passing } from '../remembered.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const KEY_NEEDS = { copies: need('copy', 'self', 'either', { readableOnly: true }) } as const;
const NEEDS = {
  copies: need('copy', 'self', 'either', { readableOnly: true }),
  clusters: need('cluster', 'cluster', 'either'),
} as const;

/**
 * DB-15: the server that a recovery restores to is not older than the one the newest copy comes from, and the key that a
 * service encrypted it with lets it be restored.
 */
export const db15 = defineControl({
  id: 'DB-15',
  title: 'The newest copy can be restored here',
  failureTitle: 'The newest copy cannot be restored here',
  severity: 'high',
  bears: 'recovery',
  subject: 'database',
  rationale:
    'PostgreSQL loads dumps of older servers, not of newer ones (pg_dump documentation, Notes); a physical copy needs the very same major version. A snapshot that a service encrypted is restored with its key or not at all.',
  remediation:
    'Provide a server of the major version the copy comes from, or state the version recovery restores to in the policy (restoreTargetMajorVersion). A key of AWS KMS: cancel its deletion before the date given (aws kms cancel-key-deletion --key-id KEY) and enable it (aws kms enable-key --key-id KEY); a copy that shall outlive the key is copied under another one (aws rds copy-db-snapshot --kms-key-id OTHER).',
  remediationUnknown:
    'State the version that recovery restores to in the policy (restoreTargetMajorVersion), or let the audit ask the live server. Let it ask about the keys of copies: allow kms:DescribeKey for the user of the location, and in the policy of a key of another account.',
  limits: [],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => couldCountWithItsKey(one, context.asOf));
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
    part({
      name: 'its key lets it be restored',
      needs: KEY_NEEDS,
      judge(observed: Observed<typeof KEY_NEEDS>, context) {
        const whole = passing(observed.copies, (one) => couldCountWithItsKey(one, context.asOf));
        const [copy, ...older] = newestFirst(judgeable(whole).copies);
        if (copy === undefined) return judged('unknown', 'there is no copy to restore');
        const lost = lostKey(copy.value, context.asOf);
        if (lost !== null) {
          const next = older.find((one) => canCount(one, context.asOf));
          const serves = next === undefined ? '' : `; ${copyText(next)}, which is older, needs another`;
          return judged('fails', `${copyText(copy)}: ${lost}${serves}`, [copy]);
        }
        const blocked = blockedKey(copy.value);
        if (blocked !== null) return judged('fails', `${copyText(copy)}: ${blocked}`, [copy]);
        const untold = untoldKey(copy.value);
        if (untold !== null) return judged('unknown', `${copyText(copy)}: ${untold}`, [copy]);
        return judged('holds', `${copyText(copy)}: ${usableKeyText(copy.value)}`, [copy]);
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
