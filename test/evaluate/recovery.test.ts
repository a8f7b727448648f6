import { describe, expect, it } from 'vitest';
import { BEFORE_ALL, DAY, HOUR, MINUTE, toInstant, toMillis } from '../../src/model/instant.ts';
import { ago, ORGANIZATION } from './fixture.ts';
import { judgeRecovery, type RecoveryCase } from './recovery-case.ts';

const at = (millis: number) => ({ notBefore: ago(millis), notAfter: ago(millis), origin: 'test' });
/** The moment of the fixture's dump, and of its copy of the files. */
const DUMPED = '2026-11-22T02:00:00.000Z';
const FILED = '2026-11-22T03:00:00.000Z';

describe('an organization of a well-run install', () => {
  it('comes back to its newest dump, and the parts agree', () => {
    const judged = judgeRecovery();
    expect(judged.broken).toEqual({});
    expect([judged.rec1, judged.rec2, judged.rec3].map(({ status }) => status)).toEqual(['pass', 'pass', 'pass']);
    expect(judged.point).toBe(DUMPED);
  });

  it('does not come back where the install database has no copy, and names that database', () => {
    const { rec1 } = judgeRecovery({ installCopies: [] });
    expect(rec1.status).toBe('fail');
    expect(rec1.because).toContain('no copy of the install database was found outside the lost failure domain');
    expect(judgeRecovery({ copies: [] }).rec1.because).toContain('no copy of it was found outside');
  });

  it('comes back without rows of unlogged tables, which is told; not to a sequence without its value', () => {
    const { rec1 } = judgeRecovery({ copies: [{ unloggedLeftOut: ['app.cache'] }] });
    expect(rec1.status).toBe('pass');
    expect(rec1.because).toContain('; unlogged tables come back empty: app.cache');
    expect(judgeRecovery({ copies: [{ sequencesWithoutValues: ['app.items_id_seq'] }] }).rec1.status).toBe('fail');
  });

  it('comes back to now where its server, its provider and its files outlive the loss', () => {
    const elsewhere = [{ host: 'other-1' }];
    const everything = { clusterDomain: elsewhere, providerDomain: elsewhere, storeDomain: elsewhere };
    const judged = judgeRecovery({ ...everything, copies: [], installCopies: [], snapshots: [], fileCopies: [] });
    expect(judged.broken).toEqual({});
    expect(judged.point).toBe('2026-11-22T18:00:00.000Z');
  });
});

const KEY_HOLDER = { kind: 'provider', name: 'vault-1', key: 'files-key', account: null, region: null } as const;
/** Files in a bucket elsewhere, which a key of a provider encrypts. */
const ENCRYPTED: RecoveryCase = {
  storeDomain: [{ host: 'other-1' }],
  keysOfStore: [{ needs: [{ what: 'encryption-key', heldBy: [KEY_HOLDER], origin: 'observed' }] }],
};

/** A bucket elsewhere without objects. */
const EMPTY: RecoveryCase = { storeDomain: [{ host: 'other-1' }], store: [{ kind: 's3', empty: true }] };

describe('an organization whose live store holds nothing', () => {
  it('comes back where its database lists no file, or a copy holds them', () => {
    expect(judgeRecovery({ ...EMPTY, counts: [{ after: BEFORE_ALL, count: 0 }], fileCopies: [] }).broken).toEqual({});
    expect(judgeRecovery({ ...EMPTY, counts: [{ after: BEFORE_ALL, count: 2 }] }).broken).toEqual({});
  });

  it('comes back whatever nobody counted, where it holds something', () => {
    const seen: RecoveryCase = { storeDomain: [{ host: 'other-1' }], counts: 'blind', fileCopies: [] };
    expect(judgeRecovery(seen).broken).toEqual({});
  });
});

