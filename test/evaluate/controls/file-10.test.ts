import { describe, expect, test } from 'vitest';
import { file10 } from '../../../src/evaluate/controls/file-10.ts';
import { BEFORE_ALL, HOUR } from '../../../src/model/instant.ts';
import { judgeStore } from '../file-case.ts';
import { ago, fact } from '../fixture.ts';

const DIRECTORY = {
  bindings: [{ kind: 'bundled', bucket: null, path: '/srv/acme' }],
  store: [{ kind: 'bundled' }],
  storeDomain: [{ host: 'install-1' }],
  rules: 'blind',
  replicas: 'blind',
} as const;
const REPLICATED = { rules: [{}], replicas: [{}] } as const;

/** Deletes every object after a week, and what it was a day later. */
const WEEK = fact('store-lifecycle', { ruleId: 'week', prefix: '', expiresAfterDays: 7, noncurrentDays: 1 });

describe('FILE-10 of a bucket', () => {
  test('passes with a replica in another account or region', () => {
    expect(judgeStore(file10, REPLICATED)).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('acme-files-copy stands in another failure domain'),
    });
    const region = judgeStore(file10, { rules: [{}], replicas: [{ account: null }] });
    expect(region.status).toBe('pass');
    const account = judgeStore(file10, { rules: [{}], replicas: [{ region: 'eu-central-1' }] });
    expect(account.status).toBe('pass');
  });

  test.each([
    ['no rule', { rules: [] }, 'the bucket is not replicated'],
    ['a disabled rule', { ...REPLICATED, rules: [{ enabled: false }] }, 'none of 1 replication rule'],
    ['a rule for certain tags', { ...REPLICATED, rules: [{ byTag: true }] }, 'none of 1 replication rule'],
    ['a rule for other files', { ...REPLICATED, rules: [{ prefix: 'logs/' }] }, 'none of 1 replication rule'],
    ['a bucket that is gone', { rules: [{}], replicas: [{ exists: false }] }, 'is not there'],
    [
      'a bucket without versions of its own',
      { rules: [{}], replicas: [{ versioning: 'suspended' as const }] },
      'keeps no versions of its own',
    ],
    [
      'a bucket that deletes what is copied by its own rules',
      { rules: [{}], replicas: [{ lifecycle: [WEEK] }] },
      'lifecycle rule week deletes every file 7 days after it was written, and old versions are deleted, too',
    ],
    [
      'a bucket in the same account and region',
      { rules: [{}], replicas: [{ account: '111122223333', region: 'eu-central-1' }] },
      'in the same failure domain',
    ],
    [
      'old objects that were not copied',
      { ...REPLICATED, rules: [{ existingObjects: false }], samples: [{ copied: 50, notCopied: 9 }] },
      'replication rules do not copy objects that are older than the rule: 9 of 59 files drawn were not copied',
    ],
    [
      'objects that were not copied, whatever the rule says of old ones',
      { ...REPLICATED, samples: [{ copied: 50, notCopied: 9 }] },
      'covers files from before it, too, and does not copy all: 9 of 59 files drawn were not copied',
    ],
  ])('fails with %s', (_, seen, because) => {
    expect(judgeStore(file10, seen)).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
  });

  test.each([
    ['old objects are not told of', { ...REPLICATED, rules: [{ existingObjects: false }] }, 'older than the rule'],
    [
      'the rule is of an older bundle',
      { ...REPLICATED, rules: [{ existingObjects: undefined }] },
      'older than the rule',
    ],
    [
      'most files drawn are not copied yet',
      { ...REPLICATED, rules: [{ existingObjects: false }], samples: [{ copied: 1 }] },
      'only of 1 of 59 files drawn the service says that it was copied',
    ],
    ['nobody could ask the other bucket', { rules: [{}], replicas: 'blind' as const }, 'is not told'],
    ['its versions are not told', { rules: [{}], replicas: [{ versioning: null }] }, 'does not tell'],
    ['its rules are not told', { rules: [{}], replicas: [{ lifecycle: null }] }, 'lifecycle rules of bucket'],
    ['its rules were not asked', { rules: [{}], replicas: [{ lifecycle: undefined }] }, 'lifecycle rules of bucket'],
    [
      'its rules leave old versions only',
      { rules: [{}], replicas: [{ lifecycle: [{ ...WEEK, noncurrentDays: null }] }] },
      'at best among the old versions',
    ],
    [
      'its rules delete some objects',
      { rules: [{}], replicas: [{ lifecycle: [{ ...WEEK, byTag: true }] }] },
      'with certain tags',
    ],
    [
      'it stands in the same region, of whatever account',
      { rules: [{}], replicas: [{ region: 'eu-central-1', account: null }] },
      'state the failureDomain of both',
    ],
    ['rules did not answer', { rules: 'blind' as const, replicas: 'blind' as const }, ''],
  ])('is unknown where %s', (_, seen, because) => {
    const finding = judgeStore(file10, seen);
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
  });

  test('a replica that does not count says why, also where backup sets were not looked at', () => {
    const old = { ...REPLICATED, rules: [{ existingObjects: false }], samples: [{ copied: 0, notCopied: 59 }] };
    const finding = judgeStore(file10, { ...old, copies: 'blind' });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('59 of 59 files drawn were not copied; cannot be judged: file-copy unreachable');
  });

  test('a bucket that is not replicated says so, also where backup sets were not looked at', () => {
    const finding = judgeStore(file10, { rules: [], copies: 'blind' });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toBe('the bucket is not replicated; cannot be judged: file-copy unreachable');
  });

  test('a replica in which files drawn are missing is none, whatever the service says of copying them', () => {
    const lost = { expected: 59, missing: 1, differs: 0 };
    const copied = { rules: [{ existingObjects: false }], samples: [{ copied: 59, notCopied: 0 }] };
    expect(judgeStore(file10, { ...copied, replicas: [{ lost }] })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(
        'in bucket acme-files-copy, of 59 files drawn that must be there, 1 is not there',
      ),
    });
    expect(
      judgeStore(file10, { ...REPLICATED, replicas: [{ lost: { ...lost, missing: 0, differs: 2 } }] }).status,
    ).toBe('fail');
    const inStore = { ...REPLICATED, samples: [{ found: 58, missing: 1 }], replicas: [{ lost }] };
    expect(judgeStore(file10, inStore)).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('no fewer in the store itself'),
    });
  });

  test('where nobody could look, it is not said that the bucket is not replicated', () => {
    expect(judgeStore(file10, { rules: 'blind', replicas: 'blind' }).because).toMatch(
      /^whether the bucket is replicated is not known; cannot be judged: /,
    );
  });

  test('old versions that are deleted early, there or in a mirror, are told', () => {
    const early = { lifecycle: [{ ...WEEK, expiresAfterDays: null }] };
    const soon = 'its rules delete old versions after 1 day, which is less than 30 days (default): what is overwritten';
    const replica = judgeStore(file10, { rules: [{}], replicas: [early] });
    expect(replica).toMatchObject({ status: 'pass', because: expect.stringContaining(`${soon} in the store`) });
    const mirror = judgeStore(file10, { rules: [], replicas: [{ ...MIRROR, ...early }], copySamples: [SAMPLE] });
    expect(mirror).toMatchObject({
      status: 'pass',
      because: expect.stringContaining(`${soon} or deleted in the store`),
    });
  });

  const MIRROR = { mirror: true as const, destination: 'acme-mirror' };
  const SAMPLE = { method: 'mirror' as const, location: 'acme-mirror', expected: 58, found: 58 };

  test('passes with a mirror in another account that keeps versions and holds the files drawn', () => {
    const finding = judgeStore(file10, { rules: [], replicas: [MIRROR], copySamples: [SAMPLE] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('58 of 58 files drawn are in bucket acme-mirror');
  });

  test.each([
    ['lacks files', MIRROR, { ...SAMPLE, found: 57, missing: 1 }, 'fail', 'only 57 are in bucket acme-mirror'],
    ['keeps no versions', { ...MIRROR, versioning: 'off' as const }, SAMPLE, 'fail', 'keeps no versions of its own'],
    ['is not there', { ...MIRROR, exists: false }, SAMPLE, 'fail', 'is not there'],
    [
      'stands with the store',
      { ...MIRROR, account: '111122223333', region: 'eu-central-1' },
      SAMPLE,
      'fail',
      'in the same failure domain',
    ],
    ['was not looked into', MIRROR, { ...SAMPLE, expected: 0, found: 0 }, 'unknown', 'was not seen'],
    ['could not be asked', { ...MIRROR, untold: 'no rights' }, SAMPLE, 'unknown', 'the stated mirror: no rights'],
    ['is of another store', MIRROR, { ...SAMPLE, location: 'other' }, 'unknown', 'was not seen'],
  ])('with a mirror that %s', (_, mirror, sample, status, because) => {
    const finding = judgeStore(file10, { rules: [], replicas: [mirror], copySamples: [sample] });
    expect(finding).toMatchObject({ status, because: expect.stringContaining(because) });
  });

  test('without a stated mirror is no less a gap where no file was looked for', () => {
    expect(judgeStore(file10, { rules: [], copySamples: 'blind' }).status).toBe('fail');
  });

  test('passes with a bucket whose rules delete old versions, or nothing of this store', () => {
    const rules = [
      { ...WEEK, expiresAfterDays: null },
      { ...WEEK, enabled: false },
      { ...WEEK, prefix: 'elsewhere/' },
    ];
    const finding = judgeStore(file10, {
      bindings: [{ prefix: 'acme' }],
      rules: [{}],
      replicas: [{ lifecycle: rules }],
    });
    expect(finding.status).toBe('pass');
  });

  test('files drawn show that old objects were copied', () => {
    const seen = { ...REPLICATED, rules: [{ existingObjects: false }], samples: [{ copied: 59, notCopied: 0 }] };
    expect(judgeStore(file10, seen).status).toBe('pass');
    const another = { copied: 2, found: 3, drawn: 3 };
    expect(judgeStore(file10, { ...seen, samples: [...seen.samples, another] }).status).toBe('unknown');
  });

  test('passes with a backup set on a host of another place', () => {
    expect(judgeStore(file10, { copies: [{}] }).status).toBe('pass');
  });
});

