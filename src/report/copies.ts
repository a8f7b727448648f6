import { copyAt } from '../model/copy-age.ts';
import { type Evidence, gradeOf } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { type Policy, verificationDays } from '../model/policy.ts';
import type { ReportedCopy } from '../model/report.ts';

/** The copies of one answer as they count by the clock of the report, newest first. */
export function reportedCopies(
  record: Pick<Evidence<'copy'>, 'kind' | 'grade' | 'items' | 'subject'>,
  asOf: Instant,
  policy: Policy,
  isOwnReport: boolean,
): ReportedCopy[] {
  const now = toMillis(asOf);
  const days = verificationDays(policy, record.subject.organizationId);
  // An organization's own report names no path of another: files whose name claims another database are left out.
  const isShown = ({ nameAgrees, claimedName }: Facts['copy']) =>
    !isOwnReport || (nameAgrees !== false && (claimedName === null || claimedName === record.subject.name));
  return record.items
    .filter(isShown)
    .sort((a, b) => orderOf(b).localeCompare(orderOf(a)) || a.path.localeCompare(b.path))
    .map((told) => ({ told, copy: copyAt(told, now, days) }))
    .map(({ told, copy }) => ({
      path: copy.path,
      method: copy.method,
      bytes: copy.bytes,
      modifiedAt: copy.modifiedAt,
      moment: copy.moment === null ? null : { notBefore: copy.moment.notBefore, notAfter: copy.moment.notAfter },
      integrity: copy.integrity,
      because: copy.integrityBecause,
      grade: gradeOf(record, copy),
      verifiedAt: told.verifiedAt ?? null,
    }));
}

function orderOf({ moment, modifiedAt }: Facts['copy']): string {
  return moment?.notBefore ?? modifiedAt;
}
