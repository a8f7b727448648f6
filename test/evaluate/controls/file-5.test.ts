import { describe, expect, test } from 'vitest';
import { file5 } from '../../../src/evaluate/controls/file-5.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { judgeStore } from '../file-case.ts';
import { ago } from '../fixture.ts';

const OFFLINE = [{ id: 'vault-room', statement: 'offline-copy-kept' }];
const DIRECTORY = {
  bindings: [{ kind: 'local_filesystem_dedicated', bucket: null, path: '/srv/acme' }],
  store: [{ kind: 'local_filesystem_dedicated' }],
  locks: 'blind',
  versioning: 'blind',
} as const;
const LOCKED_SETS = {
  setsLock: [{ enabled: true, mode: 'COMPLIANCE', days: 30 }],
  setsVersioning: [{ state: 'enabled' }],
} as const;

describe('FILE-5 of a bucket', () => {
  test('passes with a default lock for the retention', () => {
    const finding = judgeStore(file5);
    expect(finding).toMatchObject({ status: 'pass', limit: { value: 30 } });
    expect(finding.because).toContain('the bucket locks for 30 days in COMPLIANCE mode');
    const governed = judgeStore(file5, { locks: [{ mode: 'GOVERNANCE' }] });
    expect(governed.because).toContain('which privileged users can lift (s3:BypassGovernanceRetention)');
  });

  test.each([
    ['without a lock', { locks: [{ enabled: false }] }, 'has no object lock'],
    ['without versions', { versioning: [{ state: 'suspended' as const }] }, 'versioning of the bucket is suspended'],
    ['with a lock shorter than the retention', { locks: [{ days: 7 }] }, 'less than 30 days'],
  ])('%s fails', (_, seen, because) => {
    expect(judgeStore(file5, seen)).toMatchObject({ status: 'fail', because: expect.stringContaining(because) });
  });

  test('that locks without a default is judged by the files drawn', () => {
    const locks = [{ mode: null, days: null }];
    expect(judgeStore(file5, { locks, samples: [{ locked: undefined }] }).status).toBe('unknown');
    expect(judgeStore(file5, { locks, samples: [{ locked: 59 }] }).status).toBe('pass');
    expect(judgeStore(file5, { locks, samples: [{ locked: 58 }] }).status).toBe('unknown');
    expect(judgeStore(file5, { locks, samples: 'blind' }).status).toBe('unknown');
    const young = [{ locked: 58, unlocked: { files: 1, newest: ago(29 * DAY) } }];
    expect(judgeStore(file5, { locks, samples: young })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining('has no default retention: 1 of 59 files drawn are not locked'),
    });
  });

  test('whose files are younger than its lock and not locked fails: they were there before', () => {
    const samples = [{ locked: undefined, unlocked: { files: 59, newest: ago(DAY) } }];
    expect(judgeStore(file5, { samples })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(
        '59 of 59 files drawn are not locked, the newest of them written on 2026-11-21 18:00 UTC',
      ),
    });
    expect(judgeStore(file5, { samples: [{}, ...samples] }).status).toBe('fail');
  });

  describe('whose files have locks of their own', () => {
    const locks = { earliestEnd: '2026-11-22T18:01:00.000Z', shortestSeconds: 3 * 86_400 + 60, governance: 0 };

    test.each([
      ['with a default lock', {}],
      ['without one', { locks: [{ mode: null, days: null }] }],
    ])('fails where one lasts less than the retention, %s', (_, seen) => {
      const finding = judgeStore(file5, { ...seen, samples: [{ locks }] });
      expect(finding).toMatchObject({
        status: 'fail',
        because: expect.stringContaining(
          'of 59 locks of files drawn the shortest lasts 3 days from when its file was written, which is less than 30 days (default); the first ends on 2026-11-22 18:01 UTC',
        ),
      });
      const limits = { limits: { retentionDays: 3 } };
      expect(judgeStore(file5, { ...seen, samples: [{ locks }], policy: limits }).status).toBe('pass');
    });

    test('is unknown where how long they last is not told', () => {
      for (const untold of [undefined, { ...locks, shortestSeconds: null }]) {
        expect(judgeStore(file5, { samples: [{ locks: untold }] }).status).toBe('unknown');
      }
      const held = { earliestEnd: null, shortestSeconds: null, governance: 0 };
      expect(judgeStore(file5, { samples: [{ locks: held }] }).status).toBe('pass');
    });

    test('passes where privileged users can lift them, as with a default of that mode, and says so', () => {
      const governed = { ...locks, shortestSeconds: 30 * 86_400, governance: 12 };
      expect(judgeStore(file5, { samples: [{ locks: governed }] })).toMatchObject({
        status: 'pass',
        because: expect.stringContaining('12 of them in GOVERNANCE mode, which privileged users can lift'),
      });
    });
  });

  test('of which no file shows that the lock works is unknown', () => {
    const old = { files: 59, newest: ago(31 * DAY) };
    expect(judgeStore(file5, { samples: [{ locked: undefined, unlocked: old }] })).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('none is young enough'),
    });
    expect(judgeStore(file5, { samples: [{ locked: 9, unlocked: { ...old, files: 50 } }] }).status).toBe('pass');
    const silent = judgeStore(file5, { samples: [{ locked: undefined }] });
    expect(silent).toMatchObject({ status: 'unknown', because: expect.stringContaining('the service does not tell') });
    expect(silent.remediation).toContain('s3:GetObjectRetention');
    expect(judgeStore(file5, { samples: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file5, { samples: [{ drawn: 0, found: 0, locked: undefined }] }).status).toBe('unknown');
    const none = { population: 0, drawn: 0, found: 0, locked: undefined };
    expect(judgeStore(file5, { samples: [none] }).status).toBe('pass');
  });

  test.each([
    ['whose lock is too short', { locks: [{ days: 5 }] }, 'which is less than 30 days'],
    ['without versions', { versioning: [{ state: 'off' as const }] }, 'versioning of the bucket is off'],
    ['without a lock', { locks: [{ enabled: false }] }, 'the bucket has no object lock'],
  ])('%s says so also where backup sets were not looked at', (_, seen, because) => {
    const finding = judgeStore(file5, { ...seen, copies: 'blind' });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain(because);
    expect(finding.because).toContain('cannot be judged: file-copy unreachable');
  });

  test('that does not tell is unknown, and passes by its copies all the same', () => {
    expect(judgeStore(file5, { locks: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file5, { locks: 'blind', copies: [{}], ...LOCKED_SETS }).status).toBe('pass');
  });
});

