import type { Facts } from '../../model/facts.ts';
import type { Subject } from '../../model/subject.ts';

/** Whether a plan's scope includes the database. */
export function covers(
  { covers: scope }: Pick<Facts['backup-plan'], 'covers'>,
  { subject }: { readonly subject: Pick<Subject, 'organizationId'> },
): boolean {
  const kind = subject.organizationId === null ? 'install-database' : 'tenant-database';
  return scope === 'all' || scope === 'cluster' || scope === kind;
}
