/** The resource of a vault or Managed HSM, as the management plane of Azure names it. */
export interface AzureResourceId {
  /** A GUID in lower case. */
  readonly subscription: string;
  readonly group: string;
  readonly type: 'vaults' | 'managedHSMs';
  readonly name: string;
}

const PATTERN =
  /^\/subscriptions\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\/resourceGroups\/([\w().-]{1,90})\/providers\/Microsoft\.KeyVault\/(vaults|managedHSMs)\/([a-z0-9-]{3,24})\/?$/i;

/**
 * The parts of a resource's id, whose words have no case; null for other texts.
 * Source: Azure Resource Manager, "Naming rules and restrictions for Azure resources" (Microsoft.KeyVault, Microsoft.Resources).
 */
export function parseAzureResourceId(text: string): AzureResourceId | null {
  const [, subscription, group, type, name] = PATTERN.exec(text) ?? [];
  if (subscription === undefined || group === undefined || type === undefined || name === undefined) return null;
  // A segment of dots alone is another path once a URL is made of it.
  if (/^\.+$/.test(group)) return null;
  return {
    subscription: subscription.toLowerCase(),
    group,
    type: type.toLowerCase() === 'vaults' ? 'vaults' : 'managedHSMs',
    name: name.toLowerCase(),
  };
}
