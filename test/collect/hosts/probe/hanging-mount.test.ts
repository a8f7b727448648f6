import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { programOnPath } from '../../../services/availability.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

/** Why no file system that hangs can be mounted here, or null. */
function hangingUnavailable(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'only root may mount';
  if (programOnPath(['python3']) === null) return 'python3 not found';
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return null;
  } catch {
    return 'no /dev/fuse';
  }
}

/** Null where this machine does not let it be mounted. */
async function hang(point: string): Promise<ChildProcess | null> {
  const program = join(import.meta.dirname, 'hanging-mount.py');
  const mounter = spawn('python3', [program, point], { stdio: ['pipe', 'pipe', 'ignore'] });
  const said = await Promise.race([once(mounter.stdout, 'data'), once(mounter, 'exit')]);
  return String(said[0]).startsWith('mounted') ? mounter : null;
}

describe.skipIf(hangingUnavailable() !== null)('a file system that really hangs', () => {
  it('costs one blind spot: what lies beside it is looked at, by the same run', async (context) => {
    await using scratch = scratchDirectory('hanging');
    const point = join(scratch.path, 'mount');
    await mkdir(point);
    await mkdir(join(scratch.path, 'beside', 'deep'), { recursive: true });
    await writeFile(join(scratch.path, 'beside', 'deep', 'file'), 'x');
    const mounter = await hang(point);
    if (mounter === null) {
      context.skip('the mount is refused here');
      return;
    }
    const probe = createHostProbe({ silence: 1000 });
    const { signal } = new AbortController();
    try {
      const begun = performance.now();
      const hanging = (path: string) => probe.ask({ ask: 'directory', path: join(point, path) }, signal);
      await expect(hanging('store')).rejects.toMatchObject({ reason: 'timeout' });
      await expect(hanging('other/store')).rejects.toMatchObject({ reason: 'timeout' });
      await expect(probe.ask({ ask: 'tree', path: point, key: 'k', except: null }, signal)).rejects.toMatchObject({
        reason: 'timeout',
      });
      expect(performance.now() - begun).toBeLessThan(1900);
      const beside = { ask: 'tree', path: join(scratch.path, 'beside'), key: 'k', except: null } as const;
      expect(await probe.ask(beside, signal)).toMatchObject({ files: 1 });
    } finally {
      probe.close();
      mounter.stdin?.end();
      await once(mounter, 'exit');
    }
  });
});
