import { isAbsolute, relative } from 'node:path';
import type { LocationConfig } from '../config/location-schema.ts';
import type { Config } from '../config/schema.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { kmsAliasName } from '../model/kms-alias.ts';
import { isAmazon } from '../model/s3-service.ts';
import type { Subject } from '../model/subject.ts';
import type { Collection, Estate, OpenLocation } from './estate.ts';
import { attachmentOf } from './hosts/mounted-on.ts';
import { parseKmsArn } from './keys/kms-arn.ts';
import { kmsProviderOf } from './keys/kms-provider-of.ts';

export type Need = Facts['custody']['needs'][number];
export type Holder = Need['heldBy'][number];
/** A location, or a live bucket. */
type Storage = LocationConfig | ({ readonly kind: 's3' } & Config['stores']['s3'][number]);
export type OtherProviders = Pick<Estate, 'providers'>;

const NO_PLACE = { key: null, account: null, region: null } as const;

/**
 * What opens what lies in a location: the key of its bucket's default encryption, what the configuration states, and
 * the passphrase of a repository. Objects may be encrypted with another key: which, snapshots of Vault tell by themselves.
 *
 * @param encryption what was asked about the encryption of the location
 */
export function locationCustody(
  collection: Collection,
  estate: OtherProviders,
  { config, subject }: OpenLocation,
  encryption: AnyEvidence | undefined,
): AnyEvidence {
  const stated = config.encryptedBy;
  const passphrase = passphraseOf(collection, config);
  const needs: Need[] = [
    ...(stated === undefined
      ? []
      : [
          {
            what: 'encryption-key',
            heldBy: [statedKey(stated)],
            origin: 'stated',
            ...(holdsSingleFiles(config) ? { perObject: true as const } : {}),
          } satisfies Need,
        ]),
    ...bucketKey(estate, config, encryption),
    ...(passphrase === null ? [] : [passphrase]),
  ];
  const isStated = needs.some(({ origin }) => origin === 'stated');
  return collection.asker.record(
    {
      kind: 'custody',
      subject,
      source: `location ${config.name}`,
      operation: `${encryption?.operation ?? 'kind of location'}${isStated ? ' and configuration' : ''}`,
      locator: encryption?.locator ?? config.name,
      grade: isStated ? 'declared' : 'observed',
    },
    { items: [{ needs }], blindSpot: encryption?.blindSpot ?? null },
  );
}

/** What tells of the keys of a live bucket: its entry in the configuration, and what it answered. */
export interface AskedBucket {
  readonly access: Config['stores']['s3'][number];
  readonly subject: Subject;
  readonly source: string;
  /** What was asked about the encryption of the bucket. */
  readonly encryption: Extract<AnyEvidence, { readonly kind: 'store-encryption' }>;
}

/** Keys without which the files in a live bucket cannot be read: that of its default encryption, and what is stated. */
export function storeCustody(
  { asker }: Pick<Collection, 'asker'>,
  estate: OtherProviders,
  { access, subject, source, encryption }: AskedBucket,
): Extract<AnyEvidence, { readonly kind: 'custody' }> {
  const stated = access.encryptedBy;
  const needs: Need[] = [
    ...(stated === undefined
      ? []
      : [{ what: 'encryption-key', heldBy: [statedKey(stated)], origin: 'stated' } satisfies Need]),
    ...bucketKey(estate, { ...access, kind: 's3' }, encryption),
  ];
  // A service that knows no such setting encrypts with no key of a key service because of it.
  const blindSpot = encryption.blindSpot?.reason === 'unsupported' ? null : encryption.blindSpot;
  return asker.record(
    {
      kind: 'custody',
      subject,
      source,
      operation: `${encryption.operation}${stated === undefined ? '' : ' and configuration'}`,
      locator: encryption.locator,
      grade: stated === undefined ? 'observed' : 'declared',
    },
    { items: [{ needs }], blindSpot },
  );
}

/** What is not asked about a provider or location that could not be opened is not known of it either. */
export function unknownCustody(
  { asker }: Pick<Collection, 'asker'>,
  subject: Subject,
  source: string,
  blindSpot: BlindSpot,
): AnyEvidence {
  return asker.record(
    { kind: 'custody', subject, source, operation: 'none', locator: 'not configured' },
    { items: [], blindSpot },
  );
}

/** Who is stated to hold a key. */
export function statedKey(holder: NonNullable<LocationConfig['encryptedBy']>): Holder {
  const key = holder.key ?? null;
  return 'provider' in holder
    ? { ...NO_PLACE, kind: 'provider', name: holder.provider, key }
    : { ...NO_PLACE, kind: 'outside', name: holder.outside, key };
}

