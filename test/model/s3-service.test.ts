import { describe, expect, test } from 'vitest';
import { isAmazon, mayBeSameService, s3Service } from '../../src/model/s3-service.ts';

const at = (endpoint: string | null, region: string | null = null) => s3Service({ endpoint, region });

describe('the service behind an endpoint', () => {
  test.each([
    null,
    '',
    'https://s3.amazonaws.com',
    's3.eu-central-1.amazonaws.com',
    'https://s3-eu-west-1.amazonaws.com/',
    'https://s3.dualstack.us-east-1.amazonaws.com',
    'https://s3-fips.us-east-2.amazonaws.com',
    'https://acme-files.s3.eu-central-1.amazonaws.com/acme',
    'https://bucket.vpce-1a2b3c4d.s3.us-east-1.vpce.amazonaws.com',
    'https://S3.Amazonaws.Com.:443',
  ])('%s is Amazon’s', (endpoint) => {
    expect(at(endpoint)).toBe('aws');
    expect(at(endpoint, 'eu-central-1')).toBe('aws');
    expect(isAmazon({ endpoint, region: null })).toBe(true);
  });

  test.each(['minio:9000', 'https://aws', 'https://s3.amazonaws.com.example'])('%s is not', (endpoint) => {
    expect(isAmazon({ endpoint, region: 'us-east-1' })).toBe(false);
  });

  test('the partitions of Amazon are services of their own', () => {
    expect(at('https://s3.cn-north-1.amazonaws.com.cn')).toBe('aws-cn');
    expect(at('acme.s3.cn-northwest-1.amazonaws.com.cn')).toBe('aws-cn');
    expect(at(null, 'cn-north-1')).toBe('aws-cn');
    expect(at('https://s3.us-gov-west-1.amazonaws.com')).toBe('aws-us-gov');
    expect(at('https://s3-us-gov-east-1.amazonaws.com')).toBe('aws-us-gov');
    expect(at(null, 'us-gov-west-1')).toBe('aws-us-gov');
  });

  test.each([
    'https://amazonaws.com.cn',
    'https://s3.amazonaws.com.example.org',
    'https://s3.amazonaws.com.cn.example.org',
    'https://nots3.amazonaws.org',
  ])('%s is not Amazon’s', (endpoint) => {
    expect(at(endpoint)).toBe(new URL(endpoint).hostname);
  });

  test('another service is its host and port', () => {
    const written = ['http://minio:9000', 'minio:9000', 'https://MINIO:9000/storage', 'https://minio.:9000'];
    expect(new Set(written.map((endpoint) => at(endpoint)))).toEqual(new Set(['minio:9000']));
    expect(at('minio:9001')).toBe('minio:9001');
    expect(at('https://minio:443')).toBe(at('http://minio:80'));
    expect(at('https://[2001:db8::1]:9000')).toBe('[2001:db8::1]:9000');
    expect(at('not a host')).toBe('not a host');
  });
});

test('a binding without an endpoint may be any configured bucket; else the services agree', () => {
  const amazon = { endpoint: null, region: 'eu-central-1' };
  const china = { endpoint: null, region: 'cn-north-1' };
  const own = { endpoint: 'https://minio:9000', region: 'us-east-1' };
  const binding = (endpoint: string | null) => ({ endpoint, region: null });
  for (const configured of [amazon, china, own]) expect(mayBeSameService(binding(null), configured)).toBe(true);
  expect(mayBeSameService(binding('s3.cn-north-1.amazonaws.com.cn'), china)).toBe(true);
  expect(mayBeSameService(binding('s3.cn-north-1.amazonaws.com.cn'), amazon)).toBe(false);
  expect(mayBeSameService(binding('minio:9000'), own)).toBe(true);
  expect(mayBeSameService(binding('storage:9000'), own)).toBe(false);
});
