import { describe, expect, test } from 'vitest';
import { file3 } from '../../../src/evaluate/controls/file-3.ts';
import { file4 } from '../../../src/evaluate/controls/file-4.ts';
import { file10 } from '../../../src/evaluate/controls/file-10.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { BEFORE_ALL, DAY, HOUR } from '../../../src/model/instant.ts';
import { judgeStore } from '../file-case.ts';
import { ago, fact } from '../fixture.ts';

const ON_HOST = [{ host: 'install-1' }];
const DIRECTORY_BINDING = [{ kind: 'local_filesystem_dedicated', bucket: null, path: '/srv/acme' }];
const DIRECTORY = { store: [{ kind: 'local_filesystem_dedicated' }], storeDomain: ON_HOST } as const;
/** As collectors leave it: nobody asks a directory for versions and locks. */
const NOT_ASKED = { versioning: 'blind', locks: 'blind', rules: 'blind' } as const;

describe('a bucket elsewhere', () => {
  test('with versions and a lock, whatever backup sets say', () => {
    expect(judgeStore(file3, { copies: 'blind' }).status).toBe('pass');
  });

  test('names the days of its lock, and what the files drawn show of it', () => {
    expect(judgeStore(file3).because).toBe(
      'the bucket lies outside the lost failure domain, keeps versions, and locks for 30 days in COMPLIANCE mode what is written since that was set; 59 of 59 files drawn are locked',
    );
  });

  test('with a lock that is shorter than the retention is unknown, unless a second copy is there', () => {
    const locks = [{ mode: 'GOVERNANCE', days: 1 }];
    expect(judgeStore(file3, { locks, copies: [] })).toMatchObject({
      status: 'unknown',
      because: expect.stringMatching(/locks for 1 day in GOVERNANCE mode.*less than 30 days \(default\)/),
    });
    expect(judgeStore(file3, { locks, rules: [{}], replicas: [{}] }).status).toBe('pass');
    expect(judgeStore(file3, { locks, policy: { limits: { retentionDays: 1 } } }).status).toBe('pass');
  });

  test('whose files are not locked is a gap, as its lock was set after they were written', () => {
    const samples = [{ locked: undefined, unlocked: { files: 59, newest: ago(DAY) } }];
    expect(judgeStore(file3, { samples })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('59 of 59 files drawn are not locked'),
    });
    expect(judgeStore(file3, { samples, locks: [{ days: 7 }] }).status).toBe('fail');
    expect(judgeStore(file3, { samples: [{ locked: undefined }] }).status).toBe('unknown');
    expect(judgeStore(file3, { samples: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file3, { samples: 'blind', locks: [{ enabled: false }] }).status).toBe('fail');
  });

  test('whose files are locked for less than the retention is a gap, whatever its default', () => {
    const locks = { earliestEnd: '2026-11-22T18:01:00.000Z', shortestSeconds: 60, governance: 0 };
    expect(judgeStore(file3, { samples: [{ locks }] })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('lasts 0 days from when its file was written'),
    });
  });

  test('of which files drawn are not there is unknown, whatever locks the others bear', () => {
    expect(judgeStore(file3, { samples: [{ drawn: 40, found: 1, locked: 1, missing: 39 }] })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('1 of 40 files drawn are locked, and 39 are not there'),
    });
    const samples = [{ drawn: 40, found: 1, copied: 1, missing: 39 }];
    const replicated = { locks: [{ enabled: false }], rules: [{}], replicas: [{}], samples };
    expect(judgeStore(file3, replicated)).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('39 of 40 files drawn are not there'),
    });
  });

  test('with versions and a replica', () => {
    const finding = judgeStore(file3, { locks: [{ enabled: false }], rules: [{}], replicas: [{}] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('is replicated to acme-files-copy');
  });

  test('with a replica that does not keep every file, or is lost, too, is a gap', () => {
    const unlocked = { locks: [{ enabled: false }], rules: [{}] };
    for (const replica of [{ exists: false }, { versioning: 'off' as const }, { host: 'install-1' }]) {
      expect(judgeStore(file3, { ...unlocked, replicas: [replica] }).status).toBe('fail');
    }
  });

  test('with a replica to which deletions are copied, and which forgets them early, is unknown', () => {
    const rule = fact('store-lifecycle', { prefix: '', expiresAfterDays: null, noncurrentDays: 1 });
    const judge = (change: object, deleteMarkers: boolean | undefined = true) =>
      judgeStore(file3, {
        locks: [{ enabled: false }],
        rules: [{ deleteMarkers }],
        replicas: [{ lifecycle: [{ ...rule, ...change }] }],
      });
    expect(judge({})).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining(
        'deletions are copied to bucket acme-files-copy, too, whose rules delete old versions after 1 day, which is less than 30 days (default)',
      ),
    });
    expect(judge({}, undefined).status).toBe('unknown');
    expect(judge({}, false).status).toBe('pass');
    for (const kept of [
      { noncurrentDays: 30 },
      { noncurrentDays: null },
      { noncurrentKept: 1 },
      { enabled: false },
      { prefix: 'elsewhere/' },
    ]) {
      const bindings = 'prefix' in kept ? { bindings: [{ prefix: 'acme' }] } : {};
      const finding = judgeStore(file3, {
        ...bindings,
        locks: [{ enabled: false }],
        rules: [{ deleteMarkers: true }],
        replicas: [{ lifecycle: [{ ...rule, ...kept }] }],
      });
      expect(finding.status, JSON.stringify(kept)).toBe('pass');
    }
  });

  test('with a replica whose rules delete old versions early tells that, where deletions are not copied', () => {
    const lifecycle = [fact('store-lifecycle', { prefix: '', expiresAfterDays: null, noncurrentDays: 1 })];
    const seen = { locks: [{ enabled: false }], rules: [{ deleteMarkers: false }], replicas: [{ lifecycle }] };
    expect(judgeStore(file3, seen)).toMatchObject({
      status: 'pass',
      because: expect.stringContaining(
        'its rules delete old versions after 1 day, which is less than 30 days (default): what is overwritten in the store',
      ),
    });
  });

  test('with a replica in which files drawn are missing is a gap, whatever the service says of copying them', () => {
    const lost = { expected: 59, missing: 1, differs: 0 };
    const finding = judgeStore(file3, { locks: [{ enabled: false }], rules: [{}], replicas: [{ lost }] });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('1 is not there') });
  });

  describe('with a stated mirror', () => {
    const MIRROR = { mirror: true as const, destination: 'acme-mirror' };
    const SAMPLE = { method: 'mirror' as const, location: 'acme-mirror', expected: 58, found: 58 };
    const judge = (mirror: object, sample: object = {}) =>
      judgeStore(file3, {
        locks: [{ enabled: false }],
        rules: [],
        replicas: [{ ...MIRROR, ...mirror }],
        copySamples: [{ ...SAMPLE, ...sample }],
      });

    test('that keeps versions, outlives the loss and holds the files drawn passes', () => {
      const passed = judge({});
      expect(passed).toMatchObject({
        status: 'pass',
        because: expect.stringContaining('is mirrored in acme-mirror: bucket acme-mirror is there and keeps versions'),
      });
      expect(passed.because).toContain('58 of 58 files drawn are in bucket acme-mirror');
    });

    const forgets = fact('store-lifecycle', { prefix: '', expiresAfterDays: null, noncurrentDays: 1 });
    test.each([
      ['lacks a file', {}, { found: 57, missing: 1 }, 'fail', 'only 57 are in bucket acme-mirror'],
      ['keeps no versions', { versioning: 'off' }, {}, 'fail', 'keeps no versions of its own'],
      ['is lost, too', { host: 'install-1' }, {}, 'fail', 'in the failure domain that is lost'],
      ['forgets what is deleted', { lifecycle: [forgets] }, {}, 'unknown', 'may be deleted in bucket acme-mirror, too'],
      ['was not looked into', {}, { expected: 0, found: 0 }, 'unknown', 'was not seen'],
      ['could not be asked', { untold: 'no rights' }, {}, 'unknown', 'the stated mirror: no rights'],
    ])('that %s does not, and says why', (_, mirror, sample, status, because) => {
      expect(judge(mirror, sample)).toMatchObject({ status, because: expect.stringContaining(because) });
    });
  });

  test('in a mirror tells what that does not keep, where no other backup set holds them', () => {
    const seen = { locks: [{ enabled: false }], rules: [] };
    const mirror = { copy: '.', moment: ago(HOUR) };
    const alone = judgeStore(file3, { ...seen, copies: [mirror] });
    expect(alone).toMatchObject({ status: 'pass', because: expect.stringMatching(/^the mirror in sets of /) });
    expect(alone.because).toContain('what is deleted or overwritten in the store is so in a mirror');
    const beside = judgeStore(file3, { ...seen, copies: [mirror, { moment: ago(2 * HOUR) }] });
    expect(beside.because).not.toContain('mirror');
  });

  test.each([
    ['does not answer', { store: 'blind', versioning: 'blind', keysNeeded: 'blind' }],
    ['does not tell whether it keeps versions', { versioning: 'blind' }],
  ] as const)('that %s needs no key provider for that', (_, seen) => {
    const finding = judgeStore(file3, { ...seen, locks: [{ enabled: false }] });
    expect(finding.status).toBe('unknown');
    expect(finding.remediation).not.toContain('key provider');
  });

  test('where nobody could look, it is not said that no rule covers the files', () => {
    const { because } = judgeStore(file3, { locks: [{ enabled: false }], rules: 'blind', replicas: 'blind' });
    expect(because).not.toContain('no replication rule');
    expect(because).toContain('whether replication rules cover the files is not known');
  });

  test('with a replica that lacks files drawn is a gap, whatever its rule says of old ones', () => {
    const samples = [{ copied: 50, notCopied: 9 }];
    const finding = judgeStore(file3, { locks: [{ enabled: false }], rules: [{}], replicas: [{}], samples });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('9 of 59 files drawn') });
  });

  test('with a replica that does not count says why, also where backup sets were not looked at', () => {
    const seen = { locks: [{ enabled: false }], rules: [{}], replicas: [{ versioning: 'suspended' as const }] };
    const finding = judgeStore(file3, { ...seen, copies: 'blind' });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toBe(
      'the bucket has no object lock; replicated to acme-files-copy: bucket acme-files-copy keeps no versions of its own (versioning is suspended); cannot be judged: file-copy unreachable',
    );
    const unreplicated = judgeStore(file3, { ...seen, rules: [], copies: 'blind' });
    expect(unreplicated.because).toBe(
      'the bucket has no object lock; no replication rule covers the files; cannot be judged: file-copy unreachable',
    );
  });

  test('that keeps no versions says so, also where backup sets were not looked at', () => {
    const finding = judgeStore(file3, { versioning: [{ state: 'off' }], copies: 'blind' });
    expect(finding).toMatchObject({
      status: 'unknown',
      because: 'versioning of the bucket is off; cannot be judged: file-copy unreachable',
    });
  });

  test('with a replica of which not all is told is unknown', () => {
    const unlocked = { locks: [{ enabled: false }] };
    const old = { ...unlocked, rules: [{ existingObjects: false }], replicas: [{}] };
    expect(judgeStore(file3, old)).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('older than the rule'),
    });
    const pending = judgeStore(file3, { ...old, samples: [{ copied: 1 }] });
    expect(pending).toMatchObject({ status: 'unknown', because: expect.stringContaining('1 of 59 files drawn') });
    expect(judgeStore(file3, { ...old, samples: [{ copied: 59 }] }).status).toBe('pass');
    expect(judgeStore(file3, { ...unlocked, rules: [{}], replicas: 'blind' }).status).toBe('unknown');
    const nowhere = { region: null, account: null };
    expect(judgeStore(file3, { ...unlocked, rules: [{}], replicas: [nowhere] }).status).toBe('unknown');
  });

  test.each([
    ['without versions', { versioning: [{ state: 'off' }] }, 'versioning of the bucket is off'],
    ['without lock and replica', { locks: [{ enabled: false }] }, 'the bucket has no object lock'],
    [
      'with a rule for other files',
      { locks: [{ enabled: false }], rules: [{ prefix: 'logs/' }] },
      'no replication rule',
    ],
    ['with a disabled rule', { locks: [{ enabled: false }], rules: [{ enabled: false }] }, 'no replication rule'],
    ['on the lost host', { storeDomain: ON_HOST }, 'lies in the failure domain that is lost'],
    ['nobody knows where', { storeDomain: [] }, 'state its failure domain'],
  ] as const)('%s is a gap', (_, seen, because) => {
    const finding = judgeStore(file3, seen);
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  describe('that encrypts with a key of a key service', () => {
    const key = 'arn:aws:kms:eu-central-1:111122223333:key/9';
    const holder = { kind: 'provider', name: 'kms-main', key, account: null, region: null } as const;
    const needing = (heldBy: Facts['custody']['needs'][number]['heldBy']) => ({
      keysNeeded: [{ needs: [{ what: 'encryption-key' as const, heldBy, origin: 'observed' as const }] }],
    });
    const state = (change: Partial<Facts['key-state']>) => [{ keyRef: key, deletionDate: null, ...change }];

    test('passes where the key is there', () => {
      expect(judgeStore(file3, { ...needing([holder]), keyStates: state({}) }).status).toBe('pass');
      const outside = { ...holder, kind: 'outside' as const, name: 'key service of the data centre' };
      expect(judgeStore(file3, needing([outside])).status).toBe('pass');
    });

    test.each([
      [
        'waits for its deletion',
        { state: 'pending-deletion', deletionDate: ago(-DAY) },
        'will be deleted on 2026-11-23',
      ],
      ['is disabled', { state: 'disabled' }, 'is disabled'],
      ['is gone', { state: 'missing' }, 'does not exist'],
    ] as const)('is a gap where the key %s', (_, change, because) => {
      const finding = judgeStore(file3, { ...needing([holder]), keyStates: state(change) });
      expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
      const replicated = { locks: [{ enabled: false }], rules: [{}], replicas: [{}] };
      expect(judgeStore(file3, { ...needing([holder]), ...replicated, keyStates: state(change) }).status).toBe(
        'unknown',
      );
      expect(judgeStore(file3, { ...needing([holder]), keyStates: state(change), copies: [{}] }).status).toBe('pass');
    });

    test.each([
      [
        'nobody asked the provider',
        { ...needing([holder]), keyStates: 'blind' as const },
        'it is not known whether it is there',
      ],
      [
        'no provider of the configuration holds it',
        needing([{ ...holder, kind: 'service', name: 'AWS KMS', account: '111122223333', region: 'eu-central-1' }]),
        'add a provider of kind aws-kms of account 111122223333',
      ],
      ['nothing tells who holds it', needing([]), 'state encryptedBy of the bucket'],
      ['the bucket does not tell which it is', { keysNeeded: 'blind' as const }, 'custody unreachable'],
    ])('is unknown where %s', (_, seen, because) => {
      expect(judgeStore(file3, seen)).toMatchObject({
        status: 'unknown',
        because: expect.stringContaining(because),
      });
    });
  });

  test('that holds nothing does not keep the files that its database lists', () => {
    const store = [{ empty: true }];
    const counts = [{ after: BEFORE_ALL, count: 2 }];
    for (const copied of [{}, { locks: [{ enabled: false }], rules: [{}], replicas: [{}] }]) {
      expect(judgeStore(file3, { store, counts, ...copied })).toMatchObject({
        status: 'unknown',
        because: expect.stringContaining('a bucket without objects, while its database lists 2 files'),
      });
    }
    expect(judgeStore(file3, { store, counts: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file3, { store, counts: [{ after: BEFORE_ALL, count: 0 }] }).status).toBe('pass');
    expect(judgeStore(file3, { counts: 'blind' }).status).toBe('pass');
  });

  test('whose settings did not answer is unknown', () => {
    expect(judgeStore(file3, { versioning: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file3, { locks: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file3, { store: 'blind' }).status).toBe('unknown');
  });

  test('without versions stays a gap where its lock and place did not answer', () => {
    const seen = {
      versioning: [{ state: 'off' as const }],
      locks: 'blind',
      rules: 'blind',
      storeDomain: 'blind',
    } as const;
    expect(judgeStore(file3, seen).status).toBe('fail');
  });
});

describe('a directory', () => {
  test('inside a backup set elsewhere', () => {
    const finding = judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [{}] });
    expect(finding.status).toBe('pass');
    expect(finding.because).toBe(
      'backup set 2026-11-22 in sets of 2026-11-22 03:00 UTC holds the directory; what is in it was not compared',
    );
    const leavesOut = { patterns: ['/srv/acme/cache', '*.tmp'], count: 5 };
    for (const seen of [{}, { compared: { files: 2, missing: 0, emptied: 0, sizeDiffers: 0 } }]) {
      const leaving = judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [{ ...seen, leavesOut }] });
      expect(leaving.status).toBe('pass');
      expect(leaving.because).toMatch(/; it was told to leave out \/srv\/acme\/cache, \*\.tmp and 3 more$/);
    }
    const nothing = judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [{ files: 0, bytes: 0 }] });
    expect(nothing.because).toContain('has nothing of the directory, which is empty');
  });

  test.each([
    ['in none', { copies: [] }, 'no backup set holds the files'],
    ['in an unfinished one', { copies: [{ complete: false, because: 'it has no marker' }] }, 'it has no marker'],
    ['in one without the path', { copies: [{ present: false }] }, 'it does not hold the path'],
    ['in one from the future', { copies: [{ moment: ago(-DAY) }] }, 'dated in the future'],
    ['in one on the lost host', { copies: [{}], setsDomain: ON_HOST }, 'lies in the failure domain that is lost'],
  ])('%s is a gap', (_, seen, because) => {
    const finding = judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, ...seen });
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain(because);
  });

  describe('in one that holds files without a byte in any', () => {
    const counts = (count: number) => [{ after: BEFORE_ALL, count }];
    const judge = (copy: object, more: object = {}) =>
      judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [{ files: 1, bytes: 0, ...copy }], ...more });

    test('is a gap where its database lists files', () => {
      expect(judge({}, { counts: counts(4) })).toMatchObject({
        status: 'fail',
        because: expect.stringContaining('holds 1 file of the path and not one byte, and the database lists 4 files'),
      });
      const compared = { files: 2, missing: 2, emptied: 0, sizeDiffers: 0 };
      expect(judge({ compared }, { counts: counts(4) }).status).toBe('fail');
      expect(judge({ complete: false, because: 'it has no marker' }, { counts: counts(4) }).because).toContain(
        'marker',
      );
    });

    test('is unknown where nobody counted them, and passes where there is none', () => {
      expect(judge({}, { counts: 'blind' }).status).toBe('unknown');
      expect(judge({}).status).toBe('unknown');
      expect(judge({}, { counts: counts(0) }).status).toBe('pass');
    });

    test('does not matter where another one holds them, or where they are as empty in the live store', () => {
      const compared = { files: 2, missing: 0, emptied: 0, sizeDiffers: 0 };
      expect(judge({ compared }, { counts: 'blind' }).status).toBe('pass');
      expect(
        judge(
          {},
          {
            copies: [
              { files: 1, bytes: 0 },
              { files: 1, bytes: 3 },
            ],
            counts: 'blind',
          },
        ).status,
      ).toBe('pass');
      expect(judge({ bytes: undefined }, { counts: counts(4) }).status).toBe('pass');
    });
  });

  test('in one that lies nobody knows where, or that nobody saw, is unknown', () => {
    expect(judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [{}], setsDomain: [] }).status).toBe('unknown');
    expect(judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: 'blind' }).status).toBe('unknown');
  });
});

