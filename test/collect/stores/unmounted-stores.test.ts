import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type * as Mounts from '../../../src/collect/hosts/mounted-on.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { askedOfLocalStore, DOCUMENT, localStoreCollection } from './local-store-case.ts';

const missing = vi.hoisted((): string[] => []);

// What /etc/fstab names and is not mounted, beside what that of this machine names.
vi.mock('../../../src/collect/hosts/mounted-on.ts', async (original) => {
  const real = await original<typeof Mounts>();
  return { ...real, missingMounts: () => [...real.missingMounts(), ...missing] };
});

const scratch = scratchDirectory('unmounted');
const collection = localStoreCollection(join(scratch.path, 'runbook.md'));

afterAll(() => {
  hostProbe.close();
  scratch[Symbol.dispose]();
});

describe('a store whose share is not mounted', () => {
  it('is a blind spot where /etc/fstab names its mount point, whatever lies there', async () => {
    const point = join(scratch.path, 'of-fstab');
    const store = join(point, 'acme');
    await mkdir(store, { recursive: true });
    await writeFile(join(store, DOCUMENT), 'x');
    missing.push(point);
    const reason = 'unreachable';
    expect((await askedOfLocalStore(collection, store, join(point, 'old'))).slice(0, 4)).toEqual([
      reason,
      reason,
      reason,
      reason,
    ]);
    await expect(hostProbe.ask({ ask: 'directory', path: store }, new AbortController().signal)).rejects.toMatchObject({
      message: `"${store}" lies at the mount point "${point}" of /etc/fstab, where nothing is mounted`,
      remedy: expect.stringContaining(`mount ${point}`),
    });
  });

  it('is no store without files where rows list some: neither a sample nor an inventory is taken of it', async () => {
    const store = join(scratch.path, 'empty');
    await mkdir(store);
    const [state, , sample, inventory] = await askedOfLocalStore(collection, store, scratch.path);
    expect(state).toMatchObject({ exists: true, empty: true });
    expect([sample, inventory]).toEqual(['unreachable', 'unreachable']);
  });

  it('is not gone as an old store where nothing else is beside it', async () => {
    const [share, lived] = [join(scratch.path, 'share'), join(scratch.path, 'lived')];
    await mkdir(share);
    await mkdir(join(lived, 'globex'), { recursive: true });
    const former = async (path: string) => (await askedOfLocalStore(collection, lived, path))[1];
    expect(await former(join(share, 'acme'))).toBe('unreachable');
    expect(await former(join(share, 'deeper', 'acme'))).toBe('unreachable');
    expect(await former(join(lived, 'acme'))).toMatchObject({ exists: false });
    expect(await former(join(lived, 'globex'))).toMatchObject({ exists: true, empty: true });
    await writeFile(join(lived, 'file'), 'x');
    expect(await former(join(lived, 'file'))).toMatchObject({ exists: false, detail: 'a file stands in its place' });
    expect(await former(lived)).toMatchObject({ exists: true, empty: false });
  });
});
