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
  const days = verificationDays(policy, record.subject);
  const shown = record.items.flatMap((told) => {
    const path = isOwnReport ? ownPath(told.path, record.subject.name) : told.path;
    return path === null ? [] : [{ told, path, copy: copyAt(told, now, days) }];
  });
  return shown
    .sort((a, b) => orderOf(b.told).localeCompare(orderOf(a.told)) || a.path.localeCompare(b.path))
    .map(({ told, path, copy }) => ({
      path,
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

/**
 * An organization's own report names nothing of another, and directories may: the path from what bears the name of the
 * database on. Null where nothing does.
 */
function ownPath(path: string, database: string): string | null {
  const segments = path.split('/');
  const isOwn = (segment: string) =>
    segment.startsWith(database) && !/[A-Za-z0-9_]/.test(segment.charAt(database.length));
  const own = segments.findLastIndex(isOwn);
  return own < 0 ? null : segments.slice(own).join('/');
}

function orderOf({ moment, modifiedAt }: Facts['copy']): string {
  return moment?.notBefore ?? modifiedAt;
}