describe('a new organization', () => {
  const created = (hours: number) => ({ organizations: [{ createdAt: ago(hours * HOUR) }] });

  test('has time until the first copy of its directory', () => {
    const young = { ...DIRECTORY, ...NOT_ASKED, ...created(2), copies: [] };
    const finding = judgeStore(file3, young);
    expect(finding.status).toBe('not-applicable');
    expect(finding.because).toContain('first copy due by');
    expect(
      judgeStore(file3, { ...young, copies: [{ complete: true, present: true, location: 'sets', because: '' }] })
        .status,
    ).not.toBe('not-applicable');
    expect(judgeStore(file3, { ...young, copies: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file3, { ...young, ...created(27) }).status).toBe('fail');
  });

  test('has none where it is older than its row says', () => {
    const young = { ...DIRECTORY, ...NOT_ASKED, ...created(2), copies: [] };
    expect(judgeStore(file3, { ...young, rows: [{ createdAt: ago(90 * DAY) }] }).status).toBe('fail');
  });

  test('has a bucket that is set up as it should be from the beginning', () => {
    expect(judgeStore(file3, { ...created(2), versioning: [{ state: 'off' }] }).status).toBe('fail');
  });
});

describe('a backup set whose files were compared', () => {
  const judge = (seen: object) => judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies: [seen] });
  const compared = { files: 59, missing: 0, emptied: 0, sizeDiffers: 0 };

  test('and hold what is in the live store passes', () => {
    expect(judge({ compared })).toMatchObject({ status: 'pass', because: expect.stringContaining('59 files') });
  });

  test.each([
    [{ missing: 2 }, '2 are missing'],
    [{ emptied: 1 }, '1 is empty'],
    [{ sizeDiffers: 3 }, '3 have another size'],
  ])('and differ is a gap: %j', (change, because) => {
    const finding = judge({ compared: { ...compared, ...change } });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
  });

  test('and of which none is there under its name is unknown', () => {
    expect(judge({ compared: { ...compared, missing: 59 } }).status).toBe('unknown');
  });

  test('is unknown where the directory is that of every organization, unless its own files were compared', () => {
    expect(judge({ shared: true })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('every organization'),
    });
    expect(judge({ shared: true, compared }).status).toBe('pass');
  });
});

