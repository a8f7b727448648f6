import type { AnyEvidence } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Question } from '../ask.ts';
import type { Collection } from '../estate.ts';
import { type Blind, isBlind } from './bucket-questions.ts';
import type { S3StoreReading } from './s3-store.ts';

/** Whatever records of one bucket have in common. */
export type BucketQuestion = Pick<Question<'store-versioning'>, 'subject' | 'source' | 'locator'>;

/**
 * Whether a bucket keeps changed objects, whether and how long it locks each by default, and whether it encrypts them.
 *
 * @param seen what objects in it say of their own locks; null where none was asked
 */
export function protectionEvidence(
  collection: Collection,
  question: BucketQuestion,
  { versioning, objectLock, encryption }: Pick<S3StoreReading, 'versioning' | 'objectLock' | 'encryption'>,
  seen: Facts['store-object-lock']['seen'] | null = null,
): readonly AnyEvidence[] {
  const { asker } = collection;
  return [
    asker.record(
      { kind: 'store-versioning', ...question, operation: 's3:GetBucketVersioning' },
      isBlind(versioning) ? blindAnswer(collection, versioning) : { items: [{ state: versioning }] },
    ),
    asker.record(
      { kind: 'store-object-lock', ...question, operation: 's3:GetObjectLockConfiguration' },
      isBlind(objectLock)
        ? blindAnswer(collection, objectLock)
        : {
            items: [
              objectLock === 'off'
                ? { enabled: false, mode: null, days: null }
                : {
                    enabled: true,
                    mode: objectLock.defaultRetention?.mode ?? null,
                    days: objectLock.defaultRetention?.days ?? null,
                    ...(seen === null ? {} : { seen }),
                  },
            ],
          },
    ),
    asker.record(
      { kind: 'store-encryption', ...question, operation: 's3:GetBucketEncryption' },
      isBlind(encryption)
        ? blindAnswer(collection, encryption)
        : {
            items: [
              encryption === 'none'
                ? { byDefault: 'no', algorithm: null }
                : { byDefault: 'yes', algorithm: encryption.algorithm, key: encryption.key },
            ],
          },
    ),
  ];
}

export function blindAnswer({ asker }: Pick<Collection, 'asker'>, value: Blind) {
  return { items: [], blindSpot: asker.blindSpotOf(value.blind, 'the bucket') };
}
