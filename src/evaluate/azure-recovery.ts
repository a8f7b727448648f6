import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import type { Statement } from '../model/statements.ts';
import { counted, instantText } from '../model/text.ts';
import { judged } from './define-control.ts';
import { missingNamedKeyText } from './named-key.ts';

/**
 * What KEY-5 asks of Azure. A vault is Microsoft's to keep, as long as the account is there. A Managed HSM is restored
 * from its security domain and a full backup, both of which only its owner can take (Microsoft Learn, "Managed HSM
 * disaster recovery"). A key of either comes back after a deletion by soft delete and purge protection.
 */

const SECURITY_DOMAIN = 'security-domain-backed-up' satisfies Statement;
/** A full backup of a Managed HSM is its maker's way of exporting all keys, as backups of its keys are of a vault. */
export const EXPORTED = 'hsm-vendor-export-done' satisfies Statement;
export const AZURE_STATEMENTS = [SECURITY_DOMAIN, EXPORTED] as const;

export function judgeAzureProvider(
  provider: Observation<'provider-state'>,
  attested: readonly Observation<'declaration'>[],
): Judgement {
  const { service } = provider.value;
  if (service === undefined)
    return judged('unknown', 'it does not tell whether it is a vault or a Managed HSM', [provider]);
  if (service === 'key-vault') return judged('holds', 'the vault answers, and Microsoft keeps the service', [provider]);
  const [domain, backup] = AZURE_STATEMENTS.map((statement) =>
    attested.find(({ value }) => value.statement === statement),
  );
  const missing = [
    ...(domain === undefined ? ['its security domain was downloaded and is kept'] : []),
    ...(backup === undefined ? ['a full backup of it is kept'] : []),
  ];
  if (domain === undefined || backup === undefined) {
    return judged('fails', `nobody attests that ${missing.join(', nor that ')}`, [provider]);
  }
  const text = `${domain.value.owner} attests its security domain, and ${backup.value.owner} a full backup`;
  return judged('holds', text, [provider, domain, backup]);
}

/**
 * Adds what the resource of a vault says of deleting it and its keys, and of who reaches it. Nothing is judged by it: whether
 * a key can be brought back, the key itself tells.
 */
export function withResource(judgement: Judgement, resource: Observation<'vault-resource'> | undefined): Judgement {
  if (resource === undefined) return judgement;
  return {
    ...judgement,
    because: `${judgement.because}${resourceText(resource.value)}`,
    cites: [...judgement.cites, resource],
  };
}

function resourceText(resource: Facts['vault-resource']): string {
  const { softDelete, purgeProtected, retentionDays, publicNetwork, defaultAction, networkRules } = resource;
  const days = retentionDays === null ? '' : ` for ${counted(retentionDays, 'day')}`;
  const said = [
    ...(softDelete === null ? [] : [softDelete ? `soft delete${days}` : 'no soft delete']),
    ...(purgeProtected === null ? [] : [purgeProtected ? 'purge protection' : 'no purge protection']),
    ...(publicNetwork === false ? ['closed to public networks'] : []),
    ...(publicNetwork === false || defaultAction === null
      ? []
      : [
          defaultAction === 'allow'
            ? 'open to every network'
            : `open to ${counted(networkRules ?? 0, 'network rule')} alone`,
        ]),
  ];
  return said.length === 0 ? '; its resource tells nothing of deleting it' : `; its resource has ${said.join(', ')}`;
}

export function judgeAzureKey(key: Observation<'key-state'> | undefined): Judgement {
  if (key === undefined) return judged('unknown', 'the provider did not show the key');
  const { state, deletionDate, recovery } = key.value;
  if (state === 'missing') return judged('fails', `the key ${missingNamedKeyText(key.value)}`, [key]);
  if (state === 'pending-deletion') {
    const due = key.value.isPurgeOverdue === true ? ', was to be gone for good on' : ', for good on';
    const still = key.value.isPurgeOverdue === true ? ', and is still shown among the deleted keys' : '';
    const when = deletionDate === null ? '' : `${due} ${instantText(deletionDate)}${still}`;
    return judged('fails', `the key was deleted${when}`, [key]);
  }
  const level = recovery?.level ?? null;
  if (recovery === undefined || level === null) {
    return judged('unknown', 'the provider does not tell whether a deleted key can be recovered', [key]);
  }
  const { softDelete, purgeProtected, days } = recovery;
  if (softDelete === null || purgeProtected === null) {
    return judged('unknown', `the provider tells of its recovery what is not known here (${level.slice(0, 60)})`, [
      key,
    ]);
  }
  if (!softDelete) return judged('fails', `a deleted key is gone at once (${level})`, [key]);
  if (!purgeProtected) {
    return judged('fails', `a deleted key can be purged at once: there is no purge protection (${level})`, [key]);
  }
  const kept = days === null ? '' : ` for ${days} days`;
  return judged('holds', `a deleted key can be recovered${kept}, and nobody can purge it before (${level})`, [key]);
}
