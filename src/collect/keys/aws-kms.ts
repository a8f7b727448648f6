import type { KeyMetadata, ListAliasesCommandOutput, ListKeyRotationsCommandOutput } from '@aws-sdk/client-kms';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { isAwsDenied, isAwsError } from '../guard/aws-error.ts';
import { parseKmsArn } from './kms-arn.ts';
import type { KmsClient } from './kms-client.ts';
import { isKmsNotFound, kmsError, notOfCaller, printable } from './kms-error.ts';
import { type KeyDestroyer, keyDestroyers } from './kms-key-policy.ts';

/** An account that answered. */
export interface KmsAccountReading {
  /** Twelve digits; null where neither AWS STS nor a key of the region told it. */
  readonly account: string | null;
  /** Why it is not known. */
  readonly untold: SourceError | null;
  readonly region: string;
  readonly clockOffsetMillis: number | null;
}

/** AWS KMS Developer Guide, "Key states of AWS KMS keys". */
const KEY_STATES = [
  'Creating',
  'Enabled',
  'Disabled',
  'PendingDeletion',
  'PendingImport',
  'PendingReplicaDeletion',
  'Unavailable',
  'Updating',
] as const;
export type KmsKeyState = (typeof KEY_STATES)[number];

/** A KMS key as DescribeKey describes it; never any key material. */
export type KmsKeyReading =
  | { readonly state: 'missing' }
  | {
      readonly state: KmsKeyState;
      /** The key itself, whatever alias was asked about. */
      readonly keyId: string;
      readonly arn: string;
      readonly account: string;
      readonly region: string;
      readonly createdAt: Instant | null;
      /** When the key will be gone, in state PendingDeletion only. */
      readonly deletionDate: Instant | null;
      /** `AWS_KMS`, `EXTERNAL` (imported material), `AWS_CLOUDHSM`, `EXTERNAL_KEY_STORE`; null where the answer leaves it out. */
      readonly origin: string | null;
      /** For imported material: `KEY_MATERIAL_EXPIRES` or `KEY_MATERIAL_DOES_NOT_EXPIRE`. */
      readonly expirationModel: string | null;
      /** When imported material expires. */
      readonly validTo: Instant | null;
      /** `CUSTOMER`, or `AWS` for a key that AWS manages and its owner cannot. */
      readonly keyManager: string;
      readonly multiRegion: boolean;
      /** e.g. `ENCRYPT_DECRYPT`; null where the answer leaves it out. */
      readonly usage: string | null;
      /** e.g. `SYMMETRIC_DEFAULT`; null where the answer leaves it out. */
      readonly spec: string | null;
      /** ARNs of the other keys of a multi-Region key, the primary among them. */
      readonly replicas: readonly string[];
    };

/** A KMS key that exists. */
export type KmsKeyPresent = Exclude<KmsKeyReading, { readonly state: 'missing' }>;

/** How a KMS key is rotated. */
export interface KmsRotationReading {
  readonly automatic: boolean | null;
  readonly periodDays: number | null;
  readonly nextAt: Instant | null;
  /** Past rotations, oldest first. */
  readonly rotatedAt: readonly Instant[];
  /** Of imported material: how many there are. */
  readonly importedMaterials: number | null;
}

/**
 * Whether KMS answers in the region of the client, and whose the credentials are: AWS STS tells that, and where it does not
 * answer, as in a network with a way to KMS alone, the ARN of any key that KMS lists.
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readKmsAccount(client: KmsClient): Promise<KmsAccountReading> {
  const output = await client.listKeys(1).catch((error: unknown) => {
    throw kmsError(client, 'ListKeys', 'the account', error);
  });
  if (!Array.isArray(output.Keys)) throw kmsError(client, 'ListKeys', 'the account', null);
  const reading = { region: client.region, clockOffsetMillis: client.clockOffsetMillis() };
  try {
    return { ...reading, account: await client.callerAccount(), untold: null };
  } catch (error) {
    if (!(error instanceof SourceError)) throw error;
    const account = parseKmsArn(output.Keys[0]?.KeyArn ?? '')?.account ?? null;
    return { ...reading, account, untold: account === null ? error : null };
  }
}

/**
 * `missing` only where KMS says so of a key that belongs to the region of the client and to the account of its credentials. Of
 * an alias it means that the alias points nowhere: the key it once pointed to may exist still.
 * @param keyRef id, ARN, alias name (`alias/…`) or alias ARN
 * @param ownAccount account of the credentials; null where it is not known
 * @throws SourceError unreachable, unauthorized with the action to allow, timeout, malformed, unsupported for an ARN of another region or an unknown state
 */