describe('FILE-10 of a directory', () => {
  test('passes in a mirror on another host, and tells what that does not keep', () => {
    expect(judgeStore(file10, { ...DIRECTORY, copies: [{ copy: '.' }] })).toMatchObject({
      status: 'pass',
      because: expect.stringMatching(
        /^the mirror in sets .* what is deleted or overwritten in the store is so in a mirror/,
      ),
    });
  });

  test('passes in a backup set on another host', () => {
    expect(judgeStore(file10, { ...DIRECTORY, copies: [{}] }).status).toBe('pass');
  });

  test.each([
    ['on the same host', { copies: [{}], setsDomain: [{ host: 'install-1' }] }, 'in the same failure domain'],
    ['that is not finished', { copies: [{ complete: false, because: 'it has no marker' }] }, 'it has no marker'],
    ['that is not there', { copies: [] }, 'no backup set holds the files'],
  ])('fails with one %s', (_, seen, because) => {
    expect(judgeStore(file10, { ...DIRECTORY, ...seen })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(because),
    });
  });

  test('is unknown where a place is not known, and not applicable while the first copy is awaited', () => {
    expect(judgeStore(file10, { ...DIRECTORY, copies: [{}], setsDomain: [] }).status).toBe('unknown');
    expect(judgeStore(file10, { ...DIRECTORY, copies: 'blind' }).status).toBe('unknown');
    const organizations = [{ createdAt: ago(2 * HOUR) }];
    expect(judgeStore(file10, { ...DIRECTORY, organizations, copies: [] }).status).toBe('not-applicable');
  });
});

test('copies without a byte are none where the database lists files', () => {
  const told = (counts: readonly { after: string; count: number }[] | 'blind', bytes = 0) =>
    judgeStore(file10, {
      bindings: [{ kind: 'bundled', bucket: null, path: '/srv/acme' }],
      store: [{ kind: 'bundled' }],
      storeDomain: [{ host: 'install-1' }],
      versioning: 'blind',
      locks: 'blind',
      rules: 'blind',
      replicas: 'blind',
      copies: [{ files: 1, bytes }],
      counts: counts === 'blind' ? counts : [...counts],
    }).status;
  expect(told([{ after: BEFORE_ALL, count: 40 }])).toBe('fail');
  expect(told([{ after: BEFORE_ALL, count: 0 }])).toBe('pass');
  expect(told('blind')).toBe('unknown');
  expect(told('blind', 7)).toBe('pass');
});