describe('an organization whose live store is encrypted with a key', () => {
  const key = (state: 'enabled' | 'disabled' | 'missing') => ({
    statesOfStoreKeys: [{ keyRef: 'files-key', state, deletionDate: null }],
  });

  it('comes back where the key is there, or can be enabled again', () => {
    expect(judgeRecovery({ ...ENCRYPTED, ...key('enabled'), fileCopies: [] }).broken).toEqual({});
    expect(judgeRecovery({ ...ENCRYPTED, ...key('disabled'), fileCopies: [] }).broken).toEqual({});
  });

  it('comes back by a copy of the files where the key is gone', () => {
    expect(judgeRecovery({ ...ENCRYPTED, ...key('missing') }).broken).toEqual({});
  });
});

const LOST_LOCATION = [{ host: 'INSTALL-1' }];

describe.each([
  // What is missing, which parts of REC-1 do not hold, and how.
  [
    'its dumps lie on the lost host',
    { locationDomain: LOST_LOCATION },
    { 'key provider': 'fails', 'key versions': 'unknown', 'install database': 'fails', 'tenant database': 'fails' },
  ],
  [
    'where its dumps lie is not stated',
    { locationDomain: [{ host: null }] },
    {
      'key provider': 'unknown',
      'key versions': 'unknown',
      'install database': 'unknown',
      'tenant database': 'unknown',
    },
  ],
  [
    'nobody could look for dumps',
    { copies: 'blind' },
    {
      'key versions': 'unknown',
      'tenant database': 'unknown',
      'what opens the copies of the tenant database': 'unknown',
    },
  ],
  [
    'its only dump is damaged',
    { copies: [{ integrity: 'incomplete' }] },
    { 'key versions': 'unknown', 'tenant database': 'fails' },
  ],
  [
    'its only dump is of another database',
    { copies: [{ nameAgrees: false }] },
    { 'key versions': 'unknown', 'tenant database': 'fails' },
  ],
  [
    'its only dump is from the future',
    { copies: [{ moment: at(-DAY) }] },
    { 'key versions': 'unknown', 'tenant database': 'fails' },
  ],
  [
    'its only dump has other object ids',
    { copies: [{ databaseOid: 7 }] },
    { 'key versions': 'unknown', 'tenant database': 'unknown' },
  ],
  [
    'it has no tenant database',
    { rows: [], copies: [], states: [] },
    { 'key versions': 'unknown', 'tenant database': 'fails' },
  ],
  [
    'the install’s dump is from before it',
    { organizations: [{ createdAt: ago(2 * DAY) }], installCopies: [{ moment: at(3 * DAY) }] },
    { 'key versions': 'unknown', 'install database': 'fails' },
  ],
  [
    'Vault’s snapshot is damaged',
    { snapshots: [{ checksumsMatch: false }] },
    { 'key provider': 'fails', 'key versions': 'fails' },
  ],
  [
    'Vault’s snapshot is another Vault’s',
    { snapshots: [{ mountUuids: ['other'] }] },
    { 'key provider': 'fails', 'key versions': 'fails' },
  ],
  ['Vault’s snapshot lacks its key', { snapshotKeys: [{ present: false }] }, { 'key versions': 'fails' }],
  [
    'Vault’s snapshot is older than its key',
    { snapshots: [{ takenAt: '2024-01-01T00:00:00.000Z' }], snapshotKeys: [{ takenAt: '2024-01-01T00:00:00.000Z' }] },
    { 'key versions': 'fails' },
  ],
  [
    'Vault’s snapshot is from the future',
    { snapshots: [{ takenAt: ago(-DAY) }] },
    { 'key provider': 'fails', 'key versions': 'fails' },
  ],
  [
    'nobody could look for snapshots',
    { snapshots: 'blind' },
    {
      'key provider': 'unknown',
      'what opens the key provider': 'unknown',
      'key versions': 'unknown',
      // A snapshot may bring the keys of copies back, which then must be opened.
      'what opens the copies of the install database': 'unknown',
      'what opens the copies of the tenant database': 'unknown',
    },
  ],
  [
    'where Vault stands is not stated, and no snapshot is there',
    { providerDomain: [{ host: null }], snapshots: [] },
    { 'key provider': 'unknown', 'key versions': 'unknown' },
  ],
  [
    'its key is another one under the old name',
    { key: [{ versions: [{ version: 1, createdAt: ago(DAY) }], createdAt: ago(DAY) }] },
    { 'key versions': 'fails' },
  ],
  ['no record tells the version of its key', { records: [] }, { 'key versions': 'unknown' }],
  [
    'its records use a key that no keyring names',
    { records: [{}, { keyRef: 'strange' }] },
    { 'key versions': 'unknown' },
  ],
  ['it has no keyring', { keyrings: [] }, { 'key provider': 'unknown', 'key versions': 'unknown' }],
  ['no copy of its files is there', { fileCopies: [] }, { files: 'fails' }],
  ['the copy of its files is not complete', { fileCopies: [{ complete: false }] }, { files: 'fails' }],
  ['the copy does not hold its files', { fileCopies: [{ present: false }] }, { files: 'fails' }],
  ['the copies of its files lie on the lost host', { setsDomain: LOST_LOCATION }, { files: 'fails' }],
  ['where the copies of its files lie is not stated', { setsDomain: [{ host: null }] }, { files: 'unknown' }],
  [
    'nobody could look for copies of its files',
    { fileCopies: 'blind' },
    { files: 'unknown', 'what opens the copies of the files': 'unknown' },
  ],
  ['no binding tells where its files are', { bindings: [] }, { files: 'unknown' }],
  [
    'its live store elsewhere is gone, and no copy is there',
    { storeDomain: [{ host: 'other-1' }], store: [{ exists: false }], fileCopies: [] },
    { files: 'fails' },
  ],
  [
    'the key of its live store elsewhere is gone, and no copy is there',
    { ...ENCRYPTED, statesOfStoreKeys: [{ keyRef: 'files-key', state: 'missing' }], fileCopies: [] },
    { files: 'fails' },
  ],
  [
    'the imported material of the key of its live store elsewhere is gone, and no copy is there',
    { ...ENCRYPTED, statesOfStoreKeys: [{ keyRef: 'files-key', state: 'pending-import' }], fileCopies: [] },
    { files: 'fails' },
  ],
  [
    'its live store elsewhere holds nothing of what its database lists, and no copy is there',
    { ...EMPTY, counts: [{ after: BEFORE_ALL, count: 2 }], fileCopies: [] },
    { files: 'unknown' },
  ],
  [
    'its live store elsewhere is empty, and nobody counted what its database lists',
    { ...EMPTY, counts: 'blind', fileCopies: [] },
    { files: 'unknown', 'what opens the copies of the files': 'unknown' },
  ],
  [
    'the provider of that key did not answer',
    { ...ENCRYPTED, statesOfStoreKeys: 'blind', fileCopies: [] },
    { files: 'unknown', 'what opens the copies of the files': 'unknown' },
  ],
  [
    'its live store elsewhere did not answer',
    { storeDomain: [{ host: 'other-1' }], store: 'blind', fileCopies: [] },
    { files: 'unknown', 'what opens the copies of the files': 'unknown' },
  ],
] as const)('an organization where %s', (_, seen, broken) => {
  it('does not come back, or it is not known, and there is no recovery point', () => {
    const judged = judgeRecovery(seen as unknown as RecoveryCase);
    expect(judged.broken).toEqual(broken);
    const truths: readonly string[] = Object.values(broken);
    expect(judged.rec1.status).toBe(truths.includes('fails') ? 'fail' : 'unknown');
  });
});