describe('a backup set that nobody could compare with the live store', () => {
  const lost = { ...DIRECTORY, ...NOT_ASKED, bindings: DIRECTORY_BINDING };
  const listed = { files: 40, missing: 0, sizeDiffers: 0 };

  test.each([
    ['that holds nothing under the names of the database', { ...listed, missing: 40 }, 'none lies in it'],
    ['that lacks some of what the database lists', { ...listed, missing: 2 }, '2 are not in it'],
    ['that holds other sizes than are listed', { ...listed, sizeDiffers: 1 }, '1 has another size in it'],
  ])('%s is unknown', (_, told, because) => {
    for (const control of [file3, file4, file10]) {
      const finding = judgeStore(control, { ...lost, copies: [{ files: 1, bytes: 5, listed: told }] });
      expect(finding).toMatchObject({ status: 'unknown', because: expect.stringContaining(because) });
    }
  });

  test('passes with what the database lists', () => {
    const finding = judgeStore(file3, { ...lost, copies: [{ files: 40, bytes: 5, listed }] });
    expect(finding).toMatchObject({ status: 'pass', because: expect.stringContaining('each is in it') });
  });
});

test('a backup set in which no file that the database lists could be looked for is unknown', () => {
  for (const control of [file3, file4, file10]) {
    const copies = [{ files: 1, bytes: 5, uncompared: { later: 1, future: 2, elsewhere: 0 } }];
    expect(judgeStore(control, { ...DIRECTORY, ...NOT_ASKED, bindings: DIRECTORY_BINDING, copies })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('of its rows 1 was registered after it was made, 2 are dated in the future'),
    });
  }
});

