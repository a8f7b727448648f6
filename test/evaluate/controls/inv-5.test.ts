import { expect, test } from 'vitest';
import { inv5 } from '../../../src/evaluate/controls/inv-5.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { evidence, INSTALL, judge, LOCATION, node, scopeOf } from '../fixture.ts';

interface Seen {
  readonly copies?: readonly Partial<Facts['orphan-copy']>[] | 'blind';
  readonly databases?: readonly Partial<Facts['database-list']>[] | 'blind';
  readonly purposes?: string[];
  /** Whether the install database gave no answer. */
  readonly isSilent?: boolean;
}

function judgeLeft({ copies = [], databases = [{}], purposes = ['dumps'], isSilent = false }: Seen) {
  const records = [
    isSilent ? evidence('install', INSTALL, [], { blind: true }) : evidence('install', INSTALL, [{}]),
    evidence('location', LOCATION, [{ purposes }], { grade: 'declared' }),
    copies === 'blind'
      ? evidence('orphan-copy', LOCATION, [], { blind: true })
      : evidence('orphan-copy', LOCATION, copies),
    databases === 'blind'
      ? evidence('database-list', INSTALL, [], { blind: true })
      : evidence('database-list', INSTALL, databases),
  ];
  return judge(inv5, node(INSTALL), scopeOf({ install: { evidence: records } }));
}

test('nothing left passes, whether or not every server told its databases', () => {
  expect(judgeLeft({})).toMatchObject({ status: 'pass', severity: 'low', bears: 'audit' });
  expect(judgeLeft({ databases: 'blind' }).status).toBe('pass');
});

test('copies of a database that is gone are listed', () => {
  const finding = judgeLeft({
    copies: [{}, { databaseName: 'tenant_x', copies: 1, inside: 'cluster-copy', path: 'F1' }],
  });
  expect(finding.status).toBe('fail');
  expect(finding.because).toBe(
    'copies are left of 2 databases: tenant_gone (2 copies, the newest tenant_gone.dump in dumps, of 2026-09-01 02:10 UTC); tenant_x (1 copy, the newest inside a copy of a whole cluster, F1 in dumps, of 2026-09-01 02:10 UTC)',
  );
});

test('a database that some server has does exist, recorded or not', () => {
  const there = { unrecorded: [{ name: 'tenant_gone', is: 'orphan' as const }], orphans: 1 };
  expect(judgeLeft({ copies: [{}], databases: [there] }).status).toBe('pass');
});

test('where a server did not answer, or its list was cut short, the database may be there', () => {
  expect(judgeLeft({ copies: [{}], databases: 'blind' }).status).toBe('unknown');
  expect(judgeLeft({ copies: [{}], databases: [{ orphans: 2000 }] }).status).toBe('unknown');
});

test('a location that could not be read is a blind spot; without one for copies it is not applicable', () => {
  expect(judgeLeft({ copies: 'blind' }).status).toBe('unknown');
  expect(judgeLeft({ purposes: ['files'] }).status).toBe('not-applicable');
  // Then no location was opened, whatever is configured.
  expect(judgeLeft({ purposes: ['files'], isSilent: true }).status).toBe('unknown');
});
