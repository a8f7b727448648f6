import type { JudgeContext, Judgement, Observation, Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { allowedText, plainName } from '../allowed-regions.ts';
import { copyText } from '../copies.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { regionsByKey } from '../failure-domains.ts';
import { canCount, countsByItself } from '../possible-copies.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const NEEDS = {
  copies: need('copy', 'self', 'more-hurts', { readableOnly: true }),
  organizations: need('organization', 'organization', 'either'),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;

type Copy = Observation<'copy'>;

/**
 * DB-16: every copy lies in a region that the organization allows. The install database belongs to no organization, so
 * nothing states regions for it; where nothing states them for an organization, it is unknown.
 */
export const db16 = defineControl({
  id: 'DB-16',
  title: 'The copies of the database are where they may be',
  failureTitle: 'A copy of the database is where it may not be',
  severity: 'medium',
  bears: 'audit',
  subject: 'database',
  rationale:
    'Where data may lie is agreed with each organization, and holds for its backups too. A copy in another region breaks the agreement as the database itself would.',
  remediation: 'Move the copy to a location in an allowed region and delete it where it is.',
  remediationUnknown:
    'Let dataset organizations give allowed_regions, and state the region of each location as the organizations call it (failureDomain: { region: NAME }).',
  limits: [],
  applies: [
    part({
      name: 'it belongs to an organization, and a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        if (context.subject.organizationId === null) {
          const text = 'it belongs to no organization whose regions could bind it';
          return regardless(judged('fails', text), 'copies');
        }
        const copy = observed.copies.find((one) => canCount(one, context.asOf));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no copy that could count');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'every copy is in an allowed region',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const organization = observed.organizations[0];
        const allowed = organization?.value.allowedRegions ?? [];
        if (organization === undefined || allowed.length === 0) {
          const text = 'the install database states no allowed regions for its organization (allowed_regions)';
          return regardless(judged('unknown', text), 'copies', 'locationDomains');
        }
        const copies = observed.copies.filter((copy) => canCount(copy, context.asOf));
        return judgeRegions(copies, allowed, [organization], observed, context);
      },
    }),
  ],
});

function judgeRegions(
  copies: readonly Copy[],
  allowed: readonly string[],
  cites: readonly Observation[],
  { locationDomains }: Pick<Observed<typeof NEEDS>, 'locationDomains'>,
  context: JudgeContext,
): Judgement {
  const names = new Set(allowed.map(plainName));
  const regionOfLocation = regionsByKey(locationDomains);
  const found = copies.map((copy) => {
    const region = copy.value.kept?.region ?? regionOfLocation(copy.value.location);
    return { copy, region, isAllowed: region === null ? null : names.has(plainName(region)) };
  });
  const stated = allowedText(allowed);
  const outside = found.filter(({ isAllowed }) => isAllowed === false);
  const gap = outside.find(({ copy }) => countsByItself(copy, context.asOf) === 'holds');
  if (gap !== undefined) {
    const more = outside.length > 1 ? ` (${counted(outside.length, 'such copy', 'such copies')} in all)` : '';
    const text = `${copyText(gap.copy)} lies in region ${gap.region}; ${stated}${more}`;
    return judged('fails', text, [gap.copy, ...cites]);
  }
  const [doubtful] = outside;
  if (doubtful !== undefined) {
    const text = `${copyText(doubtful.copy)}, which may be a copy of it, lies in region ${doubtful.region}; ${stated}`;
    return judged('unknown', text, [doubtful.copy, ...cites]);
  }
  const unplaced = found.find(({ isAllowed }) => isAllowed === null);
  if (unplaced !== undefined) {
    const { location } = unplaced.copy.value;
    const text = `the region of location ${location} is not known: state its failureDomain with region; ${stated}`;
    return judged('unknown', text, [unplaced.copy, ...cites]);
  }
  const regions = [...new Set(found.map(({ region }) => region))].join(' and ');
  const text = `${counted(found.length, 'copy', 'copies')} in region ${regions}; ${stated}`;
  return judged('holds', text, [...copies, ...cites]);
}
