import { expect, test } from 'vitest';
import { db3 } from '../../../src/evaluate/controls/db-3.ts';
import { DAY, HOUR } from '../../../src/model/instant.ts';
import { copyOfAge, judgeDatabase, runOfAge } from '../database-case.ts';
import { ACME, ago, evidence, INSTALL, INSTALL_DATABASE, judge, node, scopeOf, TENANT_DATABASE } from '../fixture.ts';

test('a copy of last night', () => {
  const finding = judgeDatabase(db3, {});
  expect(finding).toMatchObject({ status: 'pass', limit: { value: 26, origin: 'default' } });
  expect(finding.because).toBe('newest usable copy is from 2026-11-22 02:00 UTC, 16 h old; the limit is 26 h');
});

test('a copy of three days ago is a gap in words', () => {
  const copies = [
    copyOfAge(0, {
      moment: { notBefore: '2026-11-19T02:00:00.000Z', notAfter: '2026-11-19T02:00:00.000Z', origin: '' },
    }),
  ];
  const finding = judgeDatabase(db3, { copies });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe('newest usable copy is from 2026-11-19 02:00 UTC, 3 days old; the limit is 26 h');
});

test('three days old stays a gap where runs, plans and the live database are blind', () => {
  const seen = {
    copies: [copyOfAge(72)],
    runs: 'blind',
    installPlans: 'blind',
    states: 'blind',
    catalogues: 'blind',
  } as const;
  expect(judgeDatabase(db3, seen).status).toBe('fail');
});

test('a fresh copy passes where runs and plans are blind, not where the location is blind or the server is', () => {
  expect(judgeDatabase(db3, { runs: 'blind', ownPlans: 'blind' }).status).toBe('pass');
  expect(judgeDatabase(db3, { copies: 'blind' }).status).toBe('unknown');
  expect(judgeDatabase(db3, { states: 'blind' }).status).toBe('unknown');
});

test('a copy without object ids needs no live database', () => {
  const plain = copyOfAge(5, { databaseOid: null, tableOids: null, tableNames: null, tablesComplete: false });
  expect(judgeDatabase(db3, { copies: [plain], states: 'blind', catalogues: 'blind' }).status).toBe('pass');
});

test('a fresh copy that is damaged is told beside the old one that serves', () => {
  const copies = [
    copyOfAge(5, { integrity: 'incomplete', integrityBecause: 'it breaks off in a block' }),
    copyOfAge(60),
  ];
  const finding = judgeDatabase(db3, { copies });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('2 days old');
  expect(finding.because).toContain('tenant_acme-5h.dump in dumps does not count: it breaks off in a block');
});

