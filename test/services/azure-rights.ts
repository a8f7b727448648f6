import { azureDataActions } from '../../src/collect/keys/azure-role.ts';

/*
 * What a token of the fixture may do: what the printed roles name, and nothing else. Which action a request takes is
 * Microsoft's word (Microsoft Learn, "Azure permissions for Security", "Managed HSM local RBAC built-in roles"), written
 * down here again, so that a wrong name in the role is refused as the real service would.
 */

const VAULT = 'Microsoft.KeyVault/vaults/keys';
const HSM = 'Microsoft.KeyVault/managedHsm/keys';

/** Actions by what is asked: of a vault and of a Managed HSM. */
const ACTIONS: readonly (readonly [request: RegExp, vault: string, hsm: string])[] = [
  [/^GET \/keys(\/|$)/, `${VAULT}/read`, `${HSM}/read/action`],
  [/^GET \/deletedkeys\//, `${VAULT}/read`, `${HSM}/deletedKeys/read/action`],
  [/^POST \/keys\/[^/]+\/[^/]+\/unwrapkey$/, `${VAULT}/unwrap/action`, `${HSM}/unwrap/action`],
  [/^POST \/keys\/[^/]+\/[^/]+\/decrypt$/, `${VAULT}/decrypt/action`, `${HSM}/decrypt/action`],
  [/^POST \/keys\/[^/]+\/create$/, `${VAULT}/create/action`, `${HSM}/create`],
  [/^POST \/keys\/[^/]+\/backup$/, `${VAULT}/backup/action`, `${HSM}/backup/action`],
  [/^PATCH \/keys\//, `${VAULT}/update/action`, `${HSM}/write/action`],
  [/^DELETE \/keys\//, `${VAULT}/delete`, `${HSM}/delete`],
  [/^DELETE \/deletedkeys\//, `${VAULT}/purge/action`, `${HSM}/deletedKeys/delete`],
];

const GRANTED: ReadonlySet<string> = new Set(
  (['key-vault', 'managed-hsm'] as const).flatMap((service) =>
    (['unwrapKey', 'decrypt'] as const).flatMap((prove) => azureDataActions(service, prove)),
  ),
);

/** Whether the printed roles allow a request to the vault or Managed HSM of that host. */
export function isGranted({
  host,
  method,
  path,
}: {
  readonly host: string;
  readonly method: string;
  readonly path: string;
}) {
  const found = ACTIONS.find(([request]) => request.test(`${method} ${path}`));
  if (found === undefined) return false;
  const [, vault, hsm] = found;
  return GRANTED.has(host.includes('.managedhsm.') ? hsm : vault);
}
