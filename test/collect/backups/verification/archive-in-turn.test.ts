import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import type { PhysicalLocation } from '../../../../src/collect/backups/physical/cluster-copies.ts';
import { createClusterCopyState } from '../../../../src/collect/backups/verification/cluster-copy-state.ts';
import type { VerificationMemory } from '../../../../src/collect/backups/verification/verification-memory.ts';
import { Secret } from '../../../../src/model/secret.ts';

test('an archive that is read in full lists what was known not to belong there once, and what it found besides', async () => {
  const { signal } = new AbortController();
  const stray = (path: string, what: string) => ({
    path,
    what,
    bytes: 1,
    modifiedAt: '2026-11-22T02:00:00.000Z',
    foundName: null,
  });
  const before = stray('archive/main/15-1/core', 'no WAL segment');
  const location: PhysicalLocation = {
    name: 'repository',
    purpose: 'pgbackrest',
    locator: '/repository',
    servers: null,
    contents: {
      plans: [],
      copies: [],
      archives: [],
      unmatched: [before],
      blindSpot: null,
      archiveReadings: new Map([
        [
          '15-1',
          {
            bytes: 3,
            read: async () => ({ archives: [], unmatched: [before, stray('archive/main/15-1/x', 'damaged')] }),
          },
        ],
      ]),
    },
  };
  const collection = { asker: createAsker(systemClock, [], signal), signal, secret: async () => new Secret('') };
  const estate = {
    physical: [{ location, copies: [] }],
    known: new Map(),
    locations: [],
    databaseServers: new Map(),
    servers: [],
  };
  // Archives are not remembered, so that the memory is not asked.
  const state = createClusterCopyState(collection, estate, {} as VerificationMemory, () => false);
  const [place] = state.places;
  if (place === undefined) throw new Error('there is one place');
  expect(await state.readArchive(place, '15-1')).toBe(3);
  expect(place.location.contents.unmatched.map(({ path }) => path)).toEqual([
    'archive/main/15-1/core',
    'archive/main/15-1/x',
  ]);
});
