import type { JudgeContext, Judgement, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { DAY, toMillis } from '../../model/instant.ts';
import type { Statement } from '../../model/statements.ts';
import { agedText } from '../../model/text.ts';
import { firstUse } from '../attested-since.ts';
import { AZURE_STATEMENTS, judgeAzureKey, judgeAzureProvider, withResource } from '../azure-recovery.ts';
import { allOf } from '../conclude.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { judgeHsm, judgeHsmKey } from '../hsm-recovery.ts';
import { AWS_KMS, AZURE, KEYRINGS, OWN_SNAPSHOTS, ownKeyring, PKCS11, VAULT } from '../key-needs.ts';
import { isRecent, judgeSnapshots, snapshotText } from '../key-snapshots.ts';
import { CUSTODY_STATEMENTS, judgeKmsCustody } from '../kms-custody.ts';
import { notExpectedYet, OWNER } from '../still-provisioned.ts';

const EXPORT: Statement = 'hsm-vendor-export-done';
const EXPORT_OPTIONS = { leastGrade: 'declared', statements: [EXPORT] } as const;
const PROVIDER_NEEDS = {
  ...OWN_SNAPSHOTS,
  snapshots: need('provider-snapshot', 'self', 'more-helps'),
  azure: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: AZURE_STATEMENTS }),
  peers: need('provider-peer', 'self', 'more-helps'),
  exports: need('declaration', 'self', 'more-helps', EXPORT_OPTIONS),
  resource: need('vault-resource', 'self', 'either'),
} as const;
const KEYRING_KIND_NEEDS = { organizations: OWNER, keyrings: KEYRINGS } as const;
const KEYRING_NEEDS = {
  keyrings: KEYRINGS,
  states: need('key-state', 'self', 'either'),
  attested: need('declaration', 'self', 'more-helps', {
    leastGrade: 'declared',
    statements: CUSTODY_STATEMENTS,
  }),
  peers: need('key-peer', 'self', 'more-helps'),
  exports: need('declaration', 'self', 'more-helps', EXPORT_OPTIONS),
  /** Of the whole HSM. */
  exportsOfAll: need('declaration', 'provider', 'more-helps', EXPORT_OPTIONS),
  /** What a statement says of the key hangs on when it was made. */
  records: need('key-version', 'organization', 'more-helps'),
  rotations: need('key-rotation', 'self', 'either'),
} as const;
const HSM_NEED_NAMES = ['peers', 'exports', 'exportsOfAll'] as const;

