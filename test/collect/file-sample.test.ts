import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { sampleFiles } from '../../src/collect/file-sample.ts';
import { type FileProbe, type Looked, OneFileError } from '../../src/collect/stores/file-probe.ts';
import { Secret } from '../../src/model/secret.ts';
import { SourceError } from '../../src/model/source-error.ts';

const asker = createAsker(systemClock, [], new AbortController().signal);
const FOUND: Looked = { is: 'found', bytes: 5, sha256: null, copied: null, locked: false };
const OLD = '2026-10-01T00:00:00.000Z';

function probeOf(files: Readonly<Record<string, Looked | SourceError>>): FileProbe & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    locator: 's3://files/',
    source: 'bucket files',
    async look(key) {
      asked.push(key);
      const looked = files[key] ?? { is: 'missing' };
      if (looked instanceof SourceError) throw looked;
      return looked;
    },
    checksum: async (key) => (key.startsWith('large') ? null : 'aa'),
  };
}

async function sample(probe: FileProbe, keys: readonly string[], changes: object = {}, row: object = {}) {
  const rows = keys.map((objectKey) => ({ objectKey, bytes: 5, sha256: null, createdAt: OLD, ...row }));
  const question = { rows: 59, seed: 7, before: '2026-11-22T00:00:00.000Z' };
  const { answer } = await sampleFiles(
    probe,
    {
      sample: { question, method: 'drawn from all rows by a hash', rows, problems: [], estimate: null },
      population: 500,
      changedAt: null,
      checksums: false,
      digestKey: new Secret('key of the install'),
      stillListed: async (all: readonly string[]) => new Set(all),
      rowsOfKeys: async (all: readonly string[]) => rows.filter(({ objectKey }) => all.includes(objectKey)),
      ...changes,
    },
    asker,
  );
  return answer;
}

