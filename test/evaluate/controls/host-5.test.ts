import { expect, test } from 'vitest';
import { host5 } from '../../../src/evaluate/controls/host-5.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { DAY } from '../../../src/model/instant.ts';
import { ago, evidence, INSTALL, judge, node, scopeOf } from '../fixture.ts';

function judgeWith(attested: readonly Partial<Facts['declaration']>[]) {
  const read = evidence('declaration', INSTALL, []);
  const own = attested.map((one) => evidence('declaration', INSTALL, [one], { grade: 'declared' }));
  return judge(host5, node(INSTALL), scopeOf({ install: { evidence: [read, ...own] } }));
}

const statement = 'infrastructure-credentials-outside-host';

test('a declaration passes, as one', () => {
  const finding = judgeWith([{ statement }]);
  expect(finding).toMatchObject({ status: 'pass', grade: 'declared' });
  expect(finding.because).toBe('operations attested it on 2026-06-01');
});

test('none is a gap, another statement too', () => {
  expect(judgeWith([]).status).toBe('fail');
  expect(judgeWith([{ statement: 'runbook-reviewed' }]).status).toBe('fail');
});

test('an expired one is a blind spot, no file at all too', () => {
  expect(judgeWith([{ statement, expires: ago(DAY) }]).status).toBe('unknown');
  expect(judge(host5, node(INSTALL), scopeOf({})).status).toBe('unknown');
});

test('what the configuration reveals of where its secrets come from is said, and changes nothing', () => {
  const judgeKnowing = (onInstallHost: boolean, attested: boolean) =>
    judge(
      host5,
      node(INSTALL),
      scopeOf({
        install: {
          evidence: [
            evidence('declaration', INSTALL, []),
            ...(attested ? [evidence('declaration', INSTALL, [{ statement }], { grade: 'declared' })] : []),
            evidence(
              'secret-source',
              INSTALL,
              [
                { kind: 'file', path: '/etc/recoverage/password', onInstallHost },
                { kind: 'environment', path: null, onInstallHost },
              ],
              { grade: 'declared' },
            ),
          ],
        },
      }),
    );
  expect(judgeKnowing(true, true)).toMatchObject({ status: 'pass' });
  expect(judgeKnowing(true, true).because).toContain(
    '1 secret from files of the install host, which go with it: /etc/recoverage/password',
  );
  expect(judgeKnowing(true, false)).toMatchObject({ status: 'fail' });
  expect(judgeKnowing(false, true).because).not.toContain('/etc/recoverage/password');
});
