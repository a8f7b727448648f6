import { describe, expect, test } from 'vitest';
import { readPolicy } from '../../../src/collect/stores/bucket-policy.ts';

const statement = (changes: object) => ({
  Effect: 'Allow',
  Principal: '*',
  Action: 's3:GetObject',
  Resource: 'arn:aws:s3:::files/*',
  ...changes,
});
const read = (prefix: string, ...statements: readonly object[]) =>
  readPolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'files', prefix)?.lets;

describe('a bucket policy', () => {
  test.each([
    ['a star', {}],
    ['a star for AWS, as MinIO writes it', { Principal: { AWS: ['*'] } }],
    ['everybody but some', { Principal: undefined, NotPrincipal: { AWS: 'arn:aws:iam::1:root' } }],
    ['a pattern around the prefix', { Resource: ['arn:aws:s3:::fi*'] }],
    ['a pattern inside the prefix', { Resource: 'arn:aws:s3:::files/acme/public/*' }],
    ['a listing of the bucket', { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::files' }],
    ['one object of the store', { Resource: 'arn:aws:s3:::files/acme/one' }],
    ['another partition', { Resource: 'arn:aws-cn:s3:::files/*' }],
    ['an empty condition', { Condition: {} }],
    ['resources that are not stated', { Resource: undefined }],
  ])('lets everybody in by %s', (_, changes) => {
    expect(read('acme/', statement(changes))).toBe('everybody');
  });

  test.each([
    ['what it denies', { Effect: 'Deny' }],
    ['a named account', { Principal: { AWS: 'arn:aws:iam::111122223333:root' } }],
    ['a service', { Principal: { Service: 'cloudtrail.amazonaws.com' } }],
    ['another prefix', { Resource: 'arn:aws:s3:::files/globex/*' }],
    ['another bucket', { Resource: 'arn:aws:s3:::others/*' }],
    ['one object of another prefix', { Resource: 'arn:aws:s3:::files/globex/one' }],
  ])('lets nobody in by %s', (_, changes) => {
    expect(read('acme/', statement(changes))).toBe('nobody');
  });

  test('with a condition is told apart, unless another statement has none', () => {
    const narrow = statement({ Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } });
    expect(read('', narrow)).toBe('everybody-on-conditions');
    expect(read('', narrow, statement({}))).toBe('everybody');
    expect(read('')).toBe('nobody');
  });

  test('may hold a single statement, and is nothing where it is no policy', () => {
    expect(readPolicy(JSON.stringify({ Statement: statement({}) }), 'files', '')).toEqual({
      lets: 'everybody',
      detail: 's3:GetObject',
    });
    for (const text of ['', '[]', '{}', '{"Statement": 3}', 'null', '{"Statement":[{"Effect":1}]}']) {
      expect(readPolicy(text, 'files', '')).toBeNull();
    }
  });
});