export async function readKmsKey(
  client: KmsClient,
  keyRef: string,
  ownAccount: string | null = null,
): Promise<KmsKeyReading> {
  const subject = printable(keyRef);
  const asked = keyRef.startsWith('arn:') ? parseKmsArn(keyRef) : null;
  if (keyRef.startsWith('arn:') && asked === null) {
    throw new SourceError(
      'malformed',
      `${subject} is not the ARN of a KMS key or alias`,
      'Check the reference of the key.',
    );
  }
  // KMS answers NotFoundException there too, which would read as a lost key.
  if (asked !== null && asked.region !== client.region) {
    throw new SourceError(
      'unsupported',
      `${subject} lies in another region than ${client.locator}`,
      `Set the region of the key provider to ${asked.region}.`,
    );
  }
  let metadata: KeyMetadata | undefined;
  try {
    metadata = (await client.describeKey(keyRef)).KeyMetadata;
  } catch (error) {
    if (isKmsNotFound(error) || isAwsDenied(error)) {
      const elsewhere = notOfCaller(client, 'DescribeKey', keyRef, ownAccount);
      if (elsewhere !== null && (ownAccount !== null || isKmsNotFound(error))) throw elsewhere;
    }
    if (isKmsNotFound(error)) return { state: 'missing' };
    throw kmsError(client, 'DescribeKey', subject, error);
  }
  const place = parseKmsArn(metadata?.Arn ?? '');
  const state = KEY_STATES.find((one) => one === metadata?.KeyState);
  if (!metadata?.KeyId || !metadata.Arn || !metadata.KeyState || place === null)
    throw kmsError(client, 'DescribeKey', subject, null);
  if (state === undefined) {
    throw new SourceError(
      'unsupported',
      `${subject} is in a state that is not known here (${metadata.KeyState.slice(0, 40)})`,
      'Look the state up in the documentation of AWS KMS, and update the tool.',
    );
  }
  return {
    state,
    keyId: metadata.KeyId,
    arn: metadata.Arn,
    account: place.account,
    region: place.region,
    createdAt: instantOf(metadata.CreationDate),
    deletionDate: instantOf(metadata.DeletionDate),
    origin: metadata.Origin ?? null,
    expirationModel: metadata.ExpirationModel ?? null,
    validTo: instantOf(metadata.ValidTo),
    keyManager: metadata.KeyManager ?? 'CUSTOMER',
    multiRegion: metadata.MultiRegion ?? false,
    usage: metadata.KeyUsage ?? null,
    spec: metadata.KeySpec ?? null,
    replicas: otherRegions(metadata),
  };
}

/** The keys of other regions that hold the same material; none where the key stands in one region. */
function otherRegions({ Arn, MultiRegionConfiguration }: KeyMetadata): readonly string[] {
  const { PrimaryKey, ReplicaKeys = [] } = MultiRegionConfiguration ?? {};
  return [...new Set([PrimaryKey, ...ReplicaKeys].flatMap((key) => key?.Arn ?? []))]
    .filter((arn) => arn !== Arn)
    .sort();
}

/** Pages of aliases that are read; more than AWS allows by default, 50 aliases a key and 100,000 keys, are not read by one audit. */
const MAX_ALIAS_PAGES = 1000;

/** A name that points to a key. */
export interface KmsAlias {
  /** With `alias/` before it. */
  readonly name: string;
  /** Since when it points to that key; null where the answer leaves it out, as of aliases of AWS itself. */
  readonly setAt: Instant | null;
}

/**
 * Aliases of all keys of the account in the region, by key id: one question for every hundred of them, and none for each
 * key. Null where the caller may not list them. `LastUpdatedDate` is when the alias was last pointed to a key, be it by
 * its creation (AWS KMS API Reference, "AliasListEntry").
 * @throws SourceError unreachable, timeout, malformed
 */
