import { describe, expect, test } from 'vitest';
import { db6 } from '../../../src/evaluate/controls/db-6.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY, HOUR, toInstant, toMillis } from '../../../src/model/instant.ts';
import { copyOfAge, judgeDatabase, runOfAge } from '../database-case.ts';
import { AS_OF, evidence, INSTALL_DATABASE, judge, node, scopeOf } from '../fixture.ts';

const cut = { integrity: 'incomplete', integrityBecause: 'it breaks off inside the data of public.items' } as const;

test('the newest copy was read to its end', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16), copyOfAge(40, cut)] }).status).toBe('pass');
});

test('rows of unlogged tables that it leaves out are a note', () => {
  const finding = judgeDatabase(db6, { copies: [copyOfAge(16, { unloggedLeftOut: ['app.cache'] })] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toMatch(/; unlogged tables come back empty: app\.cache$/);
});

test('a damaged newest copy is a gap that names the older one that serves', () => {
  const finding = judgeDatabase(db6, { copies: [copyOfAge(16, cut), copyOfAge(40)] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'tenant_acme-16h.dump in dumps is damaged: it breaks off inside the data of public.items; tenant_acme-40h.dump in dumps, which is older, is intact',
  );
});

test('a dump cut short before its rows is damaged, not one that was meant to hold none', () => {
  const early = { ...cut, scope: 'schema-only' as const, tablesWithoutRows: ['public.items'] };
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, early), copyOfAge(40)] }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { scope: 'schema-only' }), copyOfAge(40)] }).status).toBe('pass');
});

test('each location is looked at', () => {
  const copies = [copyOfAge(16), copyOfAge(17, { location: 'bucket', ...cut })];
  expect(judgeDatabase(db6, { copies })).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('in bucket is damaged'),
  });
});

test('the newest is told by its moment, not by the time of its file', () => {
  const touched = copyOfAge(40, { ...cut, modifiedAt: copyOfAge(1).modifiedAt ?? '' });
  expect(judgeDatabase(db6, { copies: [copyOfAge(16), touched] }).status).toBe('pass');
});

test('an unproven newest copy, or one whose recorded checksum nobody compared, is unknown', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { integrity: 'unproven' }), copyOfAge(40)] }).status).toBe(
    'unknown',
  );
  const uncompared = copyOfAge(16, { readToEnd: false, checksumCompared: false });
  expect(judgeDatabase(db6, { copies: [uncompared] })).toMatchObject({
    status: 'unknown',
    because: expect.stringContaining('its recorded checksum was not compared'),
  });
});

test('what the structure proves counts, and the sentence says that it was not read in full', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { readToEnd: false, verifiedAt: null })] })).toMatchObject({
    status: 'pass',
    grade: 'observed',
    because: expect.stringContaining('by its structure, it was not read in full'),
  });
});

describe('a full reading', () => {
  const byStructure = { integrity: 'unproven', because: 'it lies in a gzip stream' } as const;
  const readDaysAgo = (days: number, more: Partial<Facts['copy']> = {}) =>
    copyOfAge(16, { verifiedAt: toInstant(toMillis(AS_OF) - days * DAY), byStructure, ...more });

  test('makes the copy verified, and its date stands in the sentence', () => {
    expect(judgeDatabase(db6, { copies: [readDaysAgo(30)] })).toMatchObject({
      status: 'pass',
      grade: 'verified',
      because: expect.stringMatching(/is intact: .*; last read in full on 20\d\d-\d\d-\d\d \d\d:\d\d UTC$/),
    });
  });

  test('counts for 30 days, then the copy is what its structure proves', () => {
    expect(judgeDatabase(db6, { copies: [readDaysAgo(30.01)] })).toMatchObject({
      status: 'unknown',
      because: expect.stringMatching(/it was last read in full on .*, more than 30 days ago; it lies in a gzip stream/),
    });
    const proven = { byStructure: { integrity: 'complete', because: 'every block lies in its place' } } as const;
    expect(judgeDatabase(db6, { copies: [readDaysAgo(31, proven)] })).toMatchObject({
      status: 'pass',
      grade: 'observed',
    });
    const withChecksum = { ...proven, checksumCompared: true };
    expect(judgeDatabase(db6, { copies: [readDaysAgo(29, withChecksum)] }).status).toBe('pass');
    expect(judgeDatabase(db6, { copies: [readDaysAgo(31, withChecksum)] }).status).toBe('unknown');
  });

  test('that compared not all of it proves the copy likewise for 30 days, and does not make it verified', () => {
    const restingOn = (days: number) => {
      const restsOnReadingAt = toInstant(toMillis(AS_OF) - days * DAY);
      return copyOfAge(16, { verifiedAt: null, readToEnd: false, restsOnReadingAt, byStructure });
    };
    expect(judgeDatabase(db6, { copies: [restingOn(29)] })).toMatchObject({ status: 'pass', grade: 'observed' });
    expect(judgeDatabase(db6, { copies: [restingOn(31)] })).toMatchObject({
      status: 'unknown',
      because: expect.stringMatching(/more than 30 days ago; it lies in a gzip stream/),
    });
  });

  test('that is dated in the future counts for nothing', () => {
    expect(judgeDatabase(db6, { copies: [readDaysAgo(-1)] }).status).toBe('unknown');
  });
});

