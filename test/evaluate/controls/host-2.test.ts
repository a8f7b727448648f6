import { expect, test } from 'vitest';
import { host2 } from '../../../src/evaluate/controls/host-2.ts';
import { judgeHost } from '../file-case.ts';

const path = '/var/lib/novantra/onprem';
const hostFiles = [{ role: 'state-directory' as const, path, digest: null }];

test('a directory in a backup set elsewhere, of which the contents are not compared', () => {
  const finding = judgeHost(host2, { hostFiles, copies: [{ sourcePath: path }] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('what is in a directory is not compared');
});

test('one in no set, or in one that is lost too', () => {
  expect(judgeHost(host2, { hostFiles, copies: [] }).status).toBe('fail');
  const lost = judgeHost(host2, { hostFiles, copies: [{ sourcePath: path }], setsDomain: [{ host: 'install-1' }] });
  expect(lost.status).toBe('fail');
  expect(judgeHost(host2, { hostFiles, copies: [{ sourcePath: path }], setsDomain: [] }).status).toBe('unknown');
});
