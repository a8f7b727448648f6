import {
  GetBucketAclCommand,
  GetBucketPolicyCommand,
  GetBucketPolicyStatusCommand,
  GetPublicAccessBlockCommand,
  type Grant,
} from '@aws-sdk/client-s3';
import type { Facts } from '../../model/facts.ts';
import { SourceError } from '../../model/source-error.ts';
import type { S3ReadClient } from '../trees/s3-client.ts';
import { type Blind, type BucketAsker, isBlind, orAbsent } from './bucket-questions.ts';

/** What tells whether everybody gets at a bucket. Each is known or blind for itself. */
export interface BucketAccessReading {
  readonly block: Facts['store-access-block'] | Blind;
  readonly acl: Facts['store-acl'] | Blind;
  /** Whether the service calls it public. */
  readonly calledPublic: boolean | Blind;
  /** Text of its policy; null where it has none. */
  readonly policy: string | null | Blind;
}

/** Source: Amazon S3 API Reference; Amazon S3 User Guide, "Blocking public access to your Amazon S3 storage". */
export async function readAccess(client: S3ReadClient, asker: BucketAsker): Promise<BucketAccessReading> {
  const { place, sending, orBlind } = asker;
  const block = client.send(new GetPublicAccessBlockCommand(place), sending());
  const acl = client.send(new GetBucketAclCommand(place), sending());
  const status = client.send(new GetBucketPolicyStatusCommand(place), sending());
  const policy = client.send(new GetBucketPolicyCommand(place), sending());
  const [blocked, granted, calledPublic, text] = await Promise.all([
    orBlind(
      'GetPublicAccessBlock',
      orAbsent(block, 'NoSuchPublicAccessBlockConfiguration').then((answer) => {
        const found = answer?.PublicAccessBlockConfiguration;
        return {
          offered: true,
          ignorePublicAcls: found?.IgnorePublicAcls === true,
          restrictPublicBuckets: found?.RestrictPublicBuckets === true,
          blockPublicAcls: found?.BlockPublicAcls === true,
          blockPublicPolicy: found?.BlockPublicPolicy === true,
        };
      }),
    ),
    orBlind(
      'GetBucketAcl',
      acl.then(({ Grants, Owner }) => {
        if (Grants === undefined && Owner === undefined) throw asker.failure('GetBucketAcl', null);
        return { everybody: publicGrants(Grants ?? []) };
      }),
    ),
    orBlind(
      'GetBucketPolicyStatus',
      orAbsent(status, 'NoSuchBucketPolicy').then((answer) => {
        if (answer === null) return false;
        if (answer.PolicyStatus?.IsPublic === undefined) throw asker.failure('GetBucketPolicyStatus', null);
        return answer.PolicyStatus.IsPublic;
      }),
    ),
    orBlind(
      'GetBucketPolicy',
      orAbsent(policy, 'NoSuchBucketPolicy').then((answer) => {
        if (answer === null) return null;
        if (answer.Policy === undefined) throw asker.failure('GetBucketPolicy', null);
        return answer.Policy;
      }),
    ),
  ]);
  return { block: withoutOperation(blocked), acl: granted, calledPublic, policy: text };
}

/** A service that lacks the operation blocks nothing by it, which is an answer. */
function withoutOperation(block: Facts['store-access-block'] | Blind): Facts['store-access-block'] | Blind {
  if (!isBlind(block) || block.blind.reason !== 'unsupported') return block;
  return {
    offered: false,
    ignorePublicAcls: false,
    restrictPublicBuckets: false,
    blockPublicAcls: false,
    blockPublicPolicy: false,
  };
}

/** Groups that hold everybody, and everybody with an account of any customer (Amazon S3 User Guide, "Access control list (ACL) overview"). */
const EVERYBODY = /\/groups\/global\/(?:AllUsers|AuthenticatedUsers)$/;

function publicGrants(grants: readonly Grant[]): string[] {
  const found = grants
    .filter(({ Grantee }) => EVERYBODY.test(Grantee?.URI ?? ''))
    .map(({ Permission }) => String(Permission ?? 'something').slice(0, 40));
  return [...new Set(found)].sort();
}

/** The policy was read and cannot be understood. */
export const STRANGE_POLICY = new SourceError(
  'malformed',
  'the policy of the bucket is of a form that is not known',
  'Look at it by hand: aws s3api get-bucket-policy --bucket BUCKET.',
);
