import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { matchCopies } from '../../src/collect/backups/physical/cluster-copies.ts';
import { readPhysicalLocations } from '../../src/collect/backups/physical/read-physical.ts';
import { repositoryCopies } from '../../src/collect/backups/repositories/repository-copies.ts';
import { clusterCopyEvidence, unmatchedPhysical } from '../../src/collect/cluster-copy-evidence.ts';
import type { OpenLocation } from '../../src/collect/estate.ts';
import type { KnownServer } from '../../src/collect/servers.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { locationSchema } from '../../src/config/location-schema.ts';
import { configSchema } from '../../src/config/schema.ts';
import { UNREAD_METHOD } from '../../src/model/evidence.ts';
import { factSchemas } from '../../src/model/facts.ts';
import { Secret } from '../../src/model/secret.ts';
import { RESTIC_PASSWORD, resticRepository, resticUnavailable } from '../services/restic.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { plant } from './backups/repositories/reading.ts';

const signal = new AbortController().signal;
const asker = createAsker(systemClock, [new Secret(RESTIC_PASSWORD)], signal);
const skipped = resticUnavailable();

function location(root: string, settings: Record<string, unknown>): OpenLocation {
  const config = locationSchema.parse({ name: 'place', kind: 'directory', path: root, ...settings });
  const subject = { kind: 'location', key: 'place', organizationId: null, name: 'place' } as const;
  const tree = localDirectoryTree({ root });
  return { config, subject, tree, blindSpot: null, bucket: null, clockOffsetMillis: () => null };
}

/** Only what matching looks at. */
const MAIN = {
  server: { name: 'main', host: 'db1', port: 5432, formerIdentifiers: [] },
  subject: { kind: 'cluster', key: '73', organizationId: null, name: 'main' },
  catalogue: null,
} as unknown as KnownServer;
const BLIND = { reason: 'unreachable', detail: 'd', remedy: 'r' } as const;
const KNOWN = new Map([['main', MAIN]]);

const ACME = {
  subject: { kind: 'database', key: 'o/tenant_acme', organizationId: 'o', name: 'tenant_acme' },
  name: 'tenant_acme',
  server: 'main',
  runs: [],
  plans: [],
} as const;

async function collect(place: OpenLocation, password = RESTIC_PASSWORD) {
  const config = configSchema.parse({
    version: 1,
    install: { host: 'h', database: { name: 'novantra', host: 'db1', user: 'u' } },
  });
  const collection = { asker, signal, config, secret: async () => new Secret(password) };
  const names = { databases: new Set(['tenant_acme']), servers: new Set(['main']) };
  const physical = matchCopies(await readPhysicalLocations(collection, [place], names), KNOWN);
  return {
    ofDatabase: repositoryCopies({ asker }, { physical }, ACME),
    ofCluster: clusterCopyEvidence({ asker }, { physical, known: KNOWN }, MAIN),
    unmatched: physical.flatMap(unmatchedPhysical),
  };
}

describe('copies told by programs and listings, collected', () => {
  test.skipIf(skipped !== null)('restic: dumps with the database, data directories with the server', async () => {
    using directory = scratchDirectory('collected');
    const source = join(directory.path, 'source');
    plant(source, [
      ['tenant_acme.dump', 'dump'],
      ['pg/PG_VERSION', '15'],
      ['pg/global/pg_control', 'control'],
      ['pg/backup_label', 'label'],
    ]);
    const { root, backup } = await resticRepository(directory.path);
    await backup(source, '2026-11-21 02:00:00');
    const settings = { purposes: ['restic'], restic: { password: 'env:X' } };
    const place = location(root, { ...settings, servers: ['main'] });
    const { ofDatabase, ofCluster, unmatched } = await collect(place);
    expect(ofDatabase.map(({ operation, blindSpot, items }) => [operation, blindSpot, items.length])).toEqual([
      ['read as restic', null, 1],
    ]);
    expect(factSchemas.copy.parse(ofDatabase[0]?.items[0])).toMatchObject({
      method: 'restic',
      path: expect.stringMatching(/^[0-9a-f]{8}\/.*\/tenant_acme\.dump$/),
      moment: null,
      nameAgrees: null,
      integrity: 'unproven',
      bytes: 4,
    });
    expect(ofCluster.map(({ kind, operation, items }) => [kind, operation, items.length])).toEqual([
      ['wal-archive', 'locations of copies of whole clusters: none', 0],
      ['copy', 'read as restic', 1],
    ]);
    expect(unmatched).toEqual([]);
    // Nothing says whose data directory it is.
    const anybodys = await collect(location(root, settings));
    expect(anybodys.ofCluster.at(-1)?.items).toEqual([]);
    expect(anybodys.unmatched).toMatchObject([{ what: 'copy of a cluster that does not tell which' }]);
    const locked = await collect(place, 'wrong horse');
    for (const evidence of [locked.ofDatabase, locked.ofCluster]) {
      expect(evidence.at(-1)).toMatchObject({ operation: UNREAD_METHOD, blindSpot: { reason: 'unauthorized' } });
    }
    // A place that is said to be of other servers tells nothing of this one.
    const { ofDatabase: ofOthers } = await collect(location(root, { ...settings, servers: ['other'] }));
    expect(ofOthers).toEqual([]);
  });

  test('snapshots of file systems (listings of the documented shape): one copy of the whole server each', async () => {
    using directory = scratchDirectory('collected');
    const created = Math.floor(Date.now() / 1000) - 3600;
    writeFileSync(join(directory.path, 'zfs.txt'), `tank/pg@daily\t${created}\t100\t7\n`);
    const { ofCluster } = await collect(
      location(directory.path, {
        purposes: ['filesystem-snapshots'],
        failureDomain: { host: 'db1' },
        filesystemSnapshots: {
          listing: 'zfs.txt',
          format: 'zfs',
          sources: ['tank/pg'],
          server: 'main',
          holdsEverything: true,
        },
      }),
    );
    const [copy] = ofCluster.flatMap((record) => (record.kind === 'copy' ? record.items : []));
    expect(factSchemas.copy.parse(copy)).toMatchObject({
      method: 'filesystem-snapshot',
      integrity: 'complete',
      physical: { kind: 'snapshot', declaredServer: true },
      moment: { notBefore: new Date(created * 1000).toISOString() },
    });
  });
});

test('a repository that could not even be opened is a blind spot of each database, not a place without copies', async () => {
  const { ofDatabase } = await collect(location('/no/such/directory', { purposes: ['borg'] }));
  expect(ofDatabase.at(-1)).toMatchObject({ operation: UNREAD_METHOD, blindSpot: { reason: 'unreachable' } });
  const closed = { ...location('/', { purposes: ['restic'] }), tree: null, blindSpot: BLIND };
  expect((await collect(closed)).ofDatabase.at(-1)).toMatchObject({ operation: UNREAD_METHOD, blindSpot: BLIND });
});

test('an inventory without a row shows no copy, nor that somebody looked for one', async () => {
  using directory = scratchDirectory('collected');
  writeFileSync(join(directory.path, 'copies.csv'), 'database,server,moment,method,owner,recordedAt\n');
  const settings = { purposes: ['inventory'], inventory: { file: 'copies.csv', format: 'csv' } };
  const { ofDatabase, ofCluster } = await collect(location(directory.path, settings));
  expect([...ofDatabase, ...ofCluster].filter(({ kind }) => kind === 'copy')).toEqual([]);
});