it('is told once that its key provider is lost, and that nothing brings its key back', () => {
  for (const snapshots of [[], [{ checksumsMatch: false }]]) {
    const { because } = judgeRecovery({ snapshots }).rec1;
    expect(because.match(/vault-1 is lost/g)).toHaveLength(1);
    expect(because).toMatch(/; key tenant-acme of vault-1: no snapshot .*brings version 1 of the key back/);
  }
});

it('names the key that cannot be used and its provider', () => {
  const key = [{ minAvailableVersion: 2, latestVersion: 2, versions: [{ version: 2, createdAt: ago(DAY) }] }];
  const far = { providerDomain: [{ host: 'far-away' }], snapshots: [] };
  const own = judgeRecovery({ ...far, key }).rec1;
  expect(own.status).toBe('fail');
  expect(own.because).toContain('key tenant-acme of vault-1: version 1 of the key was trimmed');
  const install = judgeRecovery({ ...far, installKey: key }).rec1;
  expect(install.because).toContain('key install of vault-1: version 1 of the key was trimmed');
});

describe('a key that is deleted in Vault', () => {
  const between = { path: 'between.snap', takenAt: ago(10 * DAY) };
  const before = { path: 'before.snap', takenAt: ago(20 * DAY) };
  const key = [{ state: 'missing' as const, versions: null, latestVersion: null, createdAt: null }];
  const without = { ...between, present: false };

  it('comes back from a snapshot, unless one between its use and that lacks it: then it may be another one', () => {
    expect(judgeRecovery({ key, snapshots: [{}], snapshotKeys: [{}] }).broken).toEqual({});
    const judged = judgeRecovery({ key, snapshots: [{}, between], snapshotKeys: [{}, without] });
    expect(judged.broken).toMatchObject({ 'key versions': 'unknown' });
    expect(judged.rec1.status).toBe('unknown');
    expect(judged.rec1.because).toContain('between.snap in dumps');
    expect(judged.rec1.because).toContain('what is there of that name since may be another key');
  });

  it('comes back from a snapshot before that, and a key that is there from any', () => {
    const both = { snapshots: [{}, between, before], snapshotKeys: [{}, without, before] };
    expect(judgeRecovery({ key, ...both }).broken).toEqual({});
    expect(judgeRecovery({ snapshots: [{}, between], snapshotKeys: [{}, without] }).broken).toEqual({});
    expect(judgeRecovery({ key, snapshots: [{}], snapshotKeys: 'blind' }).rec1.status).toBe('unknown');
  });
});

