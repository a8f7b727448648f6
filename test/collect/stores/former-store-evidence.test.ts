import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import type { HostAnswer } from '../../../src/collect/recorded/host-bundle-lines.ts';
import { joinBundles } from '../../../src/collect/recorded/joined-bundles.ts';
import { type JoinedHosts, NOTHING_JOINED } from '../../../src/collect/recorded/joined-hosts.ts';
import { type HostAccess, recordHost } from '../../../src/collect/recorded/record-host.ts';
import { formerStoreEvidence } from '../../../src/collect/stores/former-store-evidence.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { fact } from '../../evaluate/fixture.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { emptyPart, NO_ESTATE, storeCollection } from './store-collection.ts';

const ACME: Subject = { kind: 'organization', key: 'acme', organizationId: 'acme', name: 'Acme' };
const CHANGED = '2026-11-20T00:00:00.000Z';

/** What a bundle tells of these directories: it was written where the test runs. */
async function bundleOf(stores: readonly string[]): Promise<JoinedHosts> {
  const lines: HostAnswer[] = [];
  const { asker, signal } = storeCollection({});
  const probe = createHostProbe();
  const access = { asker, signal, probe, names: null } as unknown as HostAccess;
  const nothing = { hostFiles: [], system: false, locations: [], providers: [], fileSamples: [] };
  await recordHost(access, { ...nothing, stores }, async (line) => void lines.push(line));
  probe.close();
  const bundle = { ...({} as JoinedHosts['bundles'][number]), digest: 'sha256:1', collectorHost: 'install-1' };
  async function* answers(): AsyncGenerator<HostAnswer> {
    yield* lines;
  }
  return joinBundles([{ bundle, answers: answers(), keyDigest: (id) => id }], () => null, storeCollection({}).config);
}

async function told(path: string, collectorRunsHere: boolean, joined: JoinedHosts = NOTHING_JOINED) {
  const plain = storeCollection({});
  const install = { ...plain.config.install, collectorRunsHere };
  const collection = { ...plain, config: { ...plain.config, install }, joined };
  const part = emptyPart();
  const old = { kind: 'local_filesystem_dedicated', bucket: null, path } as const;
  const bindings = [
    fact('storage-binding', { activatedAt: CHANGED }),
    fact('storage-binding', { ...old, bindingId: 'old', state: 'inactive' }),
  ];
  await formerStoreEvidence(collection, NO_ESTATE, part, ACME, bindings, null);
  const [record] = part.evidence;
  if (record?.kind !== 'former-store') throw new Error('nothing was told');
  const items = record.items.map(({ detail: _, ...item }) => item);
  return { items, blindSpot: record.blindSpot?.reason ?? null, collectedAt: record.collectedAt };
}

describe('the directory in which files were before', () => {
  it('is told by the bundle of its host as by a look at it', async () => {
    using scratch = scratchDirectory('former');
    const within = (name: string) => join(scratch.path, name);
    await mkdir(within('full'));
    await mkdir(within('empty'));
    await writeFile(within('full/document'), 'x');
    await writeFile(within('file'), 'x');
    const paths = ['full', 'empty', 'file', 'gone'].map(within);
    const joined = await bundleOf(paths);
    const exist: Record<string, unknown> = {};
    for (const path of paths) {
      const [here, apart] = [await told(path, true), await told(path, false, joined)];
      expect(apart.items, path).toEqual(here.items);
      expect([here.blindSpot, apart.blindSpot], path).toEqual([null, null]);
      // As old as the look, not as this run.
      expect(apart.collectedAt).toBe(joined.store(path)[0]?.collectedAt);
      exist[path.slice(scratch.path.length + 1)] = [apart.items[0]?.exists, apart.items[0]?.empty];
    }
    expect(exist).toEqual({ full: [true, false], empty: [true, true], file: [false, null], gone: [false, null] });
  });

  it('is unknown where its host could not look, and where nobody asked it', async () => {
    using scratch = scratchDirectory('former');
    // Longer than a name may be (NAME_MAX): neither there nor known not to be.
    const path = join(scratch.path, 'x'.repeat(300));
    expect(await told(path, false, await bundleOf([path]))).toMatchObject({ items: [], blindSpot: 'unreachable' });
    expect(await told(path, false)).toMatchObject({ items: [], blindSpot: 'not-asked' });
  });
});
