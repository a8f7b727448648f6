import type { Policy } from '../../model/policy.ts';
import type { ReportHead } from '../../model/report.ts';
import type { Folding } from './folding.ts';

/** Which of the organizations that the policy names were met, in lower case. */
export type MetOrganizations = Set<string>;

/** Sees whether every organization that the policy names is there: a misspelt one changes nothing, and nobody would know. */
export interface NamedOrganizations extends Folding<MetOrganizations> {
  /** @param organizationId in lower case */
  meet(organizationId: string): void;
  /** What names nobody. To be asked only where all organizations were listed. */
  notices(): ReportHead['notices'];
}

export function createNamedOrganizations(
  policy: Pick<Policy, 'organizationLimits' | 'exclusions'>,
): NamedOrganizations {
  const limited = Object.keys(policy.organizationLimits).map((id) => id.toLowerCase());
  const excluded = policy.exclusions.map(({ organization }) => organization.toLowerCase());
  const named = new Set([...limited, ...excluded]);
  const met: MetOrganizations = new Set();
  const strays = (names: readonly string[]) => [...new Set(names)].filter((name) => !met.has(name)).sort();
  return {
    meet(organizationId) {
      if (named.has(organizationId)) met.add(organizationId);
    },
    folded: () => met,
    merge(later) {
      for (const organizationId of later) met.add(organizationId);
    },
    notices: () => [
      ...noticeOf(strays(limited), 'policy.organizationLimits', 'so what is set there applies to nobody'),
      ...noticeOf(strays(excluded), 'exclusions', 'so nobody is left out by that'),
    ],
  };
}

/** How many are named in one notice. */
const SHOWN = 5;

function noticeOf(strays: readonly string[], setting: string, so: string): ReportHead['notices'] {
  if (strays.length === 0) return [];
  const more = strays.length > SHOWN ? ` and ${strays.length - SHOWN} more` : '';
  return [
    {
      text: `${setting} names ${strays.slice(0, SHOWN).join(', ')}${more}, which the install does not have, ${so}`,
      remedy: `Mend the spelling, or remove the entry from ${setting}; organizations are named by their id.`,
    },
  ];
}
