import { expect, test } from 'vitest';
import { run2 } from '../../../src/evaluate/controls/run-2.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { HOUR, MINUTE } from '../../../src/model/instant.ts';
import { copyOfAge, judgeDatabase } from '../database-case.ts';
import {
  ago,
  CLUSTER,
  evidence,
  judge,
  LOCATION,
  node,
  ORGANIZATION,
  PROVIDER,
  scopeOf,
  TENANT_STORE,
} from '../fixture.ts';

function clock(about: typeof CLUSTER, clocks: readonly Partial<Facts['clock']>[]) {
  const kind = evidence('location', LOCATION, [{ kind: 's3' }], { grade: 'declared' });
  return judge(run2, node(about), scopeOf({ install: { evidence: [kind, evidence('clock', about, clocks)] } }));
}

test.each([CLUSTER, PROVIDER, LOCATION])('five minutes are allowed: $kind', (about) => {
  expect(clock(about, [{ offsetMillis: 4.9 * MINUTE, uncertaintyMillis: 500 }])).toMatchObject({
    status: 'pass',
    limit: { text: '5 min' },
  });
  const behind = clock(about, [{ offsetMillis: -20 * MINUTE, uncertaintyMillis: 500 }]);
  expect(behind.status).toBe('fail');
  expect(behind.because).toContain('20 min behind the auditor');
});

test('a limit inside the uncertainty is unknown, on either side', () => {
  expect(clock(CLUSTER, [{ offsetMillis: 4.9 * MINUTE, uncertaintyMillis: MINUTE }]).status).toBe('unknown');
  expect(clock(CLUSTER, [{ offsetMillis: -5.5 * MINUTE, uncertaintyMillis: MINUTE }]).status).toBe('unknown');
});

test('one wrong clock among several decides, a clock nobody read is unknown', () => {
  expect(clock(CLUSTER, [{}, { offsetMillis: HOUR }]).status).toBe('fail');
  expect(clock(CLUSTER, []).status).toBe('unknown');
  expect(judge(run2, node(LOCATION), scopeOf({})).status).toBe('unknown');
});

test('a directory has no clock of its own', () => {
  const scope = scopeOf({
    install: { evidence: [evidence('location', LOCATION, [{ kind: 'directory' }], { grade: 'declared' })] },
  });
  expect(judge(run2, node(LOCATION), scope).status).toBe('not-applicable');
});

test('of a live bucket five minutes are allowed, and a directory has none', () => {
  const ofStore = (kind: string, clocks: readonly Partial<Facts['clock']>[]) => {
    const told = [
      evidence('storage-binding', ORGANIZATION, [{ kind }]),
      ...(clocks.length === 0 ? [] : [evidence('clock', TENANT_STORE, clocks)]),
    ];
    return judge(run2, node(TENANT_STORE), scopeOf({ organization: { evidence: told } }));
  };
  expect(ofStore('s3', [{ offsetMillis: MINUTE, uncertaintyMillis: 1000 }]).status).toBe('pass');
  expect(ofStore('s3', [{ offsetMillis: 20 * MINUTE, uncertaintyMillis: 1000 }])).toMatchObject({
    status: 'fail',
    because: expect.stringContaining('20 min ahead of the auditor'),
  });
  expect(ofStore('s3', []).status).toBe('unknown');
  expect(ofStore('bundled', []).status).toBe('not-applicable');
});

test('a copy dated ahead of now by more than the tolerance is a gap of its database', () => {
  const finding = judgeDatabase(run2, { copies: [copyOfAge(-3), copyOfAge(16)] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('is dated 2026-11-22 21:00 UTC, later than now, 2026-11-22 18:00 UTC');
  expect(judgeDatabase(run2, { copies: [copyOfAge(-4 / 60)] }).status).toBe('pass');
});

test('a moment that only may lie ahead is no gap', () => {
  const moment = { notBefore: ago(5 * HOUR), notAfter: ago(-9 * HOUR), origin: 'zone not known' };
  expect(judgeDatabase(run2, { copies: [copyOfAge(0, { moment })] }).status).toBe('pass');
  expect(judgeDatabase(run2, { copies: 'blind' }).status).toBe('unknown');
});