it('is not known to come back by copies from before its keyring was moved to a key of another name', () => {
  const moved = { organizations: [{ createdAt: ago(90 * DAY) }], records: [{ createdAt: ago(10 * DAY) }] };
  const key = [{ createdAt: ago(11 * DAY), versions: [{ version: 1, createdAt: ago(11 * DAY) }] }];
  const old = { path: 'old.dump', moment: at(30 * DAY) };
  expect(judgeRecovery({ ...moved, key, copies: [old] }).broken).toMatchObject({ 'key versions': 'unknown' });
  expect(judgeRecovery({ ...moved, key, copies: [old, {}] }).broken).toEqual({});
});

describe("a copy of the install database from before every record of the install's key", () => {
  const moved = ago(10 * DAY);
  const lost: RecoveryCase = {
    installKeyring: { rotatedAt: moved },
    installKey: [{ state: 'missing', latestVersion: null, versions: [] }],
    snapshots: [],
    providerDomain: [{ host: 'vault-host' }],
  };
  const old = { path: 'older.dump', moment: at(10 * DAY + HOUR) };
  const newer = { path: 'newer.dump', moment: at(HOUR) };
  const keyVersions = (seen: RecoveryCase) => judgeRecovery({ ...lost, ...seen }).broken['key versions'];

  it('may need another key of which no record is left, where the install was there by then, or may have been', () => {
    const seen = judgeRecovery({ ...lost, install: [{ installedAt: ago(100 * DAY) }], installCopies: [old, newer] });
    expect(seen.broken).toMatchObject({ 'key versions': 'unknown' });
    expect(seen.rec1.status).toBe('unknown');
    expect(keyVersions({ install: [{ installedAt: null }], installCopies: [old] })).toBe('unknown');
    expect(keyVersions({ installCopies: [old] })).toBe('unknown');
  });

  it('needs none where the install had just been made, and takes nothing from a newer one that opens', () => {
    expect(keyVersions({ install: [{ installedAt: ago(10 * DAY + 2 * HOUR) }], installCopies: [old] })).toBeUndefined();
    const there = { installKey: [{ versions: [{ version: 1, createdAt: moved }] }], installCopies: [old, newer] };
    expect(keyVersions({ ...there, install: [{ installedAt: ago(100 * DAY) }] })).toBeUndefined();
    expect(keyVersions(there)).toBeUndefined();
  });

  it('is the one that is named where it alone opens', () => {
    const install = [{ installedAt: ago(10 * DAY + 2 * HOUR) }];
    const { because } = judgeRecovery({
      ...lost,
      install,
      installCopies: [newer, old],
      organizations: [{ createdAt: ago(10 * DAY + 2 * HOUR) }],
    }).rec1;
    expect(because).toContain('older.dump');
    expect(because).not.toContain('newer.dump');
  });
});

