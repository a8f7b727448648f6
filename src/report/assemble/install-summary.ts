import type { OrganizationSummary, ReportHead, Verdict } from '../../model/report.ts';
import { VERDICTS } from '../../model/report.ts';
import { verdictWord } from '../wording/words.ts';
import type { CountedOrganizations } from './organizations-tally.ts';

type InstallSummary = ReportHead['install'];
type OwnSummary = Omit<InstallSummary, 'verdicts'>;

/**
 * What is said of the install as a whole.
 *
 * @param own what its own part was judged to be
 * @param total organizations that exist; null where they could not be listed
 * @param isWhole false for an organization's own report, which says its verdict and nothing of the others
 */
export function installSummary(
  own: OwnSummary,
  { denominator, verdicts, firstOfVerdict }: CountedOrganizations,
  total: number | null,
  isWhole: boolean,
): InstallSummary {
  if (!isWhole) {
    const [only] = firstOfVerdict.values();
    return {
      ...own,
      verdict: only?.verdict ?? null,
      weakestLink: only?.weakestLink ?? null,
      recoveryPoint: null,
      verdicts,
    };
  }
  if (total !== null && denominator.judged + denominator.blind === 0) return { ...ofNothing(own), verdicts };
  const worst = VERDICTS.find((verdict) => verdict === own.verdict || firstOfVerdict.has(verdict)) ?? null;
  return { ...joined(own, worst, firstOfVerdict, verdicts), verdicts };
}

/** Without an organization to judge there is nothing to vouch for; what would not come back even so is still said. */
function ofNothing(own: OwnSummary): OwnSummary {
  const isGood = own.verdict === 'recoverable' || own.verdict === 'at-risk';
  return isGood ? { ...own, verdict: null, recoveryPoint: null } : own;
}

/** The install is never better than the worst of its organizations, which its weakest link then names and counts. */
function joined(
  own: OwnSummary,
  worst: Verdict | null,
  first: ReadonlyMap<Verdict, OrganizationSummary>,
  verdicts: InstallSummary['verdicts'],
): OwnSummary {
  if (worst === null || worst === own.verdict) return own;
  const organization = first.get(worst);
  if (organization === undefined) return own;
  const risk = verdicts['at-risk'];
  const affected = worst === 'at-risk' ? risk.gap + risk.blindSpot + risk.firstCopyDue : verdicts[worst];
  const others = affected === 1 ? '' : ` and ${affected - 1} more`;
  const link = organization.weakestLink;
  const why = link === null ? '' : ` ${link.sentence}`;
  return {
    ...own,
    verdict: worst,
    weakestLink: {
      plane: link?.plane ?? 'database',
      findingId: link?.findingId ?? '',
      sentence: `Organization ${organization.name}${others} (${verdictWord(worst).toLowerCase()}).${why}`,
    },
  };
}
