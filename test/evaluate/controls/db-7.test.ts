import { describe, expect, test } from 'vitest';
import { db2 } from '../../../src/evaluate/controls/db-2.ts';
import { db7 } from '../../../src/evaluate/controls/db-7.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { copyOfAge, judgeDatabase } from '../database-case.ts';
import { DEFAULT_FACTS } from '../default-facts.ts';
import { ago } from '../fixture.ts';

const foreign = { nameAgrees: false, foundName: 'tenant_beta', claimedName: 'tenant_acme' } as const;
const nameOnly = { databaseOid: null, tableOids: null, tableNames: null, tablesComplete: false } as const;

test('name and object ids are those of the live database', () => {
  const finding = judgeDatabase(db7, {});
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('name inside, object ids and declared location agree with the live database');
});

test('a file kept under its name that holds another database is a gap, wherever and however old', () => {
  const finding = judgeDatabase(db7, {
    copies: [copyOfAge(16), copyOfAge(400, { ...foreign, path: 'acme-old.dump' })],
  });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('acme-old.dump in dumps is kept as a copy of this database');
  expect(finding.because).not.toContain('tenant_beta');
});

test('it stays a gap where nothing else answered', () => {
  const seen = { copies: [copyOfAge(16, foreign)], states: 'blind', catalogues: 'blind' } as const;
  expect(judgeDatabase(db7, seen).status).toBe('fail');
});

test('the file name does not matter where the inside agrees', () => {
  expect(judgeDatabase(db7, { copies: [copyOfAge(16, { claimedName: 'tenant_beta' })] }).status).toBe('pass');
});

test('other object ids are unknown until the database is declared re-created', () => {
  const copies = [copyOfAge(16, { databaseOid: 99 })];
  expect(judgeDatabase(db7, { copies }).status).toBe('unknown');
  const declared = (date: string) => judgeDatabase(db7, { copies, recreations: [{ date }] }).status;
  expect(declared('2026-11-22T12:00:00.000Z')).toBe('pass');
  expect(declared('2026-11-20T12:00:00.000Z')).toBe('unknown');
  const recreations = [{ date: '2026-11-22T12:00:00.000Z' }];
  expect(judgeDatabase(db7, { copies, recreations }).because).toContain(
    'the name inside agrees, and the database was declared re-created since',
  );
});

test('no name inside, or a name that several databases bear, is unknown', () => {
  expect(judgeDatabase(db7, { copies: [copyOfAge(16, { nameAgrees: null, foundName: null })] }).status).toBe('unknown');
  expect(judgeDatabase(db7, { copies: [copyOfAge(16, { sameNameDatabases: 2 })] }).status).toBe('unknown');
});

test('only the newest undamaged copy of each location is identified', () => {
  const older = copyOfAge(40, { databaseOid: 99 });
  expect(judgeDatabase(db7, { copies: [copyOfAge(16), older] }).status).toBe('pass');
  expect(judgeDatabase(db7, { copies: [copyOfAge(16), { ...older, location: 'bucket' }] }).status).toBe('unknown');
  const zero = copyOfAge(1, { integrity: 'incomplete', nameAgrees: null, bytes: 0 });
  expect(judgeDatabase(db7, { copies: [zero, copyOfAge(16)] }).status).toBe('pass');
});

test('a copy known by name alone needs no live database, one with object ids does', () => {
  const blind = { states: 'blind', catalogues: 'blind' } as const;
  expect(judgeDatabase(db7, { copies: [copyOfAge(16, nameOnly)], ...blind }).status).toBe('pass');
  expect(judgeDatabase(db7, { ...blind }).status).toBe('unknown');
});

test('does not apply where there is nothing to identify', () => {
  expect(judgeDatabase(db7, { copies: [] }).status).toBe('not-applicable');
});

test('a plain dump is known by name only, also where it was read to its end', () => {
  const copy = copyOfAge(16, { ...nameOnly, verifiedAt: ago(HOUR) });
  expect(judgeDatabase(db7, { copies: [copy] })).toMatchObject({
    status: 'pass',
    grade: 'observed',
    because: expect.stringContaining('by name only'),
  });
  expect(judgeDatabase(db2, { copies: [copy] })).toMatchObject({
    status: 'pass',
    grade: 'observed',
    because: expect.stringContaining('complete and of this database by its name only'),
  });
});

test('a copy whose key versions inside are another organization’s alone is a gap, whatever name is inside', () => {
  const version = DEFAULT_FACTS['key-version'];
  const another = { ...version, keyRef: 'tenant-beta', ofAnotherOrganization: true as const };
  const copyWith = (...versions: Facts['key-version'][]) => [
    copyOfAge(16, { keyVersionsInside: { versions, because: null } }),
  ];
  const finding = judgeDatabase(db7, { copies: copyWith(another) });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('its key-version rows name keys of another organization of this install');
  expect(finding.because).not.toContain('beta');
  const two = judgeDatabase(db2, { copies: copyWith(another) });
  expect(two.status).toBe('fail');
  expect(two.because).toContain('keys of another organization of this install, and none of its own');
  expect(judgeDatabase(db7, { copies: copyWith(another, version) }).status).toBe('pass');
  expect(judgeDatabase(db7, { copies: copyWith({ ...version, keyRef: 'gone' }) }).status).toBe('pass');
  expect(judgeDatabase(db7, { copies: copyWith() }).status).toBe('pass');
});