test('a copy that was restored needs no other proof', () => {
  const copy = evidence('copy', INSTALL_DATABASE, [{ integrity: 'unproven', readToEnd: false, encrypted: true }], {
    grade: 'restored',
  });
  const scope = scopeOf({ install: { evidence: [copy, evidence('backup-run', INSTALL_DATABASE, [])] } });
  expect(judge(db6, node(INSTALL_DATABASE), scope).status).toBe('pass');
});

test('a file that a run is writing is not called damaged', () => {
  const writing = copyOfAge(0.2, cut);
  const running = [runOfAge(0.5, { status: 'running' })];
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: running }).status).toBe('pass');
  expect(judgeDatabase(db6, { copies: [writing], runs: running }).status).toBe('unknown');
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: [runOfAge(0.5)] }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [writing, copyOfAge(16)], runs: 'blind' }).status).toBe('unknown');
});

test('run records decide nothing else', () => {
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, cut)], runs: 'blind' }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16)], runs: 'blind' }).status).toBe('pass');
});

test('does not apply where there is no copy, only definitions, or only another database’s', () => {
  expect(judgeDatabase(db6, { copies: [] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { scope: 'schema-only' })] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: [copyOfAge(16, { nameAgrees: false })] }).status).toBe('not-applicable');
  expect(judgeDatabase(db6, { copies: 'blind' }).status).toBe('unknown');
});

test('a file that changed in the minutes before it was looked at is being written, until a run recorded its end', () => {
  const minutes = (count: number, more: Partial<Facts['copy']> = {}) => copyOfAge(count / 60, { ...cut, ...more });
  const only = judgeDatabase(db6, { copies: [minutes(1)] });
  expect(only.status).toBe('unknown');
  expect(only.because).toContain('is being written: it was changed within 5 minutes of the audit');
  expect(judgeDatabase(db6, { copies: [minutes(1, { bytes: 0 })] }).status).toBe('unknown');
  expect(judgeDatabase(db6, { copies: [minutes(1), copyOfAge(16)] }).status).toBe('pass');
  expect(judgeDatabase(db6, { copies: [minutes(1), copyOfAge(16, cut)] }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [minutes(6), copyOfAge(16)] }).status).toBe('fail');
  // Reading others took longer than that.
  expect(judgeDatabase(db6, { copies: [minutes(90, { changing: true }), copyOfAge(16)] }).status).toBe('pass');
  const at = (hours: number) => toInstant(toMillis(AS_OF) - hours * HOUR);
  const ended = [runOfAge(0.5, { finishedAt: at(1 / 60) })];
  expect(judgeDatabase(db6, { copies: [minutes(1), copyOfAge(16)], runs: ended }).status).toBe('fail');
  expect(judgeDatabase(db6, { copies: [minutes(1), copyOfAge(16)], runs: [runOfAge(16)] }).status).toBe('pass');
  expect(judgeDatabase(db6, { copies: [minutes(1), copyOfAge(16)], runs: 'blind' }).status).toBe('unknown');
});

test('a backup that its tool records as being taken is damaged once it takes longer than an hour, or than is usual', () => {
  const taken = (hours: number) =>
    copyOfAge(hours, {
      ...cut,
      moment: null,
      method: 'barman',
      foundName: null,
      nameAgrees: null,
      physical: {
        kind: 'full',
        label: 'main/B',
        builtOn: [],
        startedAt: toInstant(toMillis(AS_OF) - hours * HOUR),
        beingTaken: true,
        systemIdentifier: null,
        timeline: 1,
        endpoints: [],
        declaredServer: false,
        sameIdentifierClusters: 1,
        databaseOids: null,
        lockedUntil: null,
      },
    });
  expect(judgeDatabase(db6, { copies: [taken(0.9), copyOfAge(16)] }).status).toBe('pass');
  expect(judgeDatabase(db6, { copies: [taken(0.9)] }).status).toBe('unknown');
  expect(judgeDatabase(db6, { copies: [taken(1.1), copyOfAge(16)] }).status).toBe('fail');
  const { physical } = taken(22);
  const earlier = copyOfAge(20, { method: 'barman', physical: physical && { ...physical, beingTaken: false } });
  expect(judgeDatabase(db6, { copies: [taken(1.1), earlier], states: 'blind' }).because).not.toContain('is damaged');
  const long = [20, 44, 68].map((hours) =>
    runOfAge(hours, { finishedAt: toInstant(toMillis(AS_OF) - (hours - 2) * HOUR) }),
  );
  expect(judgeDatabase(db6, { copies: [taken(1.1), copyOfAge(16)], runs: long }).status).toBe('pass');
});
