import { join } from 'node:path';
import { expect, it } from 'vitest';
import { openLocations } from '../../src/collect/open-locations.ts';
import { NOTHING_JOINED } from '../../src/collect/recorded/joined-hosts.ts';
import { type RecordedLocation, recordedIn } from '../../src/collect/recorded/recorded-location.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { storeCollection } from './stores/store-collection.ts';

it('takes from the bundle of its own host nothing of a directory that is gone since', async () => {
  await using scratch = scratchDirectory('gone');
  const path = join(scratch.path, 'gone');
  const opened = async (host: string, collectorRunsHere: boolean) => {
    const plain = storeCollection({}, { locations: [{ kind: 'directory', name: 'dumps', path, purposes: ['dumps'] }] });
    const recorded = { host, locator: path } as RecordedLocation;
    const [location] = await openLocations({
      ...plain,
      config: { ...plain.config, install: { ...plain.config.install, collectorRunsHere } },
      joined: { ...NOTHING_JOINED, location: () => recorded },
    });
    return location?.tree == null ? null : recordedIn(location.tree);
  };
  expect(await opened('install-1.example.org', true)).toBeNull();
  expect(await opened('install-1', false)).not.toBeNull();
  expect(await opened('backup-1', true)).not.toBeNull();
});
