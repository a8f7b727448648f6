import type { Row } from '../../src/demo/table-rows.ts';
import type { Install } from './install.ts';
import { NAMES } from './install-configuration.ts';
import { INSTALL_KEY, type InstallOrganization } from './organizations.ts';

/** How the databases of an install record a key of another provider than Vault. */
export interface RecordedKey {
  readonly keyRef: string;
  /** Id of its provider. */
  readonly provider: string;
  /** What the key wrapped, which only proofs look at. */
  readonly sample?: Buffer;
}

export interface RecordedKeys {
  readonly kind: string;
  /** Ids of providers of this kind. */
  readonly providers: readonly string[];
  readonly install: RecordedKey;
  readonly of: (organization: InstallOrganization) => RecordedKey;
  /** The version that records name. Default: none, as of providers without versions. */
  readonly version?: number;
  /** Records of an organization's key versions that differ from one in use, since the install was built. */
  readonly records?: (organization: InstallOrganization) => readonly Row[] | null;
}

/** Records providers, keyrings (by the slug of their organization) and key versions of an install that was built without any. */
export async function recordKeys(install: Install, keys: RecordedKeys): Promise<void> {
  const since = install.builtAt;
  const { version = null } = keys;
  const keyring = ({ keyRef, provider }: RecordedKey) => ({
    key_ref: keyRef,
    provider_id: provider,
    current_version: null,
    rotated_at: null,
    customer_managed: true,
  });
  await install.add(NAMES.installDatabase, {
    key_providers: keys.providers.map((id) => ({
      provider_id: id,
      organization_id: null,
      kind: keys.kind,
      settings: {},
      configured_at: since,
    })),
    keyrings: [
      {
        ...keyring(keys.install),
        keyring_id: INSTALL_KEY,
        organization_id: null,
        rotated_at: since,
        wrapped_sample: bytesOf(keys.install),
      },
      ...install.organizations.map((one) => ({
        ...keyring(keys.of(one)),
        keyring_id: one.slug,
        organization_id: one.id,
        wrapped_sample: null,
      })),
    ],
  });
  for (const one of install.organizations) {
    const key = keys.of(one);
    const active = {
      key_ref: key.keyRef,
      version,
      state: 'active',
      created_at: since,
      retired_at: null,
      wrapped_sample: bytesOf(key),
    };
    const records = keys.records?.(one) ?? [{}];
    await install.add(one.database, { key_versions: records.map((record) => ({ ...active, ...record })) });
  }
}

/** As PostgreSQL reads bytes. */
function bytesOf({ sample }: RecordedKey): string | null {
  return sample === undefined ? null : `\\x${sample.toString('hex')}`;
}
