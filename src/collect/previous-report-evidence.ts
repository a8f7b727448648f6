import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Subject } from '../model/subject.ts';
import type { Collection } from './estate.ts';
import { UNKNOWN_INSTALL } from './license-evidence.ts';
import { previousOf } from './report-chain.ts';

const INSTALL_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'the id of the install is not known, so no report can be told to be of it',
  remedy: 'Read the blind spot of dataset install.',
};

/** The report of this install before this one. */
export function previousReportEvidence({ asker, reportChain }: Collection, install: Subject): AnyEvidence {
  const question = {
    kind: 'previous-report',
    subject: install,
    source: 'list of reports',
    operation: 'the report before this one',
    locator: 'report.list',
  } as const;
  if (install.key === UNKNOWN_INSTALL) return asker.record(question, { items: [], blindSpot: INSTALL_UNKNOWN });
  const { blindSpot } = reportChain;
  const previous = previousOf(reportChain.reports, install.key);
  return asker.record(question, { items: blindSpot !== null || previous === null ? [] : [previous], blindSpot });
}
