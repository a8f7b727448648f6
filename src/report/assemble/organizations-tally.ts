import type { OrganizationSummary, ReportHead, Verdict } from '../../model/report.ts';
import { VERDICTS } from '../../model/report.ts';
import type { Folding } from './folding.ts';

/** How many of the worst organizations are remembered for detail. */
const REMEMBERED = 2000;

/** Organizations counted by what became of them. */
export interface CountedOrganizations {
  readonly denominator: { judged: number; blind: number; excluded: number };
  readonly verdicts: ReportHead['install']['verdicts'];
  readonly exclusions: ReportHead['exclusions'];
  /** The first ids of each verdict. */
  readonly worst: Map<Verdict, string[]>;
  readonly firstOfVerdict: Map<Verdict, OrganizationSummary>;
}

export interface OrganizationsTally extends Folding<CountedOrganizations> {
  count(summary: OrganizationSummary): void;
}

export function createOrganizationsTally(): OrganizationsTally {
  const counted: CountedOrganizations = {
    denominator: { judged: 0, blind: 0, excluded: 0 },
    verdicts: {
      recoverable: 0,
      'at-risk': { gap: 0, blindSpot: 0, firstCopyDue: 0 },
      unknown: 0,
      'not-recoverable': 0,
      none: 0,
    },
    exclusions: [],
    worst: new Map(VERDICTS.map((verdict) => [verdict, []])),
    firstOfVerdict: new Map(),
  };
  const remember = (verdict: Verdict, ids: readonly string[]): void => {
    const known = counted.worst.get(verdict);
    for (const id of ids) if (known !== undefined && known.length < REMEMBERED) known.push(id);
  };
  return {
    count(summary) {
      const { denominator, exclusions, verdicts, firstOfVerdict } = counted;
      if (summary.exclusion !== null) {
        denominator.excluded += 1;
        exclusions.push({ organizationId: summary.organizationId, ...summary.exclusion });
      } else if (summary.blind) denominator.blind += 1;
      else denominator.judged += 1;
      countVerdict(verdicts, summary);
      if (summary.verdict === null) return;
      remember(summary.verdict, [summary.organizationId]);
      if (!firstOfVerdict.has(summary.verdict)) firstOfVerdict.set(summary.verdict, summary);
    },
    folded: () => counted,
    merge(later) {
      const { denominator, exclusions, firstOfVerdict } = counted;
      denominator.judged += later.denominator.judged;
      denominator.blind += later.denominator.blind;
      denominator.excluded += later.denominator.excluded;
      addVerdicts(counted.verdicts, later.verdicts);
      exclusions.push(...later.exclusions);
      for (const [verdict, ids] of later.worst) remember(verdict, ids);
      for (const [verdict, summary] of later.firstOfVerdict) {
        if (!firstOfVerdict.has(verdict)) firstOfVerdict.set(verdict, summary);
      }
    },
  };
}

function countVerdict(verdicts: CountedOrganizations['verdicts'], summary: OrganizationSummary): void {
  if (summary.verdict === null) verdicts.none += 1;
  else if (summary.verdict !== 'at-risk') verdicts[summary.verdict] += 1;
  // One that has no copy yet would not come back, whatever else is missing.
  else if (summary.atRiskBy.includes('first-copy-due')) verdicts['at-risk'].firstCopyDue += 1;
  else if (summary.atRiskBy.includes('gap')) verdicts['at-risk'].gap += 1;
  else verdicts['at-risk'].blindSpot += 1;
}

function addVerdicts(to: CountedOrganizations['verdicts'], from: CountedOrganizations['verdicts']): void {
  to.recoverable += from.recoverable;
  to['at-risk'].gap += from['at-risk'].gap;
  to['at-risk'].blindSpot += from['at-risk'].blindSpot;
  to['at-risk'].firstCopyDue += from['at-risk'].firstCopyDue;
  to.unknown += from.unknown;
  to['not-recoverable'] += from['not-recoverable'];
  to.none += from.none;
}