describe('the moment it comes back to', () => {
  const older = { path: 'older.dump', moment: at(3 * DAY) };

  it('is that of the newest copy that counts, and too old beyond the limit', () => {
    const judged = judgeRecovery({ copies: [{ integrity: 'incomplete' }, older] });
    expect(judged).toMatchObject({ broken: {}, point: ago(3 * DAY), rec2: { status: 'fail' } });
    expect(judged.rec2.because).toContain('3 days old');
  });

  it('is old where every copy is, whatever nobody could see of what opens it', () => {
    const unseen = { snapshots: 'blind', snapshotKeys: 'blind', key: 'blind' } as const;
    const judged = judgeRecovery({ ...unseen, copies: [older] });
    expect(judged).toMatchObject({ rec1: { status: 'unknown' }, rec2: { status: 'fail' } });
    expect(judged.rec2.because).toContain('3 days old at most');
    expect(judgeRecovery({ ...unseen, copies: [older, {}] }).rec2.status).toBe('unknown');
    expect(judgeRecovery({ ...unseen, copies: 'blind' }).rec2.status).toBe('unknown');
  });

  it('is not known to be old while a newer copy may count', () => {
    const judged = judgeRecovery({ copies: [{ integrity: 'unproven' }, older] });
    expect(judged).toMatchObject({ point: ago(3 * DAY), rec1: { status: 'pass' }, rec2: { status: 'unknown' } });
  });

  it('is the earliest that a copy’s time can mean', () => {
    const moment = { notBefore: ago(30 * HOUR), notAfter: ago(2 * HOUR), origin: 'zone not known' };
    expect(judgeRecovery({ copies: [{ moment }] })).toMatchObject({
      point: ago(30 * HOUR),
      rec2: { status: 'unknown' },
    });
  });

  it('is of a copy whose key is there, before a newer one whose key is not', () => {
    const records = [{ version: 1 }, { version: 2, createdAt: ago(2 * DAY) }];
    const key = [
      {
        latestVersion: 2,
        versions: [
          { version: 1, createdAt: '2025-02-01T09:04:00.000Z' },
          { version: 2, createdAt: ago(2 * DAY) },
        ],
      },
    ];
    const old = ago(2.5 * DAY);
    const judged = judgeRecovery({
      copies: [{}, older],
      records,
      key,
      snapshots: [{ takenAt: old }],
      snapshotKeys: [{ takenAt: old }],
    });
    expect(judged).toMatchObject({ broken: {}, point: ago(3 * DAY), rec2: { status: 'fail' } });
  });
});

