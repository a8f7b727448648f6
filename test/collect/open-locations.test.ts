import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
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

describe('a directory of copies', () => {
  const opened = async (path: string, settings: object, collectorRunsHere = true) => {
    const location = { kind: 'directory', name: 'dumps', path, purposes: ['dumps'], ...settings };
    const plain = storeCollection({}, { locations: [location] });
    const install = { ...plain.config.install, collectorRunsHere };
    const [open] = await openLocations({ ...plain, config: { ...plain.config, install } });
    return open?.blindSpot?.detail ?? null;
  };

  it('is a blind spot where nothing is mounted at its mount point, whatever lies there', async () => {
    await using scratch = scratchDirectory('bare');
    writeFileSync(join(scratch.path, 'left.dump'), 'x');
    expect(await opened(scratch.path, { mountPoint: scratch.path })).toContain('where nothing is mounted');
    expect(await opened(scratch.path, { mountPoint: '/' })).toBeNull();
  });

  it('is one where it is empty on a disk of this host and stated to stand on another', async () => {
    await using scratch = scratchDirectory('bare');
    const elsewhere = { failureDomain: { host: 'nas' } };
    expect(await opened(scratch.path, elsewhere)).toContain('stated to stand on host nas');
    expect(await opened(scratch.path, { failureDomain: { host: 'nas', attachedAs: 'iSCSI LUN' } })).toBeNull();
    expect(await opened(scratch.path, { failureDomain: { host: 'Install-1' } })).toBeNull();
    expect(await opened(scratch.path, elsewhere, false)).toBeNull();
    expect(await opened(scratch.path, {})).toBeNull();
    writeFileSync(join(scratch.path, 'some.dump'), 'x');
    expect(await opened(scratch.path, elsewhere)).toBeNull();
  });
});