test('a backup set that lacks what the live store lacks as well is unknown', () => {
  const compared = { files: 1, missing: 0, emptied: 0, sizeDiffers: 0 };
  const judge = (missing: number) =>
    judgeStore(file3, {
      ...DIRECTORY,
      ...NOT_ASKED,
      copies: [{ compared, listed: { files: 39, missing, sizeDiffers: 0 } }],
    });
  expect(judge(39)).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining(
      'of 39 files drawn that the database lists and the live store does not hold as listed none lies in it; of 1 file found',
    ),
  });
  expect(judge(0)).toMatchObject({
    status: 'pass',
    because: expect.stringContaining('each is in it with its size; of 39 files'),
  });
});

describe('a backup set in a repository', () => {
  const lost = { ...DIRECTORY, ...NOT_ASKED, bindings: DIRECTORY_BINDING };

  test('out of which a drawn file could not be read is a gap', () => {
    for (const control of [file3, file4, file10]) {
      expect(judgeStore(control, { ...lost, copies: [{ damaged: 1 }] })).toMatchObject({
        status: 'fail',
        because: expect.stringContaining('1 file of it that was drawn cannot be read'),
      });
    }
  });

  test('with damaged data, of which nobody knows whose they are, is unknown', () => {
    const doubt = '1 file of the repository is damaged, and which snapshots need it is not known';
    for (const control of [file3, file4, file10]) {
      const finding = judgeStore(control, { ...lost, copies: [{ doubt }] });
      expect(finding).toMatchObject({ status: 'unknown', because: expect.stringContaining(doubt) });
    }
  });

  test('whose drawn files have another checksum than listed is a gap, unless the live store has it as well', () => {
    for (const control of [file3, file4, file10]) {
      const judge = (altered: object) =>
        judgeStore(control, { ...lost, copies: [{ altered } as Partial<Facts['file-copy']>] });
      expect(judge({ files: 40, asLive: 0 })).toMatchObject({
        status: 'fail',
        because: expect.stringContaining('40 files drawn have another checksum in it than the database lists'),
      });
      expect(judge({ files: 2, asLive: 1 }).status).toBe('fail');
      expect(judge({ files: 2, asLive: 2 })).toMatchObject({
        status: 'unknown',
        because: expect.stringContaining('in it as in the live store'),
      });
    }
  });

  test('passes by its listing, and says what that leaves open', () => {
    const finding = judgeStore(file3, { ...lost, copies: [{ listedBy: 'borg' }] });
    expect(finding).toMatchObject({ status: 'pass', because: expect.stringContaining('borg check --verify-data') });
  });
});

test('hard links to the live files are no copies of them', () => {
  const compared = { files: 3, missing: 0, emptied: 0, sizeDiffers: 0, linked: 3 };
  for (const control of [file3, file4, file10]) {
    const finding = judgeStore(control, {
      ...DIRECTORY,
      ...NOT_ASKED,
      bindings: DIRECTORY_BINDING,
      copies: [{ compared }],
    });
    expect(finding).toMatchObject({ status: 'fail', because: expect.stringContaining('hard link') });
  }
});

test('an older copy that serves is told with what keeps the newest from it', () => {
  const broken = { copy: 'newest', complete: false, because: 'its marker is missing' };
  const copies = [broken, { copy: 'older', moment: ago(2 * DAY) }];
  const finding = judgeStore(file3, { ...DIRECTORY, ...NOT_ASKED, copies });
  expect(finding.status).toBe('pass');
  expect(finding.because).toMatch(
    /^backup set older .*; the newest there does not count, .*newest.*: its marker is missing$/,
  );
});
