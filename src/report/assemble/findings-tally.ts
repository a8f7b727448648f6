import type { Finding } from '../../model/finding.ts';
import type { Policy } from '../../model/policy.ts';
import type { ReportHead } from '../../model/report.ts';
import { atLeast } from '../../model/severity.ts';
import type { Folding } from './folding.ts';

/** How many findings have which status. */
export type Tally = ReportHead['tally'];

/** Findings counted: all of them, by control, and what the exit code asks of. */
export interface CountedFindings {
  readonly tally: Tally;
  readonly perControl: Map<string, Tally>;
  /** Gaps and unknown findings of the severity that fails a run, or a worse one. */
  readonly atFailOn: { gaps: number; unknown: number };
  /** Passes that rest on what somebody declared. */
  passesResting: number;
}

export interface FindingsTally extends Folding<CountedFindings> {
  count(finding: Finding): void;
}

export function createFindingsTally(failOn: Policy['failOn']): FindingsTally {
  const counted: CountedFindings = {
    tally: emptyTally(),
    perControl: new Map(),
    atFailOn: { gaps: 0, unknown: 0 },
    passesResting: 0,
  };
  const ofControl = (id: string): Tally => {
    const known = counted.perControl.get(id) ?? emptyTally();
    counted.perControl.set(id, known);
    return known;
  };
  return {
    count({ controlId, status, grade, severity }) {
      counted.tally[status] += 1;
      ofControl(controlId)[status] += 1;
      if (status === 'pass' && grade === 'declared') counted.passesResting += 1;
      if (!atLeast(severity, failOn)) return;
      if (status === 'fail') counted.atFailOn.gaps += 1;
      if (status === 'unknown') counted.atFailOn.unknown += 1;
    },
    folded: () => counted,
    merge(later) {
      addTally(counted.tally, later.tally);
      for (const [id, tally] of later.perControl) addTally(ofControl(id), tally);
      counted.atFailOn.gaps += later.atFailOn.gaps;
      counted.atFailOn.unknown += later.atFailOn.unknown;
      counted.passesResting += later.passesResting;
    },
  };
}

export function emptyTally(): Tally {
  return { pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, waived: 0 };
}

function addTally(to: Tally, from: Tally): void {
  to.pass += from.pass;
  to.fail += from.fail;
  to.unknown += from.unknown;
  to['not-applicable'] += from['not-applicable'];
  to.waived += from.waived;
}
