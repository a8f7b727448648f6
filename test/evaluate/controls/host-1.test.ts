import { expect, test } from 'vitest';
import { host1 } from '../../../src/evaluate/controls/host-1.ts';
import { judgeHost } from '../file-case.ts';
import { evidence, HOST, judge, node, scopeOf } from '../fixture.ts';

const own = { sourcePath: '/etc/novantra/bootstrap.env' };

test('a copy with the same contents elsewhere', () => {
  const finding = judgeHost(host1);
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('holds it with the same contents');
});

test.each([
  ['not there', { hostFiles: [{ exists: false }] }, '/etc/novantra/bootstrap.env is not there'],
  ['in no set', { copies: [] }, 'no backup set holds'],
  ['not in a set of other paths', { copies: [{ sourcePath: '/tmp', digest: 'digest-1' }] }, 'no backup set holds'],
  ['changed since', { copies: [{ ...own, digest: 'digest-0' }] }, 'it holds other contents than the live file'],
  ['lost with the host', { setsDomain: [{ host: 'install-1' }] }, 'lies in the failure domain that is lost'],
])('%s is a gap', (_, seen, because) => {
  const finding = judgeHost(host1, seen);
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(because);
});

test('contents that cannot be compared are unknown, on either side', () => {
  expect(judgeHost(host1, { copies: [{ ...own, digest: null }] }).status).toBe('unknown');
  expect(judgeHost(host1, { hostFiles: [{ digest: null }] }).status).toBe('unknown');
});

test('what nobody looked at is unknown', () => {
  expect(judgeHost(host1, { hostFiles: 'blind' }).status).toBe('unknown');
  expect(judgeHost(host1, { hostFiles: [{ role: 'state-directory' }] }).status).toBe('unknown');
  expect(judgeHost(host1, { copies: 'blind' }).status).toBe('unknown');
  expect(judgeHost(host1, { setsDomain: [] }).status).toBe('unknown');
});

test('why it was not seen is told in the words of whoever could not', () => {
  const refused = evidence('host-file', HOST, [], { blind: 'unauthorized' });
  const scope = scopeOf({ install: { nodes: [node(HOST)], evidence: [refused] } });
  const { status, because } = judge(host1, node(HOST), scope);
  expect(status).toBe('unknown');
  expect(because).toContain(
    'whether it is there is not known: host-file unauthorized; so it was compared with no copy',
  );
});

test('an empty file is no answer: nothing starts from it', () => {
  const finding = judgeHost(host1, { hostFiles: [{ bytes: 0 }] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('is empty (0 bytes)');
});

test('an empty file beside a copy that is not is told as that, and the copy is not to be replaced', () => {
  const finding = judgeHost(host1, { hostFiles: [{ bytes: 0, digest: 'digest-of-nothing' }] });
  expect(finding).toMatchObject({
    status: 'fail',
    because: expect.stringMatching(
      /bootstrap\.env is empty \(0 bytes\): .*, while backup set .* holds what it held before/,
    ),
    remediation: expect.stringMatching(
      /^Bring .*bootstrap\.env back from backup set .* make no new one in its place\./,
    ),
  });
});

test('NUL bytes alone are no configuration, whatever holds the same', () => {
  const finding = judgeHost(host1, { hostFiles: [{ bytes: 4096, nulBytes: 4096, settings: 0 }] });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain('/etc/novantra/bootstrap.env holds nothing but NUL bytes (4096 of 4096)');
});

test.each([
  ['NUL bytes in it', { bytes: 40, nulBytes: 12, settings: 1 }, 'holds 12 NUL bytes among its 40'],
  ['no variable', { bytes: 40, nulBytes: 0, settings: 0 }, 'sets no variable in any of its lines'],
])('a file with %s is none that an install is known to start from', (_, file, because) => {
  const finding = judgeHost(host1, { hostFiles: [file] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain(because);
  expect(judgeHost(host1, { hostFiles: [{ bytes: 40, nulBytes: 0, settings: 1 }] }).status).toBe('pass');
});

test('a symbolic link that no copy names as a file is unknown, as copies are not searched for links', () => {
  const copies = [{ ...own, present: false, digest: null }];
  expect(judgeHost(host1, { copies }).status).toBe('fail');
  const finding = judgeHost(host1, { hostFiles: [{ link: true }], copies });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('is a symbolic link');
  expect(judgeHost(host1, { hostFiles: [{ link: true }] }).status).toBe('pass');
  expect(judgeHost(host1, { hostFiles: [{ link: true }], copies: [{ ...own, digest: 'other' }] }).status).toBe('fail');
});