export async function readKmsAliases(client: KmsClient): Promise<ReadonlyMap<string, readonly KmsAlias[]> | null> {
  const byKey = new Map<string, KmsAlias[]>();
  let marker: string | null = null;
  for (let page = 0; page < MAX_ALIAS_PAGES; page += 1) {
    const output: ListAliasesCommandOutput | null = await client.listAliases(marker).catch((error: unknown) => {
      if (isAwsDenied(error)) return null;
      throw kmsError(client, 'ListAliases', 'the account', error);
    });
    if (output === null) return null;
    for (const { AliasName, TargetKeyId, CreationDate, LastUpdatedDate } of output.Aliases ?? []) {
      if (AliasName === undefined || TargetKeyId === undefined) continue;
      const alias = { name: AliasName, setAt: instantOf(LastUpdatedDate ?? CreationDate) };
      const known = byKey.get(TargetKeyId);
      if (known === undefined) byKey.set(TargetKeyId, [alias]);
      else known.push(alias);
    }
    if (output.Truncated !== true || output.NextMarker === undefined) return byKey;
    marker = output.NextMarker;
  }
  return null;
}

/**
 * Who may destroy a key, by its key policy.
 * @param ownAccount account of the credentials, where it is known: of another account's key the policy cannot be read
 * @throws SourceError unreachable, unauthorized, timeout, malformed, unsupported for a key of another account
 */
export async function readKmsDestroyers(
  client: KmsClient,
  key: KmsKeyPresent,
  ownAccount: string | null,
): Promise<readonly KeyDestroyer[]> {
  // AWS KMS API Reference, "GetKeyPolicy": Cross-account use: No.
  if (ownAccount !== null && key.account !== ownAccount) {
    throw new SourceError(
      'unsupported',
      `${client.locator}, GetKeyPolicy of ${key.arn}: AWS shows a key policy only to the account of the key, ${key.account}, and the credentials belong to ${ownAccount}`,
      `Configure a key provider with credentials of account ${key.account}.`,
    );
  }
  const { Policy } = await client.getKeyPolicy(key.keyId).catch((error: unknown) => {
    throw kmsError(client, 'GetKeyPolicy', key.arn, error);
  });
  return keyDestroyers(Policy ?? '', key.origin === 'EXTERNAL', key.arn);
}

/** Pages of rotations of one key that are read. */
const MAX_ROTATION_PAGES = 20;

/**
 * How a key is rotated. Only symmetric keys whose material AWS holds are (AWS KMS Developer Guide, "Rotating AWS KMS
 * keys"); others are not asked about.
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readKmsRotation(client: KmsClient, key: KmsKeyPresent): Promise<KmsRotationReading> {
  const imported = key.origin === 'EXTERNAL';
  const rotates = (key.origin === 'AWS_KMS' || imported) && (key.spec === null || key.spec === 'SYMMETRIC_DEFAULT');
  if (!rotates) return { automatic: false, periodDays: null, nextAt: null, rotatedAt: [], importedMaterials: null };
  const status = imported
    ? null
    : await client.getKeyRotationStatus(key.keyId).catch((error: unknown) => {
        if (isAwsError(error, 'UnsupportedOperationException', 'KMSInvalidStateException')) return null;
        throw kmsError(client, 'GetKeyRotationStatus', key.arn, error);
      });
  const rotatedAt: Instant[] = [];
  let materials = 0;
  let marker: string | null = null;
  for (let page = 0; page < MAX_ROTATION_PAGES; page += 1) {
    const output: ListKeyRotationsCommandOutput | null = await client
      .listKeyRotations(key.keyId, marker)
      .catch((error: unknown) => {
        if (isAwsError(error, 'UnsupportedOperationException', 'KMSInvalidStateException')) return null;
        throw kmsError(client, 'ListKeyRotations', key.arn, error);
      });
    for (const { RotationDate, KeyMaterialId } of output?.Rotations ?? []) {
      const at = instantOf(RotationDate);
      if (at !== null) rotatedAt.push(at);
      if (KeyMaterialId !== undefined) materials += 1;
    }
    if (output?.Truncated !== true || output.NextMarker === undefined) break;
    marker = output.NextMarker;
  }
  return {
    automatic: imported ? false : (status?.KeyRotationEnabled ?? null),
    periodDays: status?.RotationPeriodInDays ?? null,
    nextAt: instantOf(status?.NextRotationDate),
    rotatedAt: rotatedAt.sort(),
    importedMaterials: imported && materials > 0 ? materials : null,
  };
}

function instantOf(date: Date | undefined): Instant | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : toInstant(date.getTime());
}
