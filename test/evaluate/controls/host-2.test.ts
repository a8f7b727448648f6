import { expect, test } from 'vitest';
import { host2 } from '../../../src/evaluate/controls/host-2.ts';
import { HOUR } from '../../../src/model/instant.ts';
import { judgeHost } from '../file-case.ts';
import { ago } from '../fixture.ts';

const path = '/var/lib/novantra/onprem';
const own = { sourcePath: path };
const live = {
  role: 'state-directory' as const,
  path,
  digest: 'tree-1',
  files: 3,
  bytes: 90,
  modifiedAt: ago(9 * HOUR),
};

test('a copy of the same files elsewhere', () => {
  const finding = judgeHost(host2, { hostFiles: [live], copies: [{ ...own, digest: 'tree-1' }] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('holds it with the same contents');
});

test('permissions are told where both sides know them, and break nothing', () => {
  const judged = (copied: string) =>
    judgeHost(host2, {
      hostFiles: [{ ...live, digestOfModes: 'modes-1' }],
      copies: [{ ...own, digest: 'tree-1', digestOfModes: copied }],
    });
  expect(judged('modes-1').because).toContain('the same contents and permissions');
  expect(judged('modes-2')).toMatchObject({ status: 'pass' });
  expect(judged('modes-2').because).toContain('the same contents, with other permissions');
});

test('a copy of other files is a gap, and how far it is behind is told', () => {
  const copies = [{ ...own, digest: 'tree-0', moment: ago(15 * HOUR) }];
  const finding = judgeHost(host2, { hostFiles: [live], copies });
  expect(finding.status).toBe('fail');
  expect(finding.because).toContain(
    'other contents than the live directory, which was changed on 2026-11-22 09:00 UTC, 6 h after it',
  );
});

test('an older copy of the very same files serves', () => {
  const copies = [
    { ...own, digest: 'tree-0', moment: ago(15 * HOUR) },
    { ...own, digest: 'tree-1', moment: ago(40 * HOUR), copy: 'older' },
  ];
  const finding = judgeHost(host2, { hostFiles: [live], copies });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('it is not the newest');
  expect(finding.because).toContain('it holds other contents than the live directory');
  const broken = [{ ...own, complete: false, because: 'its marker is missing' }, copies[1] ?? {}];
  expect(judgeHost(host2, { hostFiles: [live], copies: broken }).because).toContain(
    'does not serve: its marker is missing',
  );
});

test('what could not be compared, on either side, is unknown', () => {
  expect(judgeHost(host2, { hostFiles: [live], copies: [{ ...own, digest: null }] }).status).toBe('unknown');
  const undigested = { ...live, digest: null };
  expect(judgeHost(host2, { hostFiles: [undigested], copies: [{ ...own, digest: 'tree-1' }] }).status).toBe('unknown');
});

test('an empty directory is no answer: its disk may not be mounted', () => {
  const finding = judgeHost(host2, { hostFiles: [{ ...live, files: 0 }], copies: [{ ...own, digest: 'tree-1' }] });
  expect(finding.status).toBe('unknown');
  expect(finding.because).toContain('is empty');
});

test('an empty directory beside a copy with files is told as that, and the copy is not to be replaced', () => {
  const emptied = { ...live, files: 0, bytes: 0, digest: 'tree-of-nothing' };
  const finding = judgeHost(host2, { hostFiles: [emptied], copies: [{ ...own, digest: 'tree-1', files: 3 }] });
  expect(finding).toMatchObject({
    status: 'fail',
    because: expect.stringMatching(/is empty, as it is where its disk is not mounted, while .* holds 3 files/),
    remediation: expect.stringMatching(/^Mount what belongs at .* make no new one in its place\./),
  });
});

test('one in no set, or in one that is lost too', () => {
  const copies = [{ ...own, digest: 'tree-1' }];
  expect(judgeHost(host2, { hostFiles: [live], copies: [] }).status).toBe('fail');
  expect(judgeHost(host2, { hostFiles: [live], copies, setsDomain: [{ host: 'install-1' }] }).status).toBe('fail');
  expect(judgeHost(host2, { hostFiles: [live], copies, setsDomain: [] }).status).toBe('unknown');
});

test('in a bundle of an older version, which compared nothing of a directory, presence is what is judged', () => {
  const older = { role: 'state-directory' as const, path, digest: null };
  const finding = judgeHost(host2, { hostFiles: [older], copies: [own] });
  expect(finding.status).toBe('pass');
  expect(finding.because).toContain('what is in a directory is not compared');
});

test('symbolic links are named, and a copy with another number of them is not known to be whole', () => {
  const judged = (...copied: readonly object[]) =>
    judgeHost(host2, {
      hostFiles: [{ ...live, links: 2 }],
      copies: copied.map((one) => ({ ...own, digest: 'tree-1', ...one })),
    });
  const same = judged({ links: 2 });
  expect(same.status).toBe('pass');
  expect(same.because).toContain('in it are 2 symbolic links, whose targets were not looked at');
  expect(judged({})).toMatchObject({ status: 'pass', because: expect.stringContaining('2 symbolic links') });
  const lacking = judged({ links: 1 });
  expect(lacking.status).toBe('unknown');
  expect(lacking.because).toContain('holds its files, but 1 symbolic link instead of 2');
  expect(judged({ links: 1 }, { links: 2, copy: 'other' }).status).toBe('pass');
});
