import type { JudgeContext, Judgement, Observed } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { isAmazon } from '../model/s3-service.ts';
import { ownBindings } from './bucket-store.ts';
import { judged, regardless } from './define-control.ts';
import { mergedDomain } from './failure-domains.ts';
import { OWNER } from './still-provisioned.ts';
import { BINDINGS, OWN_DOMAINS, S3 } from './store-needs.ts';

/** A region's name as it is compared. */
export function plainName(region: string): string {
  return region.trim().toLowerCase();
}

/** `allowed are eu-central-1, eu-west-1`. */
export function allowedText(allowed: readonly string[]): string {
  return `allowed ${allowed.length === 1 ? 'is' : 'are'} ${allowed.join(', ')}`;
}

export const REGION_NEEDS = { organizations: OWNER, bindings: BINDINGS, domains: OWN_DOMAINS } as const;

/**
 * Whether a bucket stands in a region that its organization allows: the one that is stated for it, else as Amazon
 * answers, else as its storage binding at Amazon has it: what another service calls its region proves nothing. An organization that allows no region in particular allows all. A
 * directory stands where its host does, which is agreed with nobody by the name of a region.
 */
export function judgeRegion(observed: Observed<typeof REGION_NEEDS>, context: JudgeContext): Judgement {
  const [organization] = observed.organizations;
  if (organization === undefined) return judged('unknown', 'which regions its organization allows is not told');
  const allowed = organization.value.allowedRegions ?? [];
  if (allowed.length === 0) {
    const text = 'the install database states no allowed regions for its organization (allowed_regions)';
    return regardless(judged('holds', text, [organization]), 'bindings', 'domains');
  }
  const [binding] = ownBindings(observed.bindings, context);
  if (binding === undefined) return judged('unknown', 'no storage binding tells what kind of store it is');
  if (binding.value.kind !== S3) {
    return regardless(judged('holds', 'a directory stands where its host does', [binding]), 'domains');
  }
  const domain = mergedDomain(observed.domains.map(({ value }) => value));
  const region = domain.region ?? regionAtAmazon(binding.value);
  const cites = [organization, binding];
  if (region === null) {
    return judged('unknown', `the region of the bucket is not known; ${allowedText(allowed)}`, cites);
  }
  const text = `the bucket lies in region ${region}; ${allowedText(allowed)}`;
  return judged(allowed.map(plainName).includes(plainName(region)) ? 'holds' : 'fails', text, cites);
}

function regionAtAmazon({ endpoint, region }: Facts['storage-binding']): string | null {
  return region !== null && isAmazon({ endpoint, region }) ? region : null;
}
