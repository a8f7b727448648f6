import type { Facts } from '../../model/facts.ts';
import { kmsAliasName } from '../../model/kms-alias.ts';
import { kmsKeyState } from '../../model/kms-key-states.ts';
import { SourceError } from '../../model/source-error.ts';
import {
  type KmsAccountReading,
  type KmsAlias,
  type KmsKeyPresent,
  type KmsKeyReading,
  type KmsRotationReading,
  readKmsAccount,
  readKmsAliases,
  readKmsDestroyers,
  readKmsKey,
  readKmsRotation,
} from './aws-kms.ts';
import type { KeyProvider } from './key-provider.ts';
import type { KmsClient } from './kms-client.ts';
import { type KeyGrantee, readKmsGrants } from './kms-grants.ts';
import type { KeyDestroyer } from './kms-key-policy.ts';
import { proveKmsKey } from './kms-proof.ts';
import { askedOnce } from './shared-answers.ts';

/** AWS KMS in one region as a key provider. It keeps no numbered versions that a caller could ask about. */
export function kmsKeyProvider(id: string, client: KmsClient): KeyProvider {
  let account: KmsAccountReading | null = null;
  // Who asks before `state` did is no reason to take a key of another account for a missing one.
  const asked = askedOnce(async () => await client.callerAccount().catch(nothingTold));
  const ownAccount = async () => (account === null ? await asked('') : account.account);
  const described = askedOnce(async (keyRef) => await readKmsKey(client, keyRef, await ownAccount()));
  const present = async (keyRef: string): Promise<KmsKeyPresent | null> => {
    const reading = await described(keyRef);
    return reading.state === 'missing' ? null : reading;
  };
  const settingsOf = askedOnce(async (keyRef) => {
    const key = await present(keyRef);
    if (key === null) return [];
    const destroyers = await readKmsDestroyers(client, key, await ownAccount());
    // Who holds grants changes nothing about who may destroy the key.
    const grants = await readKmsGrants(client, key.keyId).catch(nothingTold);
    return [keySettings(key, destroyers, grants)];
  });
  const rotationOf = askedOnce(async (keyRef) => {
    const key = await present(keyRef);
    return key === null ? [] : [rotation(await readKmsRotation(client, key))];
  });
  const aliases = askedOnce(() => readKmsAliases(client));
  const aliasesOf = async ({ account, keyId }: KmsKeyPresent): Promise<readonly KmsAlias[] | null> => {
    const all = await aliases(account);
    return all === null ? null : (all.get(keyId) ?? []);
  };
  return {
    id,
    kind: 'aws-kms',
    locator: client.locator,
    operations: {
      state: 'kms:ListKeys, sts:GetCallerIdentity',
      key: 'kms:DescribeKey, kms:ListAliases',
      settings: 'kms:GetKeyPolicy, kms:ListGrants',
      rotation: 'kms:GetKeyRotationStatus, kms:ListKeyRotations',
      rights: 'none',
      names: 'kms:ListAliases',
    },
    async state() {
      account = await readKmsAccount(client);
      const { untold } = account;
      return {
        blindSpot: untold === null ? null : { reason: untold.reason, detail: untold.message, remedy: untold.remedy },
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
      const key = await described(keyRef);
      if (key.state === 'missing') return { items: [keyState(key, null, keyRef)] };
      try {
        const known = key.account === (await ownAccount()) ? await aliasesOf(key) : null;
        return { items: [keyState(key, known, keyRef)] };
      } catch (error) {
        // Names that point to it change nothing about a key that was described.
        if (!(error instanceof SourceError)) throw error;
        return { items: [keyState(key, null, keyRef)] };
      }
    },
    settings: async (keyRef) => ({ items: await settingsOf(keyRef) }),
    rotation: async (keyRef) => ({ items: await rotationOf(keyRef) }),
    async names() {
      const all = await aliases((await ownAccount()) ?? '');
      if (all === null) throw aliasesRefused(client);
      return [...all.values()].flat().map(({ name }) => name);
    },
    // Rights in IAM can be read only with more rights than an audit should hold.
    rights: () => null,
    prove: async (keyRef, version, sample) =>
      await proveKmsKey(client, { keyRef, version, sample }, await ownAccount()),
    observedDomain: () =>
      account === null || account.account === null
        ? null
        : { host: null, site: null, account: account.account, region: account.region, origin: 'observed' },
    clockOffsetMillis: () => client.clockOffsetMillis(),
    mountUuid: () => null,
    close: () => client.close(),
  };
}

function nothingTold(error: unknown): null {
  if (error instanceof SourceError) return null;
  throw error;
}

function aliasesRefused({ locator }: KmsClient): SourceError {
  return new SourceError(
    'unauthorized',
    `${locator}, ListAliases: access denied`,
    'Allow kms:ListAliases on the resource * in the IAM policy of the caller.',
  );
}

/** What the answer leaves out stays null. */
function keyState(reading: KmsKeyReading, aliases: readonly KmsAlias[] | null, keyRef: string): Facts['key-state'] {
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
      ...(kmsAliasName(keyRef) === null ? {} : { isLostAlias: true as const }),
    };
  }
  const key = reading as KmsKeyPresent;
  const askedName = kmsAliasName(keyRef);
  return {
    ...unversioned,
    state: kmsKeyState(key.state),
    ...(key.state === 'Creating' ? { isBeingMade: true as const } : {}),
    identity: key.arn,
    createdAt: key.createdAt,
    deletionDate: key.deletionDate,
    expiresAt: key.validTo,
    origin: key.origin,
    canDecrypt: key.usage === null ? null : key.usage === 'ENCRYPT_DECRYPT',
    // It matters where it is why the key is of no use.
    ...(key.usage === null || key.usage === 'ENCRYPT_DECRYPT' ? {} : { keyType: typeText(key) }),
    account: key.account,
    aliases: aliases === null ? null : aliases.map(({ name }) => name),
    ...(askedName === null ? {} : { aliasSetAt: aliases?.find(({ name }) => name === askedName)?.setAt ?? null }),
    replicas: key.replicas.length === 0 ? null : [...key.replicas],
  };
}

/** e.g. `HMAC_256 for GENERATE_VERIFY_MAC`: what an RSA key is good for, its usage alone tells. */
function typeText({ spec, usage }: KmsKeyPresent): string | null {
  return spec === null ? usage : `${spec} for ${usage}`;
}

function keySettings(
  key: KmsKeyPresent,
  destroyers: readonly KeyDestroyer[],
  grants: readonly KeyGrantee[] | null,
): Facts['key-settings'] {
  return {
    type: key.spec,
    deletionAllowed: null,
    plaintextBackupAllowed: null,
    exportable: null,
    account: key.account,
    destroyers: destroyers.map((one) => ({ ...one, actions: [...one.actions] })),
    grants: grants === null ? null : [...grants],
  };
}

function rotation(reading: KmsRotationReading): Facts['key-rotation'] {
  return { ...reading, rotatedAt: [...reading.rotatedAt] };
}