describe('parts that must agree', () => {
  const skewed = toInstant(toMillis('2026-11-22T01:00:00.000Z') + 15 * MINUTE);
  const filesOfOne = { fileCopies: [{ moment: '2026-11-22T01:00:00.000Z' }] };

  it('do where no file was registered between the files’ copy and the dump', () => {
    const judged = judgeRecovery({
      ...filesOfOne,
      counts: [
        { after: skewed, count: 3 },
        { after: DUMPED, count: 3 },
      ],
    });
    expect(judged).toMatchObject({ rec3: { status: 'pass' }, point: DUMPED });
  });

  it('do not where some were: they are counted, and the point is that of the files', () => {
    const judged = judgeRecovery({
      ...filesOfOne,
      counts: [
        { after: skewed, count: 5 },
        { after: DUMPED, count: 3 },
      ],
    });
    expect(judged).toMatchObject({ rec3: { status: 'fail' }, point: '2026-11-22T01:00:00.000Z' });
    expect(judged.rec3.because).toContain('2 files were registered between');
  });

  it('do not, whatever nobody saw of other ways to have the keys back', () => {
    const counts = [
      { after: skewed, count: 5 },
      { after: DUMPED, count: 3 },
    ];
    const unseen = { providerDomain: [{ host: 'other-1' }], snapshots: 'blind', snapshotKeys: 'blind' } as const;
    expect(judgeRecovery({ ...unseen, ...filesOfOne, counts }).rec3.status).toBe('fail');
    expect(judgeRecovery({ ...unseen, fileCopies: [] }).rec3.status).toBe('fail');
    // A copy that nobody saw may still agree.
    expect(judgeRecovery({ ...unseen, fileCopies: 'blind' }).rec3.status).toBe('unknown');
  });

  it('says only what was seen of the files, and rests on that', () => {
    const verified = { verifiedAt: ago(HOUR) };
    const notLookedAt = 'whether the files that the database lists are in it is told by FILE-8';
    const later = judgeRecovery({
      copies: [verified],
      installCopies: [{ path: 'novantra.dump', ...verified }],
      fileCopies: [{ moment: FILED }],
    });
    expect(later.rec3).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(later.rec3.because).toContain(`is not older than the database's of 2026-11-22 02:00 UTC`);
    expect(later.rec3.because).toContain(notLookedAt);
    const earlier = judgeRecovery({ ...filesOfOne, counts: [{ after: skewed, count: 0 }] });
    expect(earlier.rec3.because).toContain('no artifact was registered between');
    expect(earlier.rec3.because).toContain(notLookedAt);
    expect(later.rec1.because).toContain('holds the directory; what is in it was not compared');
    const alive = judgeRecovery({ storeDomain: [{ host: 'other-1' }], copies: [verified] });
    expect(alive.rec3).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(alive.rec3.because).toContain(notLookedAt);
  });

  it('are not there by a live store that outlives the loss and has lost what its database lists', () => {
    const surviving = (kind: string, missing: number, differs = 0, fileCopies: readonly object[] = []) =>
      judgeRecovery({
        store: [{ kind, lost: { drawn: 40, missing, differs } }],
        storeDomain: [{ host: 'other-1' }],
        fileCopies,
      });
    const gone = surviving('bundled', 39).rec1;
    expect(gone).toMatchObject({ status: 'fail', because: expect.stringContaining('of 40 files drawn') });
    expect(gone.because).toContain('39 are not there');
    expect(surviving('s3', 39).rec1).toMatchObject({
      status: 'unknown',
      because: expect.stringContaining('whether old versions hold them was not looked at'),
    });
    // What little is gone is gone before any loss: FILE-8 says so.
    expect(surviving('bundled', 1).rec1.status).toBe('pass');
    expect(surviving('s3', 20).rec1.status).toBe('pass');
    expect(surviving('bundled', 0, 40).rec1.status).toBe('unknown');
    const listed = { files: 39, missing: 0, sizeDiffers: 0 };
    expect(surviving('bundled', 39, 0, [{ listed }]).rec1.status).toBe('pass');
    expect(surviving('bundled', 39, 0, [{ listed: { ...listed, missing: 39 } }]).rec1.status).toBe('unknown');
  });

  it('are brought back by a copy whatever nobody saw of a live store that is lost', () => {
    for (const store of ['blind', [{ kind: 'bundled', empty: true }]] as const) {
      const { rec1, rec2, rec3 } = judgeRecovery({ store });
      expect([rec1.status, rec2.status, rec3.status], String(store)).toEqual(['pass', 'pass', 'pass']);
      expect(judgeRecovery({ store, counts: 'blind' }).rec1.status).toBe('pass');
    }
    expect(judgeRecovery({ store: 'blind', fileCopies: [] }).rec1.status).toBe('fail');
    // One that outlives the loss may have lost them.
    expect(judgeRecovery({ store: 'blind', storeDomain: [{ host: 'other-1' }], fileCopies: [] }).rec1.status).toBe(
      'unknown',
    );
  });

  it('do whatever copies of the files there may be, where these outlive the loss', () => {
    const alive = judgeRecovery({ storeDomain: [{ host: 'other-1' }], fileCopies: 'blind' });
    expect(alive.rec3).toMatchObject({ status: 'pass', because: expect.stringContaining('outlives the loss') });
    expect(judgeRecovery({ fileCopies: 'blind' }).rec3.status).toBe('unknown');
  });

  describe('where the files in their copy were counted', () => {
    const moment = '2026-11-22T03:00:00.000Z';
    const registered = (count: number) => [
      { after: BEFORE_ALL, count: count + 2 },
      { after: toInstant(toMillis(moment) - 15 * MINUTE), count: 2 },
    ];
    const held = (files: number, bytes: number, rows: number, older: object[] = []) =>
      judgeRecovery({ fileCopies: [{ moment, files, bytes }, ...older], counts: registered(rows) }).rec3;

    it('do where it holds as many as were registered by then, or where none was', () => {
      expect(held(4, 900, 4).status).toBe('pass');
      expect(held(1, 0, 0).status).toBe('pass');
    });

    it('do not where it holds no byte, and may not where it holds fewer', () => {
      expect(held(4, 0, 4)).toMatchObject({ status: 'fail', because: expect.stringContaining('holds no byte') });
      expect(held(3, 900, 4).status).toBe('unknown');
      expect(held(3, 900, 4).because).toContain('holds 3 files, and 4 files that the database lists were registered');
    });

    it('do by an older copy, where nothing was registered since', () => {
      const older = [{ copy: 'older', moment: '2026-11-22T01:55:00.000Z', files: 4, bytes: 900 }];
      expect(held(4, 0, 4, older).status).toBe('pass');
    });
  });

  it('are not known to where nothing tells where the files are', () => {
    expect(judgeRecovery({ bindings: [] }).rec3.status).toBe('unknown');
  });

  it('are not known to where nobody counted', () => {
    expect(judgeRecovery({ ...filesOfOne, counts: [] }).rec3.status).toBe('unknown');
    expect(judgeRecovery({ ...filesOfOne, counts: 'blind' }).rec3.status).toBe('unknown');
  });

  it('do where the files were copied after the dump', () => {
    expect(judgeRecovery({ fileCopies: [{ moment: FILED }] }).rec3.status).toBe('pass');
  });

  it.each([
    ['its key was rotated', { keyrings: [{ rotatedAt: ago(HOUR) }] }, 'a key rotation'],
    [
      'its key provider was changed',
      { keyrings: [{ providerConfiguredAt: ago(HOUR) }] },
      'a change of its key provider',
    ],
    ['its storage was changed', { bindings: [{ activatedAt: ago(HOUR) }] }, 'a new storage binding'],
    ['its database was made anew', { rows: [{ createdAt: ago(HOUR) }] }, 'a new tenant database'],
  ] as const)('do not where the install’s dump is from before %s', (_, seen, what) => {
    const { rec3 } = judgeRecovery(seen as unknown as RecoveryCase);
    expect(rec3.status).toBe('fail');
    expect(rec3.because).toContain(what);
  });

  it('are not known to where a change is recorded that is yet to come, which no dump can be younger than', () => {
    const { rec3 } = judgeRecovery({ bindings: [{ activatedAt: ago(-2 * DAY) }] });
    expect(rec3.status).toBe('unknown');
    expect(rec3.because).toContain('a new storage binding on 2026-11-24 18:00 UTC, which is yet to come');
    expect(
      judgeRecovery({ bindings: [{ activatedAt: ago(-2 * DAY) }], rows: [{ createdAt: ago(HOUR) }] }).rec3.status,
    ).toBe('fail');
  });
});

