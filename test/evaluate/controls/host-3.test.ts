import { expect, test } from 'vitest';
import { host3 } from '../../../src/evaluate/controls/host-3.ts';
import { judgeHost } from '../file-case.ts';

const directory = { role: 'state-directory', path: '/var/lib/novantra/onprem', digest: null } as const;

test('only owner and group have rights', () => {
  const finding = judgeHost(host3, { hostFiles: [{ mode: '0640' }, { ...directory, mode: '0750' }] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('/var/lib/novantra/onprem (mode 0750)');
});

test.each(['0644', '0602', '0641'])('any right of others to one of them is a gap: %s', (mode) => {
  const finding = judgeHost(host3, { hostFiles: [{ mode }, { ...directory, mode: '0700' }] });
  expect(finding).toMatchObject({
    status: 'fail',
    because: `others have rights to /etc/novantra/bootstrap.env (mode ${mode})`,
  });
});

test('an open directory is a gap, whatever is not known of the file', () => {
  expect(judgeHost(host3, { hostFiles: [{ mode: null }, { ...directory, mode: '0755' }] }).status).toBe('fail');
});

test('rights that are not known, and what nobody looked at, are unknown', () => {
  expect(judgeHost(host3, { hostFiles: [{ mode: null }, { ...directory, mode: '0700' }] }).status).toBe('unknown');
  expect(judgeHost(host3, { hostFiles: 'blind' }).status).toBe('unknown');
  expect(judgeHost(host3, { hostFiles: [] }).status).toBe('unknown');
});

test('where nothing is there it is not applicable: other controls speak of that', () => {
  expect(judgeHost(host3, { hostFiles: [{ exists: false, mode: null }] }).status).toBe('not-applicable');
});
