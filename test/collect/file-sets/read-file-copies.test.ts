import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../../src/collect/ask.ts';
import type { OpenLocation } from '../../../src/collect/estate.ts';
import { readFileCopies } from '../../../src/collect/file-sets/read-file-copies.ts';
import { fileCopyEvidence } from '../../../src/collect/hosts/file-copies.ts';
import { locationSchema } from '../../../src/config/location-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { memoryTree } from '../memory-tree.ts';

const signal = new AbortController().signal;
const secret = () => Promise.reject(new Error('no secret is asked for'));
const collection = {
  secret,
  asker: createAsker(systemClock, [], signal),
  signal,
  digestKey: new Secret('key of the test'),
};

/** What is told of copies of /srv/store where these files lie in the location. */
async function told(paths: readonly string[], settings: object = {}) {
  const config = locationSchema.parse({
    name: 'nas',
    kind: 'directory',
    path: '/nas',
    purposes: ['files'],
    files: {},
    ...settings,
  });
  const tree = memoryTree(new Map(paths.map((path) => [path, new Uint8Array(1)])));
  const location = { config, tree, blindSpot: null } as unknown as OpenLocation;
  const fileCopies = await readFileCopies(collection, [location], []);
  const [record] = await fileCopyEvidence(collection, fileCopies, TENANT_STORE, { path: '/srv/store', digest: 'none' });
  return { items: record?.items, blindSpot: record?.blindSpot, strays: fileCopies[0]?.copies?.strays.length };
}

describe('a backup set of files', () => {
  it('tells its copies where a name fits the format, whatever else lies there', async () => {
    const seen = await told(['2026-11-22T03-00-00Z/srv/store/a', 'README', 'old/x']);
    expect(seen).toMatchObject({
      items: [{ copy: '2026-11-22T03-00-00Z', present: true }],
      blindSpot: null,
      strays: 2,
    });
  });

  it('in which nothing lies has no copy, and that is an answer', async () => {
    expect(await told([])).toEqual({ items: [], blindSpot: null, strays: 0 });
  });

  it.each([
    [
      'copies under names of another format',
      ['20261122-0300/srv/store/a', '20261121-0300/srv/store/a'],
      '20261122-0300',
    ],
    ['a mirror without dates', ['srv/store/a', 'etc/hosts'], 'srv'],
    ['archives at the top', ['files.tar'], 'files.tar'],
  ])('that holds %s is a blind spot with the format, an example and the setting', async (_, paths, example) => {
    const { items, blindSpot, strays } = await told(paths);
    expect(items).toEqual([]);
    expect(blindSpot).toMatchObject({
      reason: 'malformed',
      detail: `nothing in location nas is named by files.timeFormat YYYY-MM-DDTHH-mm-ssZ; ${example} lies there`,
      remedy: expect.stringMatching(/^Set files\.timeFormat /),
    });
    expect(strays).toBe(paths.length);
  });

  it('that shares its directory with dumps is empty where only they lie there', async () => {
    const shared = { purposes: ['dumps', 'files'] };
    expect((await told(['acme.dump'], shared)).blindSpot).toBeNull();
    expect((await told(['acme.dump', '20261122/srv/store/a'], shared)).blindSpot?.detail).toContain('20261122 lies');
  });
});
