import type { JudgeContext, Judgement, Observation, Observed, Part } from '../model/control.ts';
import { agedText } from '../model/text.ts';
import { judged, need, part } from './define-control.ts';
import { KEYRINGS, ownKeyring } from './key-needs.ts';
import { isProvisioningInTime } from './provisioning.ts';
import { BINDINGS } from './store-needs.ts';

/** The organization that a subject belongs to, where it belongs to one. */
export const OWNER = need('organization', 'organization', 'either');

const KEYRING_NEEDS = { organizations: OWNER, keyrings: KEYRINGS } as const;
const BINDING_NEEDS = { organizations: OWNER, bindings: BINDINGS } as const;

/** Says that something is not expected yet; null where its organization is not being provisioned, or not in time. */
export function notExpectedYet(
  organizations: readonly Observation<'organization'>[],
  what: string,
  context: JudgeContext,
): Judgement | null {
  const organization = organizations[0];
  if (organization === undefined || !isProvisioningInTime(organization, context)) return null;
  const limit = context.limit('provisioningHours', 'tenant-database');
  const since = agedText(organization.value.createdAt, context.asOf);
  const text = `it has no ${what} yet and is still being provisioned, created on ${since}; the limit is ${limit.text}`;
  return judged('fails', text, [organization], limit);
}

/** Applicability of what asks about a key: not before an organization that is being provisioned has a keyring. */
export const keyringExpected: readonly [Part] = [
  part({
    name: 'a keyring is expected',
    needs: KEYRING_NEEDS,
    judge({ organizations, keyrings }: Observed<typeof KEYRING_NEEDS>, context) {
      const own = ownKeyring(keyrings, context);
      if (own !== undefined) return judged('holds', 'it has a keyring', [own]);
      return notExpectedYet(organizations, 'keyring', context) ?? judged('holds', 'a keyring is expected');
    },
  }),
];

/** Applicability of what asks about a store: not before an organization that is being provisioned has a binding. */
export const storeExpected: readonly [Part] = [
  part({
    name: 'a file store is expected',
    needs: BINDING_NEEDS,
    judge({ organizations, bindings }: Observed<typeof BINDING_NEEDS>, context) {
      const [binding] = bindings;
      if (binding !== undefined) return judged('holds', 'it has a storage binding', [binding]);
      return notExpectedYet(organizations, 'file store', context) ?? judged('holds', 'a file store is expected');
    },
  }),
];