/** KEY-5: what is needed to bring the key provider, and keys that it holds alone, back after its own loss. */
export const key5 = defineControl({
  id: 'KEY-5',
  title: 'The key provider can be recovered',
  failureTitle: 'The key provider could not be recovered',
  severity: 'critical',
  bears: 'recovery',
  subject: ['provider', 'keyring'],
  rationale: 'If the provider is lost and cannot be restored, every backup encrypted under its keys is lost with it.',
  remediation:
    'Vault: take a snapshot at least weekly and keep it on another host: vault operator raft snapshot save FILE; where it stores in Consul: consul snapshot save FILE; where it stores in files: stop it, and copy its directory with the times of its files. AWS KMS: cancel a pending deletion (aws kms cancel-key-deletion --key-id KEY); keep imported key material outside AWS and attest it as imported-key-material-kept; keep a backup of what stands behind a custom key store and attest it as hsm-vendor-export-done. HSM: declare the token that holds the same keys as its peer (providers, peer) and bring every key there, or export the keys by the method of its maker and attest that as hsm-vendor-export-done. Azure: recover a deleted key (az keyvault key recover --id KEY) and switch purge protection on (az keyvault update --name VAULT --enable-purge-protection true; of a Managed HSM: az keyvault update-hsm). Managed HSM: download the security domain (az keyvault security-domain download), take a full backup (az keyvault backup start), and attest them as security-domain-backed-up and hsm-vendor-export-done.',
  limits: ['snapshotMaxAgeDays', 'provisioningHours'],
  applies: [
    part({ name: 'any provider', onlyFor: 'provider', needs: {}, judge: () => judged('holds', 'it holds keys') }),
    part({
      name: 'keys are recovered one by one',
      onlyFor: 'keyring',
      needs: KEYRING_KIND_NEEDS,
      judge({ organizations, keyrings }: Observed<typeof KEYRING_KIND_NEEDS>, context) {
        const keyring = ownKeyring(keyrings, context);
        const awaited = keyring === undefined ? notExpectedYet(organizations, 'keyring', context) : null;
        if (awaited !== null) return awaited;
        const kind = keyring?.value.providerKind ?? null;
        if (keyring === undefined || kind === null) {
          return judged('unknown', 'no record tells which kind of provider holds the key');
        }
        if (kind === VAULT)
          return judged('fails', 'the key is recovered with its Vault, which is judged itself', [keyring]);
        return judged('holds', `the key is held by ${kind}`, [keyring]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'the provider can be restored',
      onlyFor: 'provider',
      needs: PROVIDER_NEEDS,
      judge(observed: Observed<typeof PROVIDER_NEEDS>, context) {
        return regardless(judgeProvider(observed, context), 'resource');
      },
    }),
    part({
      name: 'the key can be recovered',
      onlyFor: 'keyring',
      needs: KEYRING_NEEDS,
      judge(observed: Observed<typeof KEYRING_NEEDS>, context) {
        const kind = ownKeyring(observed.keyrings, context)?.value.providerKind ?? null;
        const first = firstUse(observed, context);
        if (kind === PKCS11)
          return regardless(judgeHsmKey(observed, first, context), 'states', 'attested', 'rotations');
        if (kind === AZURE) {
          return regardless(judgeAzureKey(observed.states[0]), 'attested', 'rotations', 'records', ...HSM_NEED_NAMES);
        }
        if (kind !== AWS_KMS) {
          return regardless(
            judged('unknown', `recovery of a key held by ${kind ?? 'a provider of unknown kind'} is not judged yet`),
            'attested',
            'rotations',
            'records',
            ...HSM_NEED_NAMES,
          );
        }
        return regardless(judgeKmsCustody(observed, first), ...HSM_NEED_NAMES);
      },
    }),
  ],
});

function judgeProvider(observed: Observed<typeof PROVIDER_NEEDS>, context: JudgeContext): Judgement {
  const provider = observed.providers[0];
  if (provider === undefined) return judged('unknown', 'it gave no answer about itself');
  const { kind, account } = provider.value;
  if (kind === VAULT) return regardless(judgeVault(observed, context), 'azure', 'peers', 'exports');
  if (kind === PKCS11) return regardless(judgeHsm(observed), 'snapshots', 'locationDomains', 'azure');
  const unused = ['snapshots', 'providerDomains', 'locationDomains', 'peers', 'exports'];
  if (kind === AZURE) {
    const judgement = judgeAzureProvider(provider, observed.azure);
    return regardless(withResource(judgement, observed.resource[0]), ...unused);
  }
  const others = [...unused, 'azure'];
  if (kind !== AWS_KMS) {
    const judgement = judged('unknown', `recovery of a provider of kind ${kind} is not judged yet`);
    return regardless(judgement, ...others);
  }
  const named = account === null ? 'the account' : `account ${account}`;
  return regardless(judged('holds', `${named} answers, and AWS keeps the service`, [provider]), ...others);
}

function judgeVault(observed: Observed<typeof PROVIDER_NEEDS>, context: JudgeContext): Judgement {
  const limit = context.limit('snapshotMaxAgeDays');
  const oldest = toMillis(context.asOf) - limit.value * DAY;
  const snapshots = judgeSnapshots(observed, context.policy.loss, context.asOf).map((snapshot) => {
    const recent = isRecent(snapshot, oldest);
    return { snapshot, recent, truth: allOf([snapshot.good, snapshot.apart, recent]) };
  });
  const best = snapshots.find((one) => one.truth === 'holds') ?? snapshots.find((one) => one.truth === 'unknown');
  if (best !== undefined) {
    const name = snapshotText(best.snapshot);
    const cites = [best.snapshot.observation];
    if (best.truth === 'holds')
      return judged('holds', `${name} is good and stands apart from the provider`, cites, limit);
    const why =
      best.snapshot.good === 'unknown'
        ? best.snapshot.goodBecause
        : best.recent === 'unknown'
          ? undatedText(best.snapshot.observation.value)
          : `it is not known whether it stands apart: state the failure domains of the provider and of location ${best.snapshot.observation.value.location}`;
    return judged('unknown', `${name}: ${why}`, cites, limit);
  }
  const newest = snapshots[0]?.snapshot;
  if (newest === undefined) return judged('fails', 'no snapshot of it was found in any configured location', [], limit);
  const taken = newest.observation.value.takenAt;
  const why =
    newest.good === 'fails'
      ? newest.goodBecause
      : newest.apart === 'fails'
        ? 'it lies in the failure domain of the provider itself'
        : newest.fromTheFuture
          ? 'it is dated in the future'
          : `it was taken ${taken === null ? 'at an unknown time' : agedText(taken, context.asOf)}, and ${limit.text} is the limit`;
  return judged(
    'fails',
    `no usable snapshot: the newest is ${snapshotText(newest)}: ${why}`,
    [newest.observation],
    limit,
  );
}

/** Why it is not known how old a snapshot is. */
function undatedText({ takenAt, storage }: Facts['provider-snapshot']): string {
  if (storage !== 'file') return 'it does not tell when it was taken';
  return takenAt === null
    ? 'its files bear about one time, which may be that of the copying'
    : 'Vault wrote nothing to it since, and whether it was copied later is not known';
}