/** Tools that put what they back up into objects which later backups of theirs share, or write anew. */
const REPOSITORIES: ReadonlySet<string> = new Set(['restic', 'borg', 'pgbackrest', 'barman', 'wal-g']);

/** Whether a location is a bucket whose objects are each a file of its own: of other storage one key may be for all that lies there. */
function holdsSingleFiles({ kind, purposes }: LocationConfig): boolean {
  return kind === 's3' && !purposes.some((purpose) => REPOSITORIES.has(purpose));
}

/** The key of the bucket's default encryption. One that Amazon manages itself (aws/s3) is kept where the bucket is. */
function bucketKey(estate: OtherProviders, config: Storage, encryption: AnyEvidence | undefined): readonly Need[] {
  const told = encryption?.kind === 'store-encryption' ? encryption.items[0] : undefined;
  const heldBy = holdersOfStored(estate, config, told);
  return heldBy === null ? [] : [{ what: 'encryption-key', heldBy: [...heldBy], origin: 'observed' }];
}

/**
 * Who holds the key that a service encrypts with, in a bucket or one object of it: nobody where nobody tells, null where no
 * key of a key service is needed, or who holds it is stated.
 */
export function holdersOfStored(
  estate: OtherProviders,
  config: Storage,
  told: { readonly algorithm: string | null; readonly key?: string | null | undefined } | undefined,
): readonly Holder[] | null {
  if (config.kind !== 's3' || told === undefined || !(told.algorithm ?? '').startsWith('aws:kms')) return null;
  const atAmazon = isAmazon({ endpoint: config.endpoint ?? null, region: config.region });
  // Amazon's own key for S3 may be named by its alias as well, and is kept where the bucket is.
  const key = kmsAliasName(told.key ?? '') === MANAGED_ALIAS && atAmazon ? null : (told.key ?? null);
  if (key !== null && (atAmazon || parseKmsArn(key) !== null)) return [holderOfKmsKey(estate, key, config.region)];
  // Other services reach a key server of their own, which only their operator knows.
  return atAmazon || config.encryptedBy !== undefined ? null : [];
}

const MANAGED_ALIAS = 'alias/aws/s3';

/** The configured provider of the account and region in which a key of AWS KMS is, else the service there. */
export function holderOfKmsKey(estate: OtherProviders, key: string, region: string | null): Holder {
  const place = parseKmsArn(key);
  const found = kmsProviderOf(estate, key);
  if (found !== undefined) return { ...NO_PLACE, kind: 'provider', name: found.config.id, key };
  return { kind: 'service', name: 'AWS KMS', key, account: place?.account ?? null, region: place?.region ?? region };
}

/** Whether a repository here takes a passphrase, and who is known to have it. */
function passphraseOf(collection: Collection, config: LocationConfig): Need | null {
  const stated = config.passphraseKeptIn;
  if (stated !== undefined) return { what: 'passphrase', heldBy: stated.map(statedPlace), origin: 'stated' };
  const { pgbackrest, restic, borg, purposes } = config;
  const references = [pgbackrest?.passphrase, restic?.password, borg?.passphrase].filter((one) => one !== undefined);
  if (references.length === 0 && !purposes.includes('restic')) return null;
  return { what: 'passphrase', heldBy: references.flatMap((one) => fileHolder(collection, one)), origin: 'observed' };
}

type StatedPlace = NonNullable<LocationConfig['passphraseKeptIn']>[number];

function statedPlace(place: StatedPlace): Holder {
  if ('provider' in place) return { ...NO_PLACE, kind: 'provider', name: place.provider };
  if ('location' in place) return { ...NO_PLACE, kind: 'location', name: place.location };
  if ('host' in place) return { ...NO_PLACE, kind: 'host', name: place.host };
  return { ...NO_PLACE, kind: 'outside', name: place.outside };
}

/** Where the file of a secret lies, if that tells: openly in a location, or on a disk of the install host. */
function fileHolder({ config }: Collection, reference: string): readonly Holder[] {
  if (!reference.startsWith('file:') || !config.install.collectorRunsHere) return [];
  const file = reference.slice('file:'.length);
  // A relative path is seen from the configuration file, which may lie anywhere.
  if (!isAbsolute(file)) return [];
  const location = config.locations.find((one) => one.kind === 'directory' && isBelow(file, one.path));
  if (location !== undefined) return [{ ...NO_PLACE, kind: 'place', name: location.name }];
  return attachmentOf(file) === 'local' ? [{ ...NO_PLACE, kind: 'host', name: config.install.host }] : [];
}

function isBelow(file: string, directory: string): boolean {
  const path = relative(directory, file);
  return path !== '' && path.split('/')[0] !== '..';
}
