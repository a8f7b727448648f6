import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import type * as Probe from '../../../src/collect/hosts/probe/host-probe.ts';
import { hostProbe } from '../../../src/collect/hosts/probe/host-probe.ts';
import { runbookEvidence } from '../../../src/collect/hosts/runbook.ts';
import { localFileProbe } from '../../../src/collect/local-file-probe.ts';
import { localListing } from '../../../src/collect/local-listing.ts';
import { NOTHING_JOINED } from '../../../src/collect/recorded/joined-hosts.ts';
import { fileInventoryEvidence } from '../../../src/collect/stores/file-inventory-evidence.ts';
import { fileSampleEvidence } from '../../../src/collect/stores/file-sample-evidence.ts';
import { formerStoreEvidence } from '../../../src/collect/stores/former-store-evidence.ts';
import { storeEvidence } from '../../../src/collect/stores/store-evidence.ts';
import type { TenantReading } from '../../../src/collect/tenant-live-evidence.ts';
import type { Subject } from '../../../src/model/subject.ts';
import { fact } from '../../evaluate/fixture.ts';
import { hang, hangingUnavailable } from '../../services/hanging-mount.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { emptyPart, NO_ESTATE, storeCollection, toldBy } from './store-collection.ts';

const SILENCE = vi.hoisted(() => 2000);

// As the run has it, but for the time that a share is given.
vi.mock('../../../src/collect/hosts/probe/host-probe.ts', async (original) => {
  const real = await original<typeof Probe>();
  const createHostProbe = () => real.createHostProbe({ silence: SILENCE });
  return { ...real, createHostProbe, hostProbe: createHostProbe() };
});

afterAll(() => hostProbe.close());

const { signal } = new AbortController();
const CREATED = '2026-10-01T00:00:00.000Z';
const DOCUMENT = 'document';

function collectionWith(runbook: string) {
  const plain = storeCollection({}, { collect: { inventory: true } });
  const install = { ...plain.config.install, collectorRunsHere: true, runbook };
  const mapping = { tenant: { artifacts: { kind: 'query' } } };
  return { ...plain, config: { ...plain.config, install }, joined: NOTHING_JOINED, mapping } as unknown as typeof plain;
}

/** A database that lists one file. */
function reading(): TenantReading {
  const row = { objectKey: DOCUMENT, bytes: 1, sha256: null, createdAt: CREATED };
  const listed = (keys: readonly string[]) => Promise.resolve(new Set(keys));
  return {
    database: 'db',
    registered: 1,
    locator: 'tenant',
    stillListed: listed,
    rowsOfKeys: async () => [row],
    readKeys: (add) => add([DOCUMENT]),
    drawn: {
      sample: {
        question: { rows: 59, seed: 7, before: '2026-11-22T00:00:00.000Z' },
        method: 'drawn from all rows by a hash',
        rows: [row],
        problems: [],
        estimate: null,
      },
      population: 1,
      stillListed: listed,
    },
  };
}

/** All that is asked about one store, and about one that was in use before it. */
async function all(collection: ReturnType<typeof collectionWith>, path: string, former: string) {
  const part = emptyPart();
  const organization: Subject = { kind: 'organization', key: path, organizationId: path, name: path };
  const binding = (bindingId: string, place: string, state: 'active' | 'inactive') =>
    fact('storage-binding', { bindingId, kind: 'local_filesystem_dedicated', bucket: null, path: place, state });
  const active = binding(path, path, 'active');
  const bindings = [active, binding(former, former, 'inactive')];
  const context = { organizationId: path, bindings, readings: [reading()] };
  await storeEvidence(collection, NO_ESTATE, part, path, active);
  await formerStoreEvidence(collection, NO_ESTATE, part, organization, bindings, null);
  await fileSampleEvidence(collection, NO_ESTATE, part, context, () => undefined);
  await fileInventoryEvidence(collection, part, context);
  part.evidence.push(await runbookEvidence(collection, organization));
  const told = toldBy(part.evidence);
  return ['store-state', 'former-store', 'file-sample', 'file-inventory', 'runbook'].map((kind) => told[kind]?.[0]);
}

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
      const collection = collectionWith(join(point, 'runbook.md'));
      const stores = ['a', 'b', 'c', 'd', 'e'].map((name) => join(point, name));
      let answers: readonly unknown[] = [];
      const took = await millis(async () => {
        answers = await Promise.all(stores.map((path) => all(collection, path, `${path}-old`)));
      });
      expect(answers).toEqual(stores.map(() => ['timeout', 'timeout', 'timeout', 'timeout', 'timeout']));
      expect(took).toBeLessThan(5 * SILENCE);
      expect(await millis(() => stat('/'))).toBeLessThan(500);
      const own = collectionWith(join(beside, DOCUMENT));
      expect(await all(own, beside, join(beside, '..'))).toEqual([
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
