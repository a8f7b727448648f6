/**
 * The only operations that are ever sent to an S3 service; none changes anything. `action` is what IAM must allow for
 * it, `on` what that right is given for. Source: Amazon S3 API Reference, version 2006-03-01; Service Authorization
 * Reference, "Actions, resources, and condition keys for Amazon S3". *live-bucket*: asked of buckets with live files
 * only.
 */
export const S3_READ_OPERATIONS = {
  ListObjectsV2: { action: 's3:ListBucket', on: 'listing', purpose: 'which backups there are' },
  HeadBucket: { action: 's3:ListBucket', on: 'listing', purpose: 'whether the bucket answers' },
  GetObject: { action: 's3:GetObject', on: 'objects', purpose: 'what is inside a backup' },
  HeadObject: { action: 's3:GetObject', on: 'objects', purpose: 'size and lock of a backup' },
  GetObjectRetention: {
    action: 's3:GetObjectRetention',
    on: 'objects',
    purpose: 'whether single files are locked, of which a service is silent to those who may not ask',
  },
  GetObjectLegalHold: {
    action: 's3:GetObjectLegalHold',
    on: 'objects',
    purpose: 'whether single files are held, of which a service is silent to those who may not ask',
  },
  GetBucketVersioning: { action: 's3:GetBucketVersioning', on: 'bucket', purpose: 'whether deleted objects are kept' },
  GetObjectLockConfiguration: {
    action: 's3:GetBucketObjectLockConfiguration',
    on: 'bucket',
    purpose: 'whether objects are locked',
  },
  GetBucketEncryption: {
    action: 's3:GetEncryptionConfiguration',
    on: 'bucket',
    purpose: 'whether objects are encrypted by default',
  },
  GetBucketReplication: {
    action: 's3:GetReplicationConfiguration',
    on: 'bucket',
    purpose: 'where objects are copied to',
  },
  GetBucketLocation: { action: 's3:GetBucketLocation', on: 'bucket', purpose: 'the region of the bucket' },
  GetBucketLifecycleConfiguration: {
    action: 's3:GetLifecycleConfiguration',
    on: 'bucket',
    purpose:
      'whether rules delete copies or live files after some time, also in a bucket that live files are copied to',
  },
  GetPublicAccessBlock: {
    action: 's3:GetBucketPublicAccessBlock',
    on: 'live-bucket',
    purpose: 'whether public access is blocked',
  },
  GetBucketPolicyStatus: {
    action: 's3:GetBucketPolicyStatus',
    on: 'live-bucket',
    purpose: 'whether the service calls the bucket public',
  },
  GetBucketPolicy: {
    action: 's3:GetBucketPolicy',
    on: 'live-bucket',
    purpose: 'whether its policy lets everybody in, as services may call a public bucket private',
  },
  GetBucketAcl: { action: 's3:GetBucketAcl', on: 'live-bucket', purpose: 'whether its access list lets everybody in' },
} as const;

export type S3Operation = keyof typeof S3_READ_OPERATIONS;

/**
 * What the bucket is to the install: a place of copies, or the live store of files, of which more is asked. *live-elsewhere*:
 * a live store at another service than Amazon's.
 */
export type BucketUse = 'copies' | 'live' | 'live-elsewhere';

/** Actions that MinIO does not know: it refuses a policy that names one, and answers those questions without them. */
export const OFTEN_UNKNOWN: readonly string[] = ['s3:GetBucketAcl', 's3:GetBucketPublicAccessBlock'];

/**
 * The least IAM policy (JSON) under which {@link S3_READ_OPERATIONS} answer for what lies under a prefix of a bucket.
 * With a prefix, listing is allowed below it only; then AWS refuses HeadBucket, which names none.
 */
export function s3ReadPolicy(bucket: string, prefix: string, use: BucketUse): string {
  const operations = Object.values(S3_READ_OPERATIONS);
  const actions = (on: string) => [...new Set(operations.filter((one) => one.on === on).map((one) => one.action))];
  const arn = `arn:aws:s3:::${literal(bucket)}`;
  const pattern = `${literal(prefix)}*`;
  const below = prefix === '' ? {} : { Condition: { StringLike: { 's3:prefix': [pattern] } } };
  const ofLive = actions('live-bucket').filter((action) => use === 'live' || !OFTEN_UNKNOWN.includes(action));
  const onBucket = [...actions('bucket'), ...(use === 'copies' ? [] : ofLive)];
  const statements = [
    { Sid: 'RecoverageListsBackups', Effect: 'Allow', Action: actions('listing'), Resource: arn, ...below },
    { Sid: 'RecoverageReadsBackups', Effect: 'Allow', Action: actions('objects'), Resource: `${arn}/${pattern}` },
    { Sid: 'RecoverageReadsTheBucket', Effect: 'Allow', Action: onBucket, Resource: arn },
  ];
  return `${JSON.stringify({ Version: '2012-10-17', Statement: statements }, null, 2)}\n`;
}

/** Characters with a meaning in a policy's patterns, as the policy variables that stand for themselves (IAM User Guide). */
function literal(text: string): string {
  return text.replace(/[*?$]/g, (special) => `\${${special}}`);
}
