import type { Facts } from '../../model/facts.ts';
import { type KmsAccountReading, type KmsKeyReading, readKmsAccount, readKmsKey } from './aws-kms.ts';
import type { KeyProvider } from './key-provider.ts';
import type { KmsClient } from './kms-client.ts';
import { proveKmsKey } from './kms-proof.ts';

/** AWS KMS in one region as a key provider. It keeps no numbered versions that a caller could ask about. */
export function kmsKeyProvider(id: string, client: KmsClient): KeyProvider {
  let account: KmsAccountReading | null = null;
  return {
    id,
    kind: 'aws-kms',
    locator: client.locator,
    operations: { state: 'kms:ListKeys', key: 'kms:DescribeKey', rights: 'none' },
    async state() {
      account = await readKmsAccount(client);
      return {
        items: [
          {
            kind: 'aws-kms',
            initialized: null,
            sealed: null,
            version: null,
            clusterId: null,
            sealType: null,
            sealThreshold: null,
            sealShares: null,
            account: account.account,
            region: account.region,
            mounts: null,
            raftServers: null,
            raftAppliedIndex: null,
          },
        ],
      };
    },
    async key(keyRef) {
      return { items: [keyState(await readKmsKey(client, keyRef))] };
    },
    // Rights in IAM can be read only with more rights than an audit should hold.
    rights: () => null,
    prove: (keyRef, version, sample) => proveKmsKey(client, { keyRef, version, sample }),
    observedDomain: () =>
      account === null || account.account === null
        ? null
        : { host: null, site: null, account: account.account, region: account.region, origin: 'observed' },
    clockOffsetMillis: () => client.clockOffsetMillis(),
    mountUuid: () => null,
    close: () => client.close(),
  };
}

const STATES: Readonly<Record<string, Facts['key-state']['state']>> = {
  Enabled: 'enabled',
  // For some seconds after the primary of a multi-Region key changed; the key can be used meanwhile.
  Updating: 'enabled',
  Disabled: 'disabled',
  PendingDeletion: 'pending-deletion',
  PendingReplicaDeletion: 'pending-deletion',
  PendingImport: 'pending-import',
};

/**
 * Source of the states: AWS KMS Developer Guide, "Key states of AWS KMS keys" and, of Updating, "Change the primary key
 * in a set of multi-Region keys". Others, known or not, are not usable. What the answer leaves out stays null.
 */
function keyState(reading: KmsKeyReading): Facts['key-state'] {
  const unversioned = { latestVersion: null, minDecryptionVersion: null, minAvailableVersion: null, versions: null };
  if (reading.state === 'missing') {
    return {
      ...unversioned,
      state: 'missing',
      identity: null,
      createdAt: null,
      deletionDate: null,
      expiresAt: null,
      origin: null,
      canDecrypt: false,
    };
  }
  const key = reading as Exclude<KmsKeyReading, { readonly state: 'missing' }>;
  return {
    ...unversioned,
    state: STATES[key.state] ?? 'unavailable',
    identity: key.arn,
    createdAt: key.createdAt,
    deletionDate: key.deletionDate,
    expiresAt: key.validTo,
    origin: key.origin,
    canDecrypt: key.usage === null ? null : key.usage === 'ENCRYPT_DECRYPT',
  };
}
