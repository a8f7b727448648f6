import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { hang, hangingUnavailable } from '../../../services/hanging-mount.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

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