test('what is wrong with the copies that were seen is told where others may lie unseen', () => {
  const unseen = evidence('copy', TENANT_DATABASE, [], { blind: 'unsupported' });
  const copies = [copyOfAge(5, { integrity: 'incomplete', integrityBecause: 'it breaks off in a block' })];
  const finding = judgeDatabase(db3, { copies, more: [unseen] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toBe(
    'no usable copy was found; the limit is 26 h; tenant_acme-5h.dump in dumps does not count: it breaks off in a block; cannot be judged: copy unsupported',
  );
  const old = judgeDatabase(db3, { copies: [copyOfAge(60)], more: [unseen] });
  expect(old.because).toMatch(/^newest usable copy is from .*; cannot be judged: copy unsupported$/);
  expect(judgeDatabase(db3, { copies: [], more: [unseen] }).because).toBe('cannot be judged: copy unsupported');
});

test('no copy, or only another database’s, is a gap', () => {
  expect(judgeDatabase(db3, { copies: [] }).status).toBe('fail');
  const foreign = copyOfAge(5, { nameAgrees: false, foundName: 'beta' });
  expect(judgeDatabase(db3, { copies: [foreign] }).status).toBe('fail');
});

test('a limit that falls inside the moment’s interval is unknown', () => {
  const moment = { notBefore: ago(30 * HOUR), notAfter: ago(20 * HOUR), origin: 'zone not known' };
  const finding = judgeDatabase(db3, { copies: [copyOfAge(20, { moment })] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('made between 2026-11-21 12:00 UTC and 2026-11-21 22:00 UTC');
});

test('a copy without a moment is unknown, one from the future proves nothing', () => {
  expect(judgeDatabase(db3, { copies: [copyOfAge(5, { moment: null })] }).status).toBe('unknown');
  expect(judgeDatabase(db3, { copies: [copyOfAge(-3)] }).status).toBe('fail');
});

const hourly = [50, 74, 98].map((hours) => runOfAge(hours, { finishedAt: ago((hours - 2) * HOUR) }));

test('the usual duration is allowed while a run on time is going, and only then', () => {
  const copies = [copyOfAge(27)];
  const plan = [{ schedule: '0 17 * * *' }];
  const going = [...hourly, runOfAge(1, { status: 'running' })];
  const finding = judgeDatabase(db3, { copies, installPlans: plan, runs: going });
  expect(finding.status).toBe('pass');
  expect(finding.limit?.text).toBe('26 h and the 2 h that the run now going usually takes');
  expect(judgeDatabase(db3, { copies, installPlans: plan, runs: hourly }).status).toBe('fail');
  expect(judgeDatabase(db3, { copies, installPlans: [{ schedule: '0 5 * * *' }], runs: going }).status).toBe('fail');
  expect(judgeDatabase(db3, { copies, installPlans: plan, runs: 'blind' }).status).toBe('unknown');
});

test('the limit of one organization is its own', () => {
  const policy = { organizationLimits: { [ACME]: { databaseRpoHours: 4 } } };
  expect(judgeDatabase(db3, { policy })).toMatchObject({ status: 'fail', limit: { value: 4 } });
});

test('is not asked of a new organization until its first copy is due, nor once a copy lies there', () => {
  const young = [{ createdAt: ago(2 * HOUR) }];
  const awaited = judgeDatabase(db3, { organizations: young, copies: [], runs: [] });
  expect(awaited.status).toBe('not-applicable');
  expect(awaited.because).toContain('first copy due by');
  expect(judgeDatabase(db3, { organizations: young, copies: [copyOfAge(1)] }).status).toBe('pass');
});

test('is not asked of a new organization on an install that keeps no list of keys and files either', () => {
  const young = [{ createdAt: ago(2 * HOUR) }];
  const seen = { organizations: young, copies: [], runs: [], withoutTenantDatasets: true };
  expect(judgeDatabase(db3, seen).status).toBe('not-applicable');
  expect(judgeDatabase(db3, { ...seen, runs: 'blind' }).status).toBe('unknown');
  expect(judgeDatabase(db3, { ...seen, rows: [{ createdAt: ago(90 * DAY) }] }).status).toBe('fail');
});

test('the install database is judged alike', () => {
  const about = { nameAgrees: true, databaseOid: null, tableOids: null, tableNames: null, tablesComplete: false };
  const scope = (hours: number) =>
    scopeOf({
      install: {
        evidence: [
          evidence('copy', INSTALL_DATABASE, [copyOfAge(hours, about)]),
          evidence('backup-run', INSTALL_DATABASE, []),
          evidence('backup-plan', INSTALL, [{}]),
          evidence('database-state', INSTALL_DATABASE, [{}]),
          evidence('catalogue', INSTALL_DATABASE, [{}]),
          evidence('declaration', INSTALL, []),
        ],
      },
    });
  expect(judge(db3, node(INSTALL_DATABASE), scope(5)).status).toBe('pass');
  expect(judge(db3, node(INSTALL_DATABASE), scope((3 * DAY) / HOUR)).status).toBe('fail');
});

test('a copy whose file is older than the start inside it is unknown, and says so', () => {
  const momentBecause = 'the start time inside it is later than the time of its file';
  const finding = judgeDatabase(db3, { copies: [copyOfAge(0, { moment: null, momentBecause })] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain(momentBecause);
});
