import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { readLocation } from '../../src/collect/backups/artifact-index.ts';
import { matchCopies } from '../../src/collect/backups/physical/cluster-copies.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { unopenedFiles } from '../../src/collect/unopened-files.ts';
import { subject } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { readDirectory } from './backups/physical/read-location.ts';
import { tarOf } from './backups/physical/tar-of.ts';

const { signal } = new AbortController();
const ENCRYPTED = Buffer.from('8c0d0409030a', 'hex');
const TAR = tarOf(new Map([['base-1/backup_label', Buffer.from('START WAL LOCATION')]]));

async function lookAt(files: Readonly<Record<string, Uint8Array>>, alsoDumps = false) {
  using scratch = scratchDirectory('unopened-base-backups');
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
    writeFileSync(join(scratch.path, path), content);
  }
  const asker = createAsker(systemClock, [], signal);
  const contents = await readDirectory(scratch.path, 'structure');
  const location = { name: 'nas', purpose: 'base-backups', locator: scratch.path, servers: null, contents };
  const tree = localDirectoryTree({ root: scratch.path });
  const place = { name: 'nas', tree, timeZone: null, servers: null };
  const blindSpotOf = (error: unknown) => asker.blindSpotOf(error, 'nas');
  const dumps = alsoDumps ? [await readLocation(place, new Set(['t_a']), blindSpotOf, signal)] : [];
  const physical = matchCopies([location], new Map());
  const estate = { dumps, locations: [], physical, providers: new Map(), fileCopies: [] };
  const database = { subject: subject('database', 'o/t_a'), name: 't_a', server: 'db1', runs: [], plans: [] };
  const records = unopenedFiles({ asker }, estate, database, []);
  return {
    details: records.map((one) => one.blindSpot?.detail),
    unmatched: contents.unmatched.map(({ path }) => path),
  };
}

describe('a file in a location of base backups that nobody looks into', () => {
  it.each([
    ['an encrypted archive of pg_basebackup', 'a/base.tar.gz.gpg', ENCRYPTED],
    ['the same with age', 'base.tar.age', ENCRYPTED],
    ['a backup directory in one archive', 'base-2026-11-30.tar', TAR],
    ['the same, packed', 'base-2026-11-30.tar.gz', gzipSync(TAR)],
  ])('is listed, and may hold a copy: %s', async (_, path, bytes) => {
    for (const alsoDumps of [false, true]) {
      const { details, unmatched } = await lookAt({ [path]: bytes }, alsoDumps);
      expect(unmatched).toEqual([path]);
      expect(details).toHaveLength(1);
      expect(details[0]).toContain('1 file there that is encrypted or packed may hold one');
    }
  });

  it('is listed and holds none where that is certain', async () => {
    const files = { 'a/pg_wal.tar.gz.gpg': ENCRYPTED, 'a/backup_manifest.gpg': ENCRYPTED, README: Buffer.from('x') };
    const { details, unmatched } = await lookAt(files);
    expect(details).toEqual([]);
    expect([...unmatched].sort()).toEqual(Object.keys(files).sort());
    expect((await lookAt({ 'empty.tar.gpg': Buffer.alloc(0) })).details).toEqual([]);
    const wal = await lookAt({ 'wal/0000000100000000000000A3.gpg': ENCRYPTED });
    expect(wal.details).toEqual([]);
  });
});
