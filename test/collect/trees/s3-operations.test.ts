import { describe, expect, it } from 'vitest';
import {
  type BucketUse,
  OFTEN_UNKNOWN,
  S3_READ_OPERATIONS,
  s3ReadPolicy,
} from '../../../src/collect/trees/s3-operations.ts';

describe('what is ever asked of S3', () => {
  it('only reads', () => {
    for (const [operation, { action }] of Object.entries(S3_READ_OPERATIONS)) {
      expect(operation).toMatch(/^(?:Get|Head|List)/);
      expect(action).toMatch(/^s3:(?:Get|List)/);
    }
  });

  it('is what the policy allows, no more and no less', () => {
    const allowed = (use: BucketUse) =>
      JSON.parse(s3ReadPolicy('backups', 'pg/', use))
        .Statement.flatMap((statement: { Action: string[] }) => statement.Action)
        .toSorted();
    const used = (all: readonly { readonly action: string }[]) =>
      [...new Set(all.map(({ action }) => action))].toSorted();
    const operations = Object.values(S3_READ_OPERATIONS);
    expect(allowed('live')).toEqual(used(operations));
    expect(allowed('live-elsewhere')).toEqual(allowed('live').filter((one: string) => !OFTEN_UNKNOWN.includes(one)));
    expect(allowed('copies')).toEqual(used(operations.filter(({ on }) => !on.startsWith('live-'))));
  });

  it('is limited to the prefix, whatever characters it has', () => {
    const { Statement } = JSON.parse(s3ReadPolicy('backups', 'a*?$/', 'copies'));
    const escaped = ['a', '{*}', '{?}', '{$}'].join('$');
    expect(Statement).toMatchObject([
      {
        Action: ['s3:ListBucket'],
        Resource: 'arn:aws:s3:::backups',
        Condition: { StringLike: { 's3:prefix': [`${escaped}/*`] } },
      },
      {
        Action: ['s3:GetObject', 's3:GetObjectRetention', 's3:GetObjectLegalHold'],
        Resource: `arn:aws:s3:::backups/${escaped}/*`,
      },
      { Resource: 'arn:aws:s3:::backups' },
    ]);
    expect(s3ReadPolicy('backups', '', 'copies')).not.toContain('Condition');
  });
});
