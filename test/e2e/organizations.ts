/** An organization of an install that a test builds. */
export interface InstallOrganization {
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly state: string;
  /** Days since it was created. */
  readonly ageDays: number;
  readonly database: string;
  /** Name of its wrapping key at the key provider. */
  readonly keyRef: string;
}

/** Name of the install keyring's wrapping key at the key provider. */
export const INSTALL_KEY = 'install';

const SLUGS = ['alder', 'briar', 'clover', 'daisy', 'elder', 'fennel', 'gorse', 'heather', 'ivy', 'jasmine'] as const;

/** An organization by its slug, with what a test wants different. */
export function organizationNamed(slug: string, different: Partial<InstallOrganization> = {}): InstallOrganization {
  return {
    id: `org_01e2e${slug.padStart(21, '0')}`,
    slug,
    name: `${slug.charAt(0).toUpperCase()}${slug.slice(1)} Cooperative`,
    state: 'active',
    ageDays: 100,
    database: `tenant_${slug}`,
    keyRef: `tenant-${slug}`,
    ...different,
  };
}

/** The first so many of a fixed list of organizations, at most 10, so that their keys are known before the install is built. */
export function organizationsOf(count: number): readonly InstallOrganization[] {
  if (count > SLUGS.length) throw new RangeError(`there are ${SLUGS.length} organizations to choose from`);
  return SLUGS.slice(0, count).map((slug) => organizationNamed(slug));
}