describe('FILE-5 of a directory', () => {
  test('passes with a locked backup set, or one that is attested to be offline', () => {
    expect(judgeStore(file5, { ...DIRECTORY, copies: [{}], ...LOCKED_SETS }).status).toBe('pass');
    expect(judgeStore(file5, { ...DIRECTORY, copies: [{}], setsAttested: OFFLINE })).toMatchObject({
      status: 'pass',
      grade: 'declared',
    });
    expect(judgeStore(file5, { ...DIRECTORY, attested: OFFLINE }).status).toBe('pass');
  });

  test.each([
    ['that lock nothing', { copies: [{}] }, 'sets locks nothing'],
    ['of which none is finished', { copies: [{ complete: false }], ...LOCKED_SETS }, 'no backup set holds the files'],
    ['of which there are none', { copies: [], setsAttested: OFFLINE }, 'no backup set holds the files'],
    ['whose lock ended', { copies: [{ moment: ago(800 * HOUR) }], ...LOCKED_SETS }, 'its lock ended'],
  ])('fails with backup sets %s', (_, seen, because) => {
    expect(judgeStore(file5, { ...DIRECTORY, ...seen })).toMatchObject({
      status: 'fail',
      because: expect.stringContaining(because),
    });
  });

  test('is unknown where nobody asked the place of its backup sets, or looked for them', () => {
    expect(judgeStore(file5, { ...DIRECTORY, copies: [{}], setsLock: 'blind', setsVersioning: 'blind' }).status).toBe(
      'unknown',
    );
    expect(judgeStore(file5, { ...DIRECTORY, copies: 'blind' }).status).toBe('unknown');
    expect(judgeStore(file5, { ...DIRECTORY, store: 'blind', copies: [{}], attested: OFFLINE }).status).toBe('unknown');
  });

  test('does not apply while the first copy of a new organization is awaited', () => {
    const organizations = [{ createdAt: ago(2 * HOUR) }];
    expect(judgeStore(file5, { ...DIRECTORY, organizations, copies: [] }).status).toBe('not-applicable');
  });
});
