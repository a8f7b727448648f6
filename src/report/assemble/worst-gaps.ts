import type { Finding } from '../../model/finding.ts';
import type { ReportHead } from '../../model/report.ts';
import { SEVERITIES } from '../../model/severity.ts';
import { subjectLabel } from '../wording/subjects.ts';
import type { Folding } from './folding.ts';

/** How many worst gaps page one shows. */
const SHOWN = 20;

/** Gaps counted, and the worst of them, in the order of the parts among equally bad ones. */
export interface CountedGaps {
  total: number;
  worst: { readonly finding: Finding; readonly rank: number }[];
}

export interface GapList extends Folding<CountedGaps> {
  /** Notes the finding where it is a gap. */
  note(finding: Finding): void;
  /** For page one, worst first. */
  shown(): ReportHead['worstGaps'];
}

export function createGapList(): GapList {
  const counted: CountedGaps = { total: 0, worst: [] };
  const trim = (): void => {
    counted.worst.sort((a, b) => a.rank - b.rank);
    counted.worst.splice(SHOWN);
  };
  return {
    note(finding) {
      if (finding.status !== 'fail') return;
      counted.total += 1;
      counted.worst.push({ finding, rank: rankOf(finding) });
      if (counted.worst.length > SHOWN * 4) trim();
    },
    folded: () => counted,
    merge(later) {
      counted.total += later.total;
      counted.worst.push(...later.worst);
      trim();
    },
    shown() {
      trim();
      return {
        total: counted.total,
        shown: counted.worst.map(({ finding: { id, controlId, severity, subject, because } }) => ({
          findingId: id,
          controlId,
          severity,
          sentence: `${subjectLabel(subject)}: ${because}`,
        })),
      };
    },
  };
}

/** Recovery as a whole says in one sentence what the single findings say apart, so it comes first. */
function rankOf({ severity, controlId, bears }: Finding): number {
  return SEVERITIES.indexOf(severity) * 10 + (controlId === 'REC-1' ? 0 : bears === 'recovery' ? 1 : 2);
}
