import { DAY, MINUTE } from '../model/instant.ts';

/** One organization of the demo install. Ids, names and keys are fixed, so that every run builds the same install. */
export interface DemoOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: 'active' | 'suspended' | 'provisioning';
  /** How long before now it was created, in milliseconds. */
  readonly age: number;
  readonly database: string;
  readonly keyring: string;
  readonly keyRef: string;
  readonly storage: 'bundled' | 'local_filesystem_dedicated';
  /** Left out by the policy, with reason and approver. */
  readonly excluded: boolean;
}

function organization(
  slug: string,
  name: string,
  ageDays: number,
  special: Partial<Pick<DemoOrganization, 'state' | 'age' | 'storage' | 'excluded'>> = {},
): DemoOrganization {
  return {
    id: `org_01demo${slug.padStart(20, '0')}`,
    slug,
    name,
    state: 'active',
    age: ageDays * DAY,
    database: `tenant_${slug}`,
    keyring: `keyring-${slug}`,
    keyRef: `tenant-${slug}`,
    storage: 'bundled',
    excluded: false,
    ...special,
  };
}

export const ORGANIZATIONS: readonly DemoOrganization[] = [
  organization('acorn', 'Acorn Clinic', 410),
  organization('birch', 'Birch Logistics', 395, { state: 'suspended' }),
  organization('cedar', 'Cedar School', 300, { storage: 'local_filesystem_dedicated' }),
  organization('elm', 'Elm Insurance', 280),
  organization('fir', 'Fir Publishing', 260),
  organization('grove', 'Grove Retail', 240),
  organization('hazel', 'Hazel Foods', 220),
  organization('iris', 'Iris Optics', 200),
  organization('juniper', 'Juniper Law', 180),
  organization('linden', 'Linden Museum', 160, { storage: 'local_filesystem_dedicated' }),
  organization('maple', 'Maple Labs', 0, { state: 'provisioning', age: 100 * MINUTE }),
  organization('oak', 'Oak Sandbox', 90, { excluded: true }),
];

/** @throws RangeError when there is none of that slug */
export function organizationOf(slug: string): DemoOrganization {
  const found = ORGANIZATIONS.find((one) => one.slug === slug);
  if (found === undefined) throw new RangeError(`the demo has no organization ${slug}`);
  return found;
}

/** Names shared by the parts of the demo. Whatever only imitates a system says so in its name. */
export const NAMES = {
  installId: 'inst_01demo',
  installDatabase: 'novantra',
  installHost: 'demo-install',
  installKeyring: 'keyring-install',
  installKeyRef: 'install',
  region: 'stand-in-region',
  copyHost: 'stand-in-nas',
  dumps: 'stand-in-nas-dumps',
  secondCopyHost: 'stand-in-vault-room',
  secondDumps: 'stand-in-vault-room-dumps',
  files: 'stand-in-nas-files',
  snapshots: 'stand-in-nas-vault-snapshots',
  installers: 'stand-in-nas-installers',
  provider: 'stand-in-vault',
  mount: 'transit',
  auditor: 'recoverage',
} as const;
