import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { releaseValue } from '../../../src/collect/hosts/host-system.ts';
import { readInstallers, versionOf } from '../../../src/collect/hosts/installer-packages.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { isNamed } from '../../../src/collect/hosts/probe/runbook-reading.ts';
import { readRunbook } from '../../../src/collect/hosts/runbook.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { minimalPackage } from '../../../src/demo/minimal-package.ts';
import { Secret } from '../../../src/model/secret.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const { signal } = new AbortController();
const access = { probe: hostProbe, digestKey: new Secret('a key of the tests'), signal };

describe('a runbook', () => {
  it.each([
    ['Restore from dumps.', 'dumps', true],
    ['(dumps)', 'dumps', true],
    ['`vault-main`: unseal it', 'vault-main', true],
    ['DUMPS', 'dumps', true],
    ['dumps-old', 'dumps', false],
    ['my-dumps', 'dumps', false],
    ['dumps.old', 'dumps', false],
    ['nas.dumps', 'dumps', false],
    ['', 'dumps', false],
    ['a.b', 'a.b', true],
    ['axb', 'a.b', false],
  ])('%j names %s: %s', (text, name, named) => {
    expect(isNamed(text, name)).toBe(named);
  });

  it('is told by its names, and nothing else of it', async () => {
    await using scratch = scratchDirectory('runbook');
    const file = join(scratch.path, 'runbook.md');
    await writeFile(file, 'The password is hunter2. Restore from dumps.');
    const found = await readRunbook(access, file, ['dumps', 'vault-main']);
    expect(found).toMatchObject({ exists: true, searched: 2, missing: ['vault-main'] });
    expect(found.digest).toMatch(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(found)).not.toContain('hunter2');
    expect(await readRunbook(access, join(scratch.path, 'none'), ['dumps'])).toMatchObject({
      exists: false,
      missing: ['dumps'],
    });
    await expect(readRunbook(access, scratch.path, [])).rejects.toMatchObject({ name: 'SourceError' });
  });
});

describe('an installer package', () => {
  it.each([
    ['novantra-onprem_4.2.1_amd64.deb', true],
    ['novantra-onprem-4.2.1.msi', true],
    ['onprem-v4.2.1.tar.gz', true],
    ['4.2.1/novantra.deb', false],
    ['novantra_4.2.10_amd64.deb', false],
    ['novantra_14.2.1_amd64.deb', false],
    ['novantra_4.2.1.1_amd64.deb', false],
    ['novantra_4.2.1-rc1_amd64.deb', false],
    ['novantra_4.2.1-1_amd64.deb', true],
  ])('%s is of 4.2.1: %s', (path, is) => {
    expect(versionOf(path, '4.2.1')).toBe(is);
  });

  it('is read for its checksum and its first bytes', async () => {
    await using scratch = scratchDirectory('installers');
    const write = (name: string, contents: string) => writeFile(join(scratch.path, name), contents);
    await write('novantra_4.2.1_amd64.deb', '!<arch>\ndebian');
    await write('novantra_4.2.1_amd64.deb.sha256', `${'0'.repeat(64)}\n`);
    await write('novantra-no-training-4.2.1.msi', 'no compound file');
    await write('novantra_4.2.0_amd64.deb', '!<arch>\n');
    await write('notes-4.2.1.txt', '');
    const found = await readInstallers('installers', localDirectoryTree({ root: scratch.path }), '4.2.1', signal);
    expect(
      found
        .map(({ path, profile, kind, checksumAgrees, formatAgrees }) => ({
          path,
          profile,
          kind,
          checksumAgrees,
          formatAgrees,
        }))
        .sort((a, b) => a.path.localeCompare(b.path)),
    ).toEqual([
      { path: 'novantra_4.2.1_amd64.deb', profile: 'default', kind: 'deb', checksumAgrees: false, formatAgrees: true },
      {
        path: 'novantra-no-training-4.2.1.msi',
        profile: 'no-training',
        kind: 'msi',
        checksumAgrees: null,
        formatAgrees: false,
      },
    ]);
    expect(await readInstallers('installers', localDirectoryTree({ root: scratch.path }), null, signal)).toEqual([]);
  });

  it('tells what its control file says, and which file a checksum with its name is about', async () => {
    await using scratch = scratchDirectory('installers');
    const name = 'novantra-onprem_4.2.1_arm64.deb';
    await writeFile(join(scratch.path, name), minimalPackage('novantra-agent', '4.2.1', 'arm64'));
    await writeFile(join(scratch.path, `${name}.sha256`), `${'0'.repeat(64)}  other.deb\n`);
    const [found] = await readInstallers('installers', localDirectoryTree({ root: scratch.path }), '4.2.1', signal);
    expect(found).toMatchObject({
      damage: null,
      control: { package: 'novantra-agent', version: '4.2.1', architecture: 'arm64' },
      checksumAgrees: null,
      checksumOfOther: 'other.deb',
    });
  });
});

describe('the operating system', () => {
  it('is what os-release says, where that is a plain word', () => {
    const text = 'NAME="Ubuntu"\nID=ubuntu\nVERSION_ID="24.04"\nHOME_URL="https://x/"\nODD=a b\n';
    expect(['ID', 'VERSION_ID', 'HOME_URL', 'ODD', 'NONE'].map((name) => releaseValue(text, name))).toEqual([
      'ubuntu',
      '24.04',
      null,
      null,
      null,
    ]);
  });
});
