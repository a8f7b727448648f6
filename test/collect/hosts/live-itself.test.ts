import { afterEach, expect, test, vi } from 'vitest';
import type { FileCopies } from '../../../src/collect/estate.ts';
import type { DatedCopy } from '../../../src/collect/hosts/dated-copies.ts';
import { liveItself } from '../../../src/collect/hosts/live-itself.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import type { ArtifactFile } from '../../../src/collect/trees/artifact-tree.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { memoryTree } from '../memory-tree.ts';

const { signal } = new AbortController();
const where = { location: { tree: memoryTree(new Map()), config: { kind: 'directory', path: '/sets' } } };

function copyOf(linked?: string): DatedCopy {
  const file = { path: 'state/a', bytes: 1, modifiedAt: '2026-11-20T00:00:00.000Z', version: 'ctime 1' };
  const told: ArtifactFile = linked === undefined ? file : { ...file, linked };
  return { name: '2026-11-20', files: new Map([[told.path, told]]) } as unknown as DatedCopy;
}

const look = (copy: DatedCopy) =>
  liveItself(where as unknown as FileCopies, copy, { inside: 'state', path: '/state' }, signal);

afterEach(() => void vi.restoreAllMocks());

test('a live file that may not be looked at leaves what is known of its copies', async () => {
  vi.spyOn(hostProbe, 'ask').mockRejectedValue(new SourceError('unauthorized', 'no rights', 'Give them.'));
  expect(await look(copyOf())).toBe(0);
  // One with several names may be one of the copy.
  await expect(look(copyOf('1:2:3:4'))).rejects.toThrow('no rights');
});
