import { chmod, chown, mkdir, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { readHostFile } from '../../../src/collect/hosts/read-host-file.ts';
import { Secret } from '../../../src/model/secret.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const probe = createHostProbe();
const access = { probe, digestKey: new Secret('a key of the tests'), signal: new AbortController().signal };
const WRITTEN = '2026-11-02T03:04:05.678Z';
const NEWER = '2026-11-09T03:04:05.000Z';

afterAll(() => probe.close());

/** Sets an owner that is none of the others, where that may be done. @returns the owner as it is told */
async function owned(path: string, user: number, group: number): Promise<string> {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  if (uid !== 0) return `${uid}:${gid}`;
  await chown(path, user, group);
  return `${user}:${group}`;
}

const writtenAt = (path: string, instant: string) => utimes(path, new Date(instant), new Date(instant));

describe('a file of the host', () => {
  it('is told with its owner, mode, size and time of its last writing', async () => {
    await using scratch = scratchDirectory('host-file');
    const path = join(scratch.path, 'bootstrap.env');
    await writeFile(path, 'KEY=value\n');
    await chmod(path, 0o640);
    await writtenAt(path, WRITTEN);
    const owner = await owned(path, 1234, 5678);
    expect(await readHostFile(access, 'bootstrap', path)).toEqual({
      role: 'bootstrap',
      path,
      exists: true,
      mode: '0640',
      owner,
      bytes: 10,
      modifiedAt: WRITTEN,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
      nulBytes: 0,
      settings: 1,
    });
    const link = join(scratch.path, 'link');
    await symlink(path, link);
    // Of what the link leads to.
    expect(await readHostFile(access, 'bootstrap', link)).toMatchObject({ link: true, owner, modifiedAt: WRITTEN });
  });

  it('is told as a directory with its own owner and mode, and the newest time of a file in it', async () => {
    await using scratch = scratchDirectory('host-file');
    const path = join(scratch.path, 'state');
    await mkdir(join(path, 'deep'), { recursive: true });
    for (const [name, instant] of [
      ['old', WRITTEN],
      ['deep/newest', NEWER],
    ] as const) {
      await writeFile(join(path, name), 'x');
      await writtenAt(join(path, name), instant);
    }
    await chmod(path, 0o750);
    const owner = await owned(path, 4321, 8765);
    expect(await readHostFile(access, 'state-directory', path)).toMatchObject({
      role: 'state-directory',
      exists: true,
      mode: '0750',
      owner,
      modifiedAt: NEWER,
      files: 2,
      bytes: 2,
    });
  });
});
