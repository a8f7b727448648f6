import { hash } from 'node:crypto';
import type { AnyEvidence } from '../../model/evidence.ts';
import type { Instant } from '../../model/instant.ts';
import type { Policy } from '../../model/policy.ts';
import type { ReportedEvidence } from '../../model/report.ts';
import { reportedCopies } from '../copies.ts';

/**
 * What a report says of an answer that it rests on: where it comes from and the digest of what was in it, not the facts
 * themselves; copies are listed.
 *
 * @param ofOneOrganization whether it is for an organization's own report
 */
export function reportedEvidence(
  record: AnyEvidence,
  asOf: Instant,
  policy: Policy,
  ofOneOrganization: boolean,
): ReportedEvidence {
  const { id, kind, subject, source, operation, locator, grade, collectedAt, items, blindSpot } = record;
  const digest = hash('sha256', JSON.stringify({ items, blindSpot }), 'hex');
  return {
    id,
    kind,
    subject,
    source,
    operation,
    locator,
    grade,
    rows: blindSpot !== null && items.length === 0 ? null : items.length,
    complete: blindSpot === null,
    collectedAt,
    digest: `sha256:${digest}`,
    ...(record.kind === 'copy' && record.items.length > 0
      ? { copies: reportedCopies(record, asOf, policy, ofOneOrganization) }
      : {}),
  };
}
