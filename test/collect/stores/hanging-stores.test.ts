import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type * as Probe from '../../../src/collect/hosts/probe/host-probe.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { localFileProbe } from '../../../src/collect/local-file-probe.ts';
import { localListing } from '../../../src/collect/local-listing.ts';
import { hang, hangingUnavailable } from '../../services/hanging-mount.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { askedOfLocalStore, DOCUMENT, localStoreCollection } from './local-store-case.ts';

const SILENCE = vi.hoisted(() => 2000);

// As the run has it, but for the time that a share is given.
vi.mock('../../../src/collect/hosts/probe/host-probe.ts', async (original) => {
  const real = await original<typeof Probe>();
  const createHostProbe = () => real.createHostProbe({ silence: SILENCE });
  return { ...real, createHostProbe, hostProbe: createHostProbe() };
});

afterAll(() => hostProbe.close());

const { signal } = new AbortController();
async function millis(work: () => Promise<unknown>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}

describe.skipIf(hangingUnavailable() !== null)('stores on a share that hangs', () => {
  it('take nothing from the run: its own files answer at once, and other stores are told of', async (context) => {
    await using scratch = scratchDirectory('hanging');
    const point = join(scratch.path, 'mount');
    const beside = join(scratch.path, 'beside', 'acme');
    await mkdir(point);
    await mkdir(beside, { recursive: true });
    await writeFile(join(beside, DOCUMENT), 'x');
    const mounter = await hang(point);
    if (mounter === null) {
      context.skip('the mount is refused here');
      return;
    }
    try {
      const collection = localStoreCollection(join(point, 'runbook.md'));
      const stores = ['a', 'b', 'c', 'd', 'e'].map((name) => join(point, name));
      let answers: readonly unknown[] = [];
      const took = await millis(async () => {
        answers = await Promise.all(stores.map((path) => askedOfLocalStore(collection, path, `${path}-old`)));
      });
      expect(answers).toEqual(stores.map(() => ['timeout', 'timeout', 'timeout', 'timeout', 'timeout']));
      expect(took).toBeLessThan(5 * SILENCE);
      expect(await millis(() => stat('/'))).toBeLessThan(500);
      const own = localStoreCollection(join(beside, DOCUMENT));
      expect(await askedOfLocalStore(own, beside, join(beside, '..'))).toEqual([
        expect.objectContaining({ exists: true, empty: false }),
        expect.objectContaining({ exists: true, empty: false }),
        expect.objectContaining({ drawn: 1, found: 1 }),
        expect.objectContaining({ files: 1, rows: 1, missing: 0, unnamed: 0 }),
        expect.objectContaining({ exists: true }),
      ]);
    } finally {
      mounter.stdin?.end();
      await once(mounter, 'exit');
    }
  });

  it('take nothing from the run either where the share begins to hang under its questions', async (context) => {
    await using scratch = scratchDirectory('hanging');
    const points = ['a', 'b', 'c', 'd', 'e'].map((name) => join(scratch.path, name, 'share'));
    for (const point of points) {
      await mkdir(join(point, 'store'), { recursive: true });
      await writeFile(join(point, 'store', DOCUMENT), 'x');
    }
    const stores = points.map((point) => {
      const root = join(point, 'store');
      return { files: localFileProbe(root, { probe: hostProbe, signal }), root };
    });
    for (const { files } of stores) expect(await files.look(DOCUMENT)).toMatchObject({ is: 'found' });
    const mounters = await Promise.all(points.map(hang));
    try {
      if (mounters.includes(null)) {
        context.skip('the mount is refused here');
        return;
      }
      const reasons = await Promise.all(
        stores.flatMap(({ files, root }) => [
          files.look(DOCUMENT).then(String, ({ reason }) => reason),
          localListing(root, signal)
            .next()
            .then(String, ({ reason }) => reason),
        ]),
      );
      expect(new Set(reasons)).toEqual(new Set(['timeout']));
      expect(await millis(() => stat('/'))).toBeLessThan(500);
    } finally {
      for (const mounter of mounters) {
        mounter?.stdin?.end();
        if (mounter !== null) await once(mounter, 'exit');
      }
    }
  }, 30_000);
});