describe('a plain dump that names no database inside, with a run that recorded its checksum', () => {
  const byRecord = { ...nameOnly, foundName: null, nameAgrees: true } as const;
  const verbose = { ...byRecord, tableNames: ['public.items', 'public.parts'], tablesComplete: true };
  const catalogues = [
    {
      tables: [
        { oid: 16_401, name: 'public.items' },
        { oid: 16_402, name: 'public.parts' },
      ],
      objects: [],
    },
  ];

  test('passes by that record, which DB-7 and DB-2 name as what it is known by', () => {
    const copies = [copyOfAge(16, { ...byRecord, verifiedAt: ago(HOUR) })];
    const finding = judgeDatabase(db7, { copies });
    expect(finding).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(finding.because).toContain('by the record of a run only: it has the checksum of these bytes');
    expect(finding.because).not.toContain('name inside');
    expect(judgeDatabase(db2, { copies })).toMatchObject({
      status: 'pass',
      because: expect.stringContaining('of this database by the record of a run and its checksum only'),
    });
  });

  test.each([
    ['all of them', [1, 2]],
    ['those that were made after what a template gave', [16_401, 16_900]],
  ])('is unknown to both where object ids of tables inside are not the live ones: %s', (_, tableOids) => {
    const copies = [copyOfAge(16, { ...verbose, tableOids })];
    const finding = judgeDatabase(db7, { copies, catalogues });
    expect(finding.status).toBe('unknown');
    expect(finding.because).toContain('no database is named inside, the record of a run has its checksum');
    expect(finding.because).toContain('the object ids of its tables are not those of the live database');
    expect(judgeDatabase(db2, { copies, catalogues }).status).not.toBe('pass');
  });

  test('is told with object ids that agree, and counts where the database was declared re-created since', () => {
    const agreeing = [copyOfAge(16, { ...verbose, tableOids: [16_401, 16_402] })];
    const passed = judgeDatabase(db7, { copies: agreeing, catalogues });
    expect(passed.status).toBe('pass');
    expect(passed.because).toContain('the object ids of its tables are those of the live database');
    const copies = [copyOfAge(16, { ...verbose, tableOids: [1, 2] })];
    const recreations = [{ date: '2026-11-22T12:00:00.000Z' }];
    expect(judgeDatabase(db7, { copies, catalogues, recreations }).status).toBe('pass');
    expect(judgeDatabase(db2, { copies, catalogues, recreations }).status).toBe('pass');
    expect(judgeDatabase(db7, { copies, catalogues: [] }).status).toBe('unknown');
  });
});

describe('copies of the whole cluster, of a server on its second timeline', () => {
  const server = {
    host: 'db1',
    systemIdentifier: '7300000000000000001',
    timeline: 2,
    writing: { segment: '000000020000000000000019', askedUntil: ago(0) },
    formerIdentifiers: [],
  };
  const ofCluster = (hours: number, change: Partial<NonNullable<Facts['copy']['physical']>>) =>
    copyOfAge(hours, {
      path: `backup/main/${hours}`,
      nameAgrees: null,
      physical: {
        kind: 'full',
        label: `${hours}`,
        builtOn: [],
        systemIdentifier: server.systemIdentifier,
        timeline: 1,
        lastWal: '000000010000000000000012',
        endpoints: [],
        declaredServer: false,
        sameIdentifierClusters: 1,
        databaseOids: [16_400],
        lockedUntil: null,
        ...change,
      },
    });
  const judge = (...copies: Partial<Facts['copy']>[]) => judgeDatabase(db7, { copies, states: [{ server }] });
  const beyond = { lastWal: '00000001000000000000001E' };

  test('one from before the switch is of it, by identifier and timeline', () => {
    const finding = judge(ofCluster(16, {}));
    expect(finding.status).toBe('pass');
    expect(finding.because).toContain('system identifier, timeline and declared location agree with the live server');
  });

  test('the newest of a place is a gap where it lies beyond the switch', () => {
    const finding = judge(ofCluster(16, beyond), ofCluster(40, {}));
    expect(finding.status).toBe('fail');
    expect(finding.because).toContain('backup/main/16 in dumps is the newest there: its WAL reaches to');
  });

  test('an older one is what a restore to an earlier moment leaves behind', () => {
    expect(judge(ofCluster(16, { timeline: 2, lastWal: undefined }), ofCluster(40, beyond)).status).toBe('pass');
    expect(judge(ofCluster(16, { timeline: 3 }), ofCluster(40, {})).status).toBe('fail');
  });
});
