import { cpSync, linkSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { readLocation } from '../../src/collect/backups/artifact-index.ts';
import { readPhysicalLocations } from '../../src/collect/backups/physical/read-physical.ts';
import { packFiles, unpackFiles } from '../../src/collect/backups/threads/packed-files.ts';
import { sharedFiles } from '../../src/collect/shared-files.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../src/config/location-schema.ts';
import { noticesOf } from '../../src/report/notices.ts';
import { evidence, policyOf, subject } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { collected } from './trees/collected.ts';

const { signal } = new AbortController();
const asker = createAsker(systemClock, [], signal);

test('hard links in two locations are one place; copies, and links within one location, are not', async () => {
  using scratch = scratchDirectory('shared');
  for (const name of ['first', 'linked', 'copied', 'own']) mkdirSync(join(scratch.path, name));
  const at = (place: string, file: string) => join(scratch.path, place, file);
  writeFileSync(at('first', 'a.dump'), 'a');
  writeFileSync(at('first', 'b.dump'), 'b');
  linkSync(at('first', 'b.dump'), at('linked', 'other.dump'));
  cpSync(at('first', 'a.dump'), at('copied', 'a.dump'));
  writeFileSync(at('own', 'x'), 'x');
  linkSync(at('own', 'x'), at('own', 'y'));
  const dumps = await Promise.all(
    ['first', 'copied', 'own'].map((name) => {
      const location = {
        name,
        tree: localDirectoryTree({ root: join(scratch.path, name) }),
        timeZone: null,
        servers: null,
      };
      return readLocation(location, new Set(), (error) => asker.blindSpotOf(error, name), signal);
    }),
  );
  const config = locationSchema.parse({
    kind: 'directory',
    name: 'linked',
    path: join(scratch.path, 'linked'),
    purposes: ['base-backups'],
  });
  const opened = {
    config,
    subject: subject('location', 'linked'),
    tree: localDirectoryTree({ root: join(scratch.path, 'linked') }),
    blindSpot: null,
    bucket: null,
    clockOffsetMillis: () => null,
  };
  const read = await readPhysicalLocations({ asker, signal, secret: () => Promise.reject(new Error('none')) }, [
    opened,
  ]);
  const physical = read.map((location) => ({ location, copies: [] }));
  expect([...sharedFiles({ dumps, physical })]).toEqual([
    ['first', ['linked']],
    ['linked', ['first']],
  ]);
  const files = await collected(localDirectoryTree({ root: join(scratch.path, 'first') }).list(signal));
  expect(files.filter(({ linked }) => linked !== undefined).map(({ path }) => path)).toEqual(['b.dump']);
  expect([...unpackFiles(packFiles(files))]).toEqual(files);
});

test('one notice names the two', () => {
  const domain = (name: string, sameFilesAs: string) =>
    evidence('failure-domain', subject('location', name), [{ host: null, origin: 'observed', sameFilesAs }]);
  const notices = noticesOf([domain('b', 'a'), domain('a', 'b')], policyOf()).filter(({ text }) =>
    text.includes('hard links'),
  );
  expect(notices).toMatchObject([{ text: expect.stringContaining('Locations a and b hold the same files') }]);
});
