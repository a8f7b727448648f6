import { GetBucketLifecycleConfigurationCommand, type LifecycleRule } from '@aws-sdk/client-s3';
import type { Facts } from '../../model/facts.ts';
import { toInstant } from '../../model/instant.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { type Blind, type BucketAsker, orAbsent } from './bucket-questions.ts';

export type LifecycleRuleFact = Facts['store-lifecycle'];

/**
 * The rules by which a bucket deletes and moves objects. Source: Amazon S3 API Reference,
 * GetBucketLifecycleConfiguration; the form without `Filter` is what older clients wrote.
 */
export async function readLifecycle(
  client: S3ReadClient,
  { place, sending, orBlind }: BucketAsker,
): Promise<readonly LifecycleRuleFact[] | Blind> {
  const answer = client.send(new GetBucketLifecycleConfigurationCommand(place), sending());
  return await orBlind(
    'GetBucketLifecycleConfiguration',
    orAbsent(answer, 'NoSuchLifecycleConfiguration').then((found) => (found?.Rules ?? []).map(ruleFact)),
  );
}

function ruleFact(rule: LifecycleRule): LifecycleRuleFact {
  const { Filter: filter, Expiration: expiration, NoncurrentVersionExpiration: noncurrent } = rule;
  const and = filter?.And;
  return {
    ruleId: rule.ID?.slice(0, LONGEST_NAME) ?? null,
    enabled: rule.Status === 'Enabled',
    prefix: and?.Prefix ?? filter?.Prefix ?? rule.Prefix ?? '',
    byTag: filter?.Tag !== undefined || (and?.Tags ?? []).length > 0,
    largerThan: and?.ObjectSizeGreaterThan ?? filter?.ObjectSizeGreaterThan ?? null,
    smallerThan: and?.ObjectSizeLessThan ?? filter?.ObjectSizeLessThan ?? null,
    expiresAfterDays: expiration?.Days ?? null,
    expiresOn: dayOf(expiration?.Date),
    noncurrentDays: noncurrent?.NoncurrentDays ?? null,
    noncurrentKept: noncurrent?.NewerNoncurrentVersions ?? null,
    transitions: (rule.Transitions ?? []).map((one) => ({
      storageClass: String(one.StorageClass ?? 'another class').slice(0, 40),
      afterDays: one.Days ?? null,
      on: dayOf(one.Date),
    })),
  };
}

const LONGEST_NAME = 255;

function dayOf(date: Date | undefined): string | null {
  return date === undefined || Number.isNaN(date.getTime()) ? null : toInstant(date.getTime());
}