describe('files that were drawn', () => {
  it('are counted by what became of them', async () => {
    const probe = probeOf({
      a: FOUND,
      b: { ...FOUND, copied: true, locked: true },
      c: { ...FOUND, copied: false },
      d: { ...FOUND, bytes: 4 },
      e: { is: 'refused' },
    });
    const { items, blindSpot } = await sample(probe, ['a', 'b', 'c', 'd', 'e', 'f']);
    expect(blindSpot).toBeNull();
    expect(items).toEqual([
      {
        seed: 7,
        method: 'drawn from all rows by a hash',
        population: 500,
        drawn: 6,
        found: 3,
        missing: 1,
        sizeDiffers: 1,
        checksumDiffers: 0,
        checksumsCompared: 0,
        refused: 1,
        unchecked: 0,
        copied: 1,
        notCopied: 1,
        locked: 1,
        examples: [expect.stringMatching(/^[0-9a-f]{16}$/), expect.stringMatching(/^[0-9a-f]{16}$/)],
      },
    ]);
  });

  it('tell of those that are symbolic links, which are neither found nor lost', async () => {
    const probe = probeOf({ a: FOUND, b: { is: 'link' }, c: { is: 'refused' } });
    const { items } = await sample(probe, ['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ found: 1, missing: 0, refused: 2, links: 1, examples: [] });
  });

  it('tell of those that nothing locks, and of the newest', async () => {
    const unlocked = { ...FOUND, unlocked: true } as const;
    const probe = probeOf({
      a: { ...unlocked, modifiedAt: '2026-10-02T00:00:00.000Z' },
      b: { ...unlocked, modifiedAt: '2026-10-03T00:00:00.000Z' },
      c: FOUND,
    });
    const { items } = await sample(probe, ['a', 'b', 'c']);
    expect(items[0]).toMatchObject({ found: 3, unlocked: { files: 2, newest: '2026-10-03T00:00:00.000Z' } });
  });

  it('tell when the first lock ends, and how short the shortest is', async () => {
    const written = { ...FOUND, locked: true, modifiedAt: '2026-10-02T00:00:00.000Z' } as const;
    const lock = (until: string | null, mode: 'GOVERNANCE' | 'COMPLIANCE' | null, legalHold = false) => ({
      lock: { until, mode, legalHold },
    });
    const files: Record<string, Looked> = {
      a: { ...written, ...lock('2026-12-02T00:00:00.000Z', 'GOVERNANCE') },
      b: { ...written, modifiedAt: '2026-11-30T00:00:00.000Z', ...lock('2026-12-05T00:00:00.000Z', 'COMPLIANCE') },
      c: { ...written, ...lock('2026-12-01T00:00:00.000Z', 'GOVERNANCE', true) },
      d: { ...written, ...lock(null, null, true) },
      e: FOUND,
    };
    const { items } = await sample(probeOf(files), ['a', 'b', 'c', 'd', 'e']);
    expect(items[0]).toMatchObject({
      locked: 4,
      locks: { earliestEnd: '2026-12-02T00:00:00.000Z', shortestSeconds: 5 * 86_400, governance: 2 },
    });
    const held = await sample(probeOf(files), ['d']);
    expect(held.items[0]?.locks).toEqual({ earliestEnd: null, shortestSeconds: null, governance: 0 });
    const undated = { ...FOUND, locked: true, ...lock('2026-12-02T00:00:00.000Z', 'COMPLIANCE') };
    const untold = await sample(probeOf({ ...files, f: undated }), ['a', 'f']);
    expect(untold.items[0]?.locks).toMatchObject({ shortestSeconds: null });
    expect((await sample(probeOf({ ...files, g: written }), ['a', 'g'])).items[0]).not.toHaveProperty('locks');
  });

  it('are named by digests under the key, by their names where that is asked for', async () => {
    const keyed = await sample(probeOf({}), ['private.pdf']);
    expect(JSON.stringify(keyed)).not.toContain('private');
    expect((await sample(probeOf({}), ['private.pdf'])).items[0]?.examples).toEqual(keyed.items[0]?.examples);
    const other = await sample(probeOf({}), ['private.pdf'], { digestKey: new Secret('another') });
    expect(other.items[0]?.examples).not.toEqual(keyed.items[0]?.examples);
    const named = await sample(probeOf({}), ['private.pdf'], { digestKey: null });
    expect(named.items[0]?.examples).toEqual(['private.pdf']);
  });

  it('are not asked for after one that was denied, and that is a blind spot', async () => {
    const denied = new SourceError('unauthorized', 'an object of bucket files refused the request', 'Allow it.');
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    const probe = probeOf({ k0: FOUND, k1: denied });
    const { items, blindSpot } = await sample(probe, keys);
    expect(blindSpot).toMatchObject({ reason: 'unauthorized' });
    expect(items[0]?.unchecked).toBeGreaterThan(25);
    expect(probe.asked.length).toBeLessThan(15);
  });

  it('are compared by checksum where that is asked for and can be', async () => {
    const probe = probeOf({ a: FOUND, large: FOUND });
    const right = await sample(probe, ['a', 'large'], { checksums: true }, { sha256: 'AA' });
    expect(right.items[0]).toMatchObject({ found: 2, checksumsCompared: 1, checksumDiffers: 0 });
    const wrong = await sample(probe, ['a'], { checksums: true }, { sha256: 'bb' });
    expect(wrong.items[0]).toMatchObject({ found: 0, checksumsCompared: 1, checksumDiffers: 1 });
    expect((await sample(probe, ['a'], { checksums: true })).items[0]).toMatchObject({
      checksumsCompared: 0,
      found: 1,
    });
  });

  it('that were deleted with their rows in between are not missing, nor where nobody can tell', async () => {
    const probe = probeOf({ a: FOUND });
    const stillListed = async (keys: readonly string[]) => new Set(keys.filter((key) => key !== 'b'));
    const gone = await sample(probe, ['a', 'b', 'c'], { stillListed });
    expect(gone.items[0]).toMatchObject({ drawn: 2, found: 1, missing: 1 });
    const failing = () => Promise.reject(new SourceError('unreachable', 'the database is gone', 'Start it.'));
    const open = await sample(probe, ['a', 'b'], { stillListed: failing });
    expect(open).toMatchObject({ blindSpot: { reason: 'unreachable' }, items: [{ missing: 0, unchecked: 1 }] });
  });

  it('whose rows were written again since they were drawn, with their files, do not differ', async () => {
    const probe = probeOf({
      a: FOUND,
      b: { ...FOUND, bytes: 9 },
      c: { ...FOUND, bytes: 9 },
      d: { ...FOUND, bytes: 9 },
    });
    const rowOf = (objectKey: string, bytes: number) => ({ objectKey, bytes, sha256: null, createdAt: OLD });
    const asked: string[] = [];
    const rowsOfKeys = async (keys: readonly string[]) => {
      asked.push(...keys);
      return [rowOf('b', 9), rowOf('c', 5)];
    };
    const stillListed = async () => new Set<string>();
    const seen = await sample(probe, ['a', 'b', 'c', 'd'], { rowsOfKeys, stillListed });
    // Written again: b; deleted meanwhile: d.
    expect(seen).toMatchObject({ blindSpot: null, items: [{ drawn: 2, found: 1, sizeDiffers: 1, unchecked: 0 }] });
    expect(asked.sort()).toEqual(['b', 'c', 'd']);
    // A key that cannot be asked for again counts as listed.
    const kept = { rowsOfKeys: async () => [], stillListed: async (keys: readonly string[]) => new Set(keys) };
    expect((await sample(probe, ['c'], kept)).items[0]).toMatchObject({ drawn: 1, sizeDiffers: 1 });
    const failing = () => Promise.reject(new SourceError('unreachable', 'the database is gone', 'Start it.'));
    expect(await sample(probe, ['a', 'b'], { rowsOfKeys: failing })).toMatchObject({
      blindSpot: { reason: 'unreachable' },
      items: [{ found: 1, sizeDiffers: 0, unchecked: 1 }],
    });
  });

  it('have sums compared as their rows are now, too', async () => {
    const rowsOfKeys = async () => [{ objectKey: 'a', bytes: 5, sha256: 'aa', createdAt: OLD }];
    const again = await sample(probeOf({ a: FOUND }), ['a'], { checksums: true, rowsOfKeys }, { sha256: 'bb' });
    expect(again.items[0]).toMatchObject({ drawn: 0, checksumDiffers: 0 });
  });

  it('are asked for all the same after one of which nothing could be told', async () => {
    const keys = Array.from({ length: 40 }, (_, index) => `k${index}`);
    const one = new OneFileError('malformed', 'it was written to', 'Ask again.');
    const probe = probeOf(Object.fromEntries(keys.map((key) => [key, key === 'k0' ? one : FOUND])));
    const { items, blindSpot } = await sample(probe, keys);
    expect(blindSpot).toMatchObject({ reason: 'malformed' });
    expect(items[0]).toMatchObject({ found: 39, unchecked: 1 });
  });

  it('from before a change of the store are counted besides', async () => {
    const probe = probeOf({ a: FOUND });
    const after = await sample(probe, ['a', 'b'], { changedAt: '2026-11-01T00:00:00.000Z' });
    expect(after.items[0]?.fromBefore).toEqual({ drawn: 2, found: 1 });
    const before = await sample(probe, ['a', 'b'], { changedAt: '2026-09-01T00:00:00.000Z' });
    expect(before.items[0]?.fromBefore).toEqual({ drawn: 0, found: 0 });
  });
});
