import { describe, expect, test } from 'vitest';
import { file7 } from '../../../src/evaluate/controls/file-7.ts';
import { judgeStore } from '../file-case.ts';

const OPEN_BLOCK = {
  block: [{ offered: false, ignorePublicAcls: false, restrictPublicBuckets: false }],
} as const;
const ATTESTED = [{ id: 'disks', statement: 'encryption-at-rest' }];
const DIRECTORY = {
  bindings: [{ kind: 'bundled', bucket: null, path: '/srv/files' }],
  block: 'blind',
  policyOfBucket: 'blind',
  acl: 'blind',
  encryption: 'blind',
} as const;

describe('FILE-7 of a bucket', () => {
  test('passes where it encrypts and blocks everybody, whatever its policy and list say', () => {
    const finding = judgeStore(file7, { policyOfBucket: [{ lets: 'everybody' }], acl: 'blind' });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('AES256');
    const kms = judgeStore(file7, { encryption: [{ algorithm: 'aws:kms', key: 'arn:aws:kms:eu-central-1:1:key/2' }] });
    expect(kms.because).toContain('aws:kms, key arn:aws:kms:eu-central-1:1:key/2');
  });

  test('passes without a block where policy and list let nobody in', () => {
    expect(judgeStore(file7, OPEN_BLOCK).status).toBe('pass');
    expect(judgeStore(file7, { block: 'blind' }).status).toBe('pass');
  });

  test.each([
    ['no default encryption', { encryption: [{ byDefault: 'no' as const, algorithm: null }] }, 'no default encryption'],
    [
      'a policy for everybody that the service calls private',
      {
        ...OPEN_BLOCK,
        policyOfBucket: [
          { lets: 'everybody' as const, calledPublic: false, callIsReliable: false, detail: 's3:GetObject' },
        ],
      },
      'its policy lets everybody in (s3:GetObject)',
    ],
    [
      'a service that calls it public',
      { ...OPEN_BLOCK, policyOfBucket: [{ lets: 'not-read' as const, calledPublic: true }] },
      'calls the bucket public',
    ],
    ['an access list for everybody', { ...OPEN_BLOCK, acl: [{ everybody: ['READ'] }] }, 'gives everybody READ'],
  ])('fails with %s', (_, seen, because) => {
    const finding = judgeStore(file7, seen);
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
  });

  test.each([
    ['did not tell of its encryption', { encryption: 'blind' as const }],
    ['did not show its policy', { ...OPEN_BLOCK, policyOfBucket: 'blind' as const }],
    ['did not show its access list', { ...OPEN_BLOCK, acl: 'blind' as const }],
    [
      'is called private by a service whose word proves nothing',
      { ...OPEN_BLOCK, policyOfBucket: [{ lets: 'not-read' as const, calledPublic: false, callIsReliable: false }] },
    ],
    [
      'lets everybody in on conditions',
      {
        ...OPEN_BLOCK,
        policyOfBucket: [{ lets: 'everybody-on-conditions' as const, calledPublic: false, callIsReliable: false }],
      },
    ],
    [
      'has a policy for everybody and did not tell of a block',
      { block: 'blind' as const, policyOfBucket: [{ lets: 'everybody' as const }] },
    ],
    ['is called public though its policy lets nobody in', { ...OPEN_BLOCK, policyOfBucket: [{ calledPublic: true }] }],
  ])('is unknown where it %s', (_, seen) => {
    expect(judgeStore(file7, seen).status).toBe('unknown');
  });

  test('believes Amazon that conditions close it, and an attestation that disks are encrypted', () => {
    const conditions = { ...OPEN_BLOCK, policyOfBucket: [{ lets: 'everybody-on-conditions' as const }] };
    expect(judgeStore(file7, conditions).status).toBe('pass');
    const attested = judgeStore(file7, { encryption: 'blind', attested: ATTESTED });
    expect(attested).toMatchObject({ status: 'pass', grade: 'declared' });
  });
});

describe('FILE-7 of where a bucket is', () => {
  const AMAZON = { host: null, account: '111122223333', region: 'us-east-1', origin: 'observed' } as const;
  const judge = (allowedRegions: string[] | null, seen: Parameters<typeof judgeStore>[1] = {}) =>
    judgeStore(file7, { organizations: [{ allowedRegions }], ...seen });

  test('passes in an allowed region, whatever its letters', () => {
    expect(judge(['EU-Central-1 ', 'eu-west-1'])).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('the bucket lies in region eu-central-1; allowed are EU-Central-1 , eu-west-1'),
    });
    const stated = { host: null, region: 'Frankfurt' };
    expect(judge(['Frankfurt'], { storeDomain: [AMAZON, stated] }).status).toBe('pass');
    expect(judge(['eu-central-1'], { storeDomain: [] }).status).toBe('pass');
  });

  test('fails in another one, by its domain or by its binding', () => {
    expect(judge(['eu-central-1'], { storeDomain: [AMAZON] })).toMatchObject({
      status: 'fail',
      because: 'the bucket lies in region us-east-1; allowed is eu-central-1',
    });
    expect(judge(['eu-central-1'], { storeDomain: [], bindings: [{ region: 'us-east-1' }] }).status).toBe('fail');
  });

  test('is unknown where its region is, while regions are stated', () => {
    const elsewhere = { storeDomain: [], bindings: [{ region: 'us-east-1', endpoint: 'https://minio.example' }] };
    expect(judge(['eu-central-1'], elsewhere).status).toBe('unknown');
    const nowhere = { storeDomain: [], bindings: [{ region: null }] };
    const finding = judge(['eu-central-1'], nowhere);
    expect(finding).toMatchObject({
      status: 'unknown',
      because: 'the region of the bucket is not known; allowed is eu-central-1',
    });
    expect(finding.remediation).toContain('failureDomain: { region: NAME }');
    expect(judge(['eu-central-1'], { organizations: 'blind' }).status).toBe('unknown');
  });

  test('asks nothing where no regions are stated', () => {
    const nowhere = { storeDomain: 'blind', bindings: [{ region: null }] } as const;
    for (const none of [null, []]) {
      expect(judge(none, nowhere)).toMatchObject({
        status: 'pass',
        because: expect.stringContaining('states no allowed regions'),
      });
    }
    expect(judge(['eu-central-1'], { ...DIRECTORY, attested: ATTESTED, storeDomain: 'blind' }).status).toBe('pass');
  });
});

describe('FILE-7 of a directory', () => {
  test('is unknown until its disks are attested, for the store or for the host', () => {
    const finding = judgeStore(file7, DIRECTORY);
    expect(finding).toMatchObject({ status: 'unknown', because: expect.stringContaining('nobody sees the disks') });
    expect(finding.remediation).toContain('attest encryption-at-rest');
    expect(judgeStore(file7, { ...DIRECTORY, attested: ATTESTED }).status).toBe('pass');
    expect(judgeStore(file7, { ...DIRECTORY, hostAttested: ATTESTED }).status).toBe('pass');
  });

  test('the host says nothing about a bucket', () => {
    const seen = { encryption: [{ byDefault: 'no' as const, algorithm: null }], hostAttested: ATTESTED };
    expect(judgeStore(file7, seen).status).toBe('fail');
  });
});
