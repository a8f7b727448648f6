import { expect, test } from 'vitest';
import { db17 } from '../../../src/evaluate/controls/db-17.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { CLUSTER, evidence, INSTALL, judge, node, type PartSketch, scopeOf } from '../fixture.ts';

interface Seen {
  readonly globals?: readonly Partial<Facts['globals-copy']>[] | 'blind';
  readonly copies?: readonly Partial<Facts['copy']>[];
  readonly attested?: 'cluster' | 'install';
}

const PHYSICAL: Partial<Facts['copy']> = {
  location: 'repository',
  physical: {
    kind: 'full',
    label: 'F',
    builtOn: [],
    systemIdentifier: CLUSTER.key,
    timeline: 1,
    endpoints: [],
    declaredServer: false,
    sameIdentifierClusters: 1,
    databaseOids: null,
    lockedUntil: null,
  },
};

function judgeServer({ globals = [], copies = [], attested }: Seen) {
  const of = (kind: 'cluster' | 'install', about: typeof CLUSTER) =>
    attested === kind ? [evidence('declaration', about, [{ statement: 'roles-in-code' }], { grade: 'declared' })] : [];
  const install: PartSketch = {
    evidence: [
      evidence('declaration', INSTALL, []),
      globals === 'blind'
        ? evidence('globals-copy', CLUSTER, [], { blind: true })
        : evidence('globals-copy', CLUSTER, globals),
      evidence('copy', CLUSTER, copies),
      ...of('cluster', CLUSTER),
      ...of('install', INSTALL),
    ],
  };
  return judge(db17, node(CLUSTER), scopeOf({ install }));
}

test('a whole dump of roles suffices, and its path is not told', () => {
  const finding = judgeServer({ globals: [{ path: 'tenant_acme/globals.sql' }] });
  expect(finding).toMatchObject({ status: 'pass', severity: 'medium', bears: 'recovery' });
  expect(finding.because).toBe('a dump of its roles and settings lies in dumps, of 2026-11-22 02:10 UTC, 15 h old');
});

test('a dump of roles without passwords is told as that', () => {
  const because = (total: number, withPassword: number) =>
    judgeServer({ globals: [{ loginRoles: { total, withPassword } }] }).because;
  expect(because(3, 0)).toContain('15 h old; none of the 3 roles in it that may log in has a password');
  expect(because(1, 0)).toContain('the role in it that may log in has no password, as with --no-role-passwords');
  expect(because(3, 1)).not.toContain('password');
});

test('so does a copy of the whole cluster, and the word that they are kept as code', () => {
  expect(judgeServer({ copies: [PHYSICAL] })).toMatchObject({ status: 'pass', grade: 'observed' });
  expect(judgeServer({ attested: 'cluster' })).toMatchObject({ status: 'pass', grade: 'declared' });
  expect(judgeServer({ attested: 'install' }).because).toBe(
    'operations attested on 2026-06-01 that they are kept as code',
  );
});

test('nothing of it is a gap', () => {
  const finding = judgeServer({});
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('no dump of its roles and settings was found');
  expect(judgeServer({ globals: [{ complete: false }] }).because).toContain('in dumps is cut off');
  expect(judgeServer({ copies: [{ ...PHYSICAL, integrity: 'incomplete' }] }).status).toBe('fail');
});

test('what is not proven whole, or could not be asked, is unknown, and hides nothing that is good', () => {
  expect(judgeServer({ globals: [{ complete: null }] }).status).toBe('unknown');
  expect(judgeServer({ copies: [{ ...PHYSICAL, integrity: 'unproven' }] }).status).toBe('unknown');
  expect(judgeServer({ globals: 'blind' }).status).toBe('unknown');
  expect(judgeServer({ globals: 'blind', copies: [PHYSICAL] }).status).toBe('pass');
  expect(judgeServer({ globals: [{ complete: false }, { path: 'old.sql' }] }).status).toBe('pass');
});
