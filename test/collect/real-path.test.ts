import { mkdirSync, realpathSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Collection } from '../../src/collect/estate.ts';
import { withRealPath } from '../../src/collect/real-path.ts';
import type { Facts } from '../../src/model/facts.ts';
import { scratchDirectory } from '../services/scratch.ts';

const collection = (collectorRunsHere: boolean) =>
  ({ config: { install: { collectorRunsHere } }, signal: new AbortController().signal }) as unknown as Collection;
const binding = (path: string | null) => ({ kind: 'local_filesystem_dedicated', path }) as Facts['storage-binding'];

test('where links lead is told on the install host, and nowhere else', async () => {
  using scratch = scratchDirectory('real-path');
  const root = realpathSync(scratch.path);
  mkdirSync(join(root, 'a'));
  symlinkSync(join(root, 'a'), join(root, 'b'));
  const link = binding(join(root, 'b'));
  expect(await withRealPath(collection(true), link)).toEqual({ ...link, realPath: join(root, 'a') });
  expect(await withRealPath(collection(false), link)).toEqual(link);
  for (const path of [join(root, 'a'), join(root, 'nowhere'), null]) {
    expect(await withRealPath(collection(true), binding(path))).toEqual(binding(path));
  }
});