describe('a new organization', () => {
  const created = (millis: number) => ({
    organizations: [{ createdAt: ago(millis) }],
    rows: [{ createdAt: ago(millis) }],
    records: [{ createdAt: ago(millis) }],
  });

  it('awaits its first copy for a time', () => {
    expect(judgeRecovery({ ...created(HOUR), copies: [] }).rec1.status).toBe('not-applicable');
  });

  it('that is older than its row says awaits nothing', () => {
    const young = { ...created(HOUR), copies: [] };
    const signs: readonly RecoveryCase[] = [
      { rows: [{ createdAt: ago(90 * DAY) }] },
      { runs: [{ startedAt: ago(9 * DAY) }] },
      { restoreTests: [{ organizationId: ORGANIZATION.key, performedAt: ago(20 * DAY) }] },
      { records: [{ createdAt: ago(HOUR) }, { createdAt: ago(9 * DAY) }] },
      {
        counts: [
          { after: BEFORE_ALL, count: 7 },
          { after: ago(3 * DAY), count: 5 },
        ],
      },
    ];
    for (const sign of signs) expect(judgeRecovery({ ...young, ...sign }).rec1.status).toBe('fail');
    expect(judgeRecovery({ ...young, rows: 'blind' }).rec1.status).toBe('unknown');
    expect(judgeRecovery({ ...young, runs: 'blind' }).rec1.status).toBe('unknown');
    expect(judgeRecovery({ ...young, records: 'blind' }).rec1.status).toBe('unknown');
  });

  it('may have a database that was made in advance, and a run since it was created', () => {
    const young = { ...created(2 * HOUR), copies: [] };
    expect(judgeRecovery({ ...young, rows: [{ createdAt: ago(5 * HOUR) }] }).rec1.status).toBe('not-applicable');
    expect(judgeRecovery({ ...young, records: [{ createdAt: ago(5 * HOUR) }] }).rec1.status).toBe('not-applicable');
    const since = [
      { after: BEFORE_ALL, count: 5 },
      { after: ago(3 * DAY), count: 5 },
    ];
    expect(judgeRecovery({ ...young, counts: since }).rec1.status).toBe('not-applicable');
    expect(judgeRecovery({ ...young, runs: [{ startedAt: ago(HOUR) }] }).rec1.status).toBe('not-applicable');
  });

  it('that is still being provisioned is given the time that takes', () => {
    const provisioned = (hours: number) => ({
      organizations: [{ createdAt: ago(hours * HOUR), state: 'provisioning' }],
      rows: [],
      records: 'blind' as const,
      copies: [],
    });
    expect(judgeRecovery(provisioned(20)).rec1.status).toBe('not-applicable');
    expect(judgeRecovery(provisioned(27)).rec1.status).toBe('fail');
  });

  it('whose database is not made yet is asked for nothing that it would hold', () => {
    const unmade = { ...created(HOUR), states: [{ exists: false }], records: 'blind' as const, copies: [] };
    expect(judgeRecovery(unmade).rec1.status).toBe('not-applicable');
  });

  it('is judged at once where a copy lies there, and when the time is over', () => {
    expect(judgeRecovery({ ...created(HOUR), copies: [{ moment: at(MINUTE) }] }).rec1.status).not.toBe(
      'not-applicable',
    );
    expect(judgeRecovery({ ...created(27 * HOUR), copies: [] }).rec1.status).toBe('fail');
  });

  it('that was created in the future is excused from nothing', () => {
    expect(judgeRecovery({ ...created(-300 * DAY), copies: [] }).rec1.status).toBe('fail');
  });
});
