import type { KeyMetadata } from '@aws-sdk/client-kms';
import { type Instant, toInstant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import { isAwsDenied } from '../guard/aws-error.ts';
import { parseKmsArn } from './kms-arn.ts';
import type { KmsClient } from './kms-client.ts';
import { isKmsNotFound, kmsError } from './kms-error.ts';

/** An account that answered. */
export interface KmsAccountReading {
  /** Twelve digits; null where the account has no key in the region that would tell. */
  readonly account: string | null;
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
      /** Names that point to it, e.g. `alias/acme`; null where the caller may not list them. */
      readonly aliases: readonly string[] | null;
    };

/**
 * Whether the account answers in the region of the client.
 * @throws SourceError unreachable, unauthorized, timeout, malformed
 */
export async function readKmsAccount(client: KmsClient): Promise<KmsAccountReading> {
  const output = await client.listKeys(1).catch((error: unknown) => {
    throw kmsError(client, 'ListKeys', 'the account', error);
  });
  if (!Array.isArray(output.Keys)) throw kmsError(client, 'ListKeys', 'the account', null);
  return {
    account: parseKmsArn(output.Keys[0]?.KeyArn ?? '')?.account ?? null,
    region: client.region,
    clockOffsetMillis: client.clockOffsetMillis(),
  };
}

/**
 * `missing` only where KMS says so of a key that belongs to the region of the client. Of an alias it means that the alias points
 * nowhere: the key it once pointed to may exist still.
 * @param keyRef id, ARN, alias name (`alias/…`) or alias ARN
 * @throws SourceError unreachable, unauthorized with the action to allow, timeout, malformed, unsupported for an ARN of another region or an unknown state
 */
export async function readKmsKey(client: KmsClient, keyRef: string): Promise<KmsKeyReading> {
  const subject = keyRef.replace(/[^\x20-\x7e]/g, '?').slice(0, 300);
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
    aliases: await readAliases(client, metadata.KeyId),
  };
}

async function readAliases(client: KmsClient, keyId: string): Promise<readonly string[] | null> {
  try {
    const { Aliases = [] } = await client.listAliases(keyId);
    return Aliases.flatMap(({ AliasName }) => AliasName ?? []).sort();
  } catch (error) {
    if (isAwsDenied(error)) return null;
    throw kmsError(client, 'ListAliases', keyId, error);
  }
}

function instantOf(date: Date | undefined): Instant | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : toInstant(date.getTime());
}
