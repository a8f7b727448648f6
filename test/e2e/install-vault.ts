import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import type { VaultServer } from '../services/vault.ts';
import type { InstallVault } from './install-configuration.ts';
import { INSTALL_KEY, type InstallOrganization } from './organizations.ts';

const MOUNT = 'transit';
const MAX_OK = 299;

/** Makes the keys of an install in a Vault, and a token with exactly the policy that `recoverage permissions` prints. */
export async function prepareVault(
  vault: VaultServer,
  organizations: readonly InstallOrganization[],
): Promise<InstallVault> {
  const send = async (path: string, body: object): Promise<void> => {
    const { status } = await vault.request('POST', path, body);
    if (status > MAX_OK) throw new Error(`Vault answered ${status} to ${path}`);
  };
  await send(`sys/mounts/${MOUNT}`, { type: 'transit' });
  for (const key of [INSTALL_KEY, ...organizations.map((one) => one.keyRef)]) await send(`${MOUNT}/keys/${key}`, {});
  const token = await vault.createToken(vaultReadPolicy([MOUNT]));
  return {
    address: vault.address,
    token,
    mount: MOUNT,
    ...(vault.caFile === null ? {} : { caFile: vault.caFile }),
  };
}
