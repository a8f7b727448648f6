import type { AnyEvidence } from '../model/evidence.ts';
import { contradictionOf } from '../model/failure-domain.ts';
import type { ReportHead } from '../model/report.ts';
import { subjectLabel } from './wording/subjects.ts';

/**
 * What is stated to stand elsewhere and was observed on a disk of a host: a share that is not mounted looks so, and a disk
 * of its own that is lost with the host does too. Nobody but the operator can tell either from a network block device, so
 * that the statement stands.
 *
 * @param evidence of the install's own part
 */
export function contradictedDomains(evidence: readonly AnyEvidence[]): ReportHead['notices'] {
  const domains = evidence.filter((record) => record.kind === 'failure-domain');
  const bySubject = Map.groupBy(domains, ({ subject }) => `${subject.kind}:${subject.key}`);
  return [...bySubject.values()].flatMap((records) => {
    const contradiction = contradictionOf(records.flatMap(({ items }) => items));
    const seen = records.find(({ items }) => items.some(({ origin, host }) => origin === 'observed' && host !== null));
    if (contradiction === null || seen === undefined) return [];
    const { stated, observedHost } = contradiction;
    return [
      {
        text: `${subjectLabel(seen.subject)} is stated to stand on ${stated}, and ${seen.locator} lies on a disk of ${observedHost}, as the mount point of a share does that is not mounted; the statement was used`,
        remedy: `Mount there what shall be mounted. If it is a disk of ${observedHost}, state failureDomain: { host: ${observedHost} }; if it is a device that stands elsewhere, such as an iSCSI LUN or a cloud volume, state how in failureDomain.attachedAs.`,
      },
    ];
  });
}
