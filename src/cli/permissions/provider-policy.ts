import { STS_READ_OPERATIONS } from '../../collect/keys/kms-caller.ts';
import { kmsReadPolicy } from '../../collect/keys/kms-operations.ts';
import { pkcs11Rights } from '../../collect/keys/pkcs11-functions.ts';
import { isVaultMount, vaultReadPolicy } from '../../collect/keys/vault-requests.ts';
import type { Pkcs11AccessConfig, ProviderConfig, VaultLoginConfig } from '../../config/provider-schema.ts';
import { UsageError } from '../io.ts';
import { oneLine } from '../terminal-text.ts';
import { azurePolicy } from './azure-policy.ts';
import type { SourcePolicy } from './policy-text.ts';
import { shellWord } from './shell-word.ts';

/**
 * The policy of one key provider, from the list of requests that its client admits.
 *
 * @param keyArns ARNs of KMS keys; without any, all keys of the region are named
 * @param prove whether samples are unwrapped, too
 * @throws UsageError when a Vault mount is no path that a policy could name
 */
export function providerPolicy(provider: ProviderConfig, keyArns: readonly string[], prove = false): SourcePolicy {
  const source = { source: provider.id, kind: 'provider' } as const;
  const name = `source ${oneLine(provider.id)}`;
  switch (provider.kind) {
    case 'vault-transit':
      if (!isVaultMount(provider.mount)) {
        throw new UsageError(`provider ${oneLine(provider.id)}: mount is no path of a secrets engine. Correct it.`);
      }
      return {
        ...source,
        language: 'hcl',
        heading: [
          `${name}: Vault at ${oneLine(provider.address)}${provider.namespace === undefined ? '' : `, namespace ${oneLine(provider.namespace)}`}`,
          ...(prove ? ['Rewrapping shows no plaintext, and changes nothing that is stored.'] : []),
          tokenHint(provider.login),
        ],
        policy: vaultReadPolicy([provider.mount], { login: provider.login !== undefined, prove }),
      };
    case 'aws-kms': {
      const account = provider.failureDomain?.account ?? '*';
      const resources = keyArns.length > 0 ? keyArns : [`arn:aws:kms:${provider.region}:${account}:key/*`];
      return {
        ...source,
        language: 'json',
        heading: [
          `${name}: AWS KMS in ${provider.region}, an IAM policy for the user of its access key`,
          `It also asks AWS STS ${Object.keys(STS_READ_OPERATIONS).join(', ')}, which needs no permission.`,
          ...(prove ? ['kms:Decrypt lets its holder read whatever these keys wrap: give it for the run alone.'] : []),
          ...(keyArns.length > 0
            ? []
            : ['It allows to describe every key of the region: name the keys with --key-arn to narrow it.']),
        ],
        policy: kmsReadPolicy(resources, prove),
      };
    }
    case 'pkcs11':
      return {
        ...source,
        language: 'text',
        heading: [
          `${name}: ${tokenText(provider)}${provider.peer === undefined ? '' : `, and its peer: ${tokenText(provider.peer)}`}`,
          'For the administrator of the HSM: what the audit is to be given, and what it calls.',
          ...(prove ? ['Samples are unwrapped by the token itself, and never by its peer.'] : []),
        ],
        policy: pkcs11Rights(prove),
      };
    case 'azure-key-vault':
      return { ...source, ...azurePolicy(provider, name, prove) };
  }
}

function tokenText({
  tokenLabel,
  tokenSerial,
  module,
}: Pick<Pkcs11AccessConfig, 'tokenLabel' | 'tokenSerial' | 'module'>) {
  const names = [
    ...(tokenLabel === undefined ? [] : [oneLine(tokenLabel)]),
    ...(tokenSerial === undefined ? [] : [`serial ${oneLine(tokenSerial)}`]),
  ];
  return `token ${names.join(', ')} through ${oneLine(module)}`;
}

/** How the policy gets to the audit: with a token, or with the role that it logs in as. */
function tokenHint(login: VaultLoginConfig | undefined): string {
  const apply = 'Apply it with: vault policy write recoverage FILE; then:';
  if (login === undefined) return `${apply} vault token create -policy=recoverage -period=24h`;
  const name = 'role' in login && login.role !== undefined ? login.role : 'recoverage';
  const role = shellWord(oneLine(`auth/${login.mount}/role/${name}`));
  return `${apply} vault write ${role} token_policies=recoverage token_no_default_policy=true token_ttl=1h, beside what binds the role.`;
}
