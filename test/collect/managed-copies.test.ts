import { CreateDBInstanceCommand, CreateDBSnapshotCommand, RDSClient } from '@aws-sdk/client-rds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { unreadMethods } from '../../src/collect/backups/other-methods.ts';
import { matchCopies } from '../../src/collect/backups/physical/cluster-copies.ts';
import { readPhysicalLocations } from '../../src/collect/backups/physical/read-physical.ts';
import { clusterCopyEvidence, unmatchedPhysical } from '../../src/collect/cluster-copy-evidence.ts';
import { clusterPlanEvidence } from '../../src/collect/cluster-plan-evidence.ts';
import type { Collection } from '../../src/collect/estate.ts';
import { locationLockEvidence } from '../../src/collect/location-locks.ts';
import { openLocations } from '../../src/collect/open-locations.ts';
import type { KnownServer } from '../../src/collect/servers.ts';
import { configSchema } from '../../src/config/schema.ts';
import { physicalIdentity } from '../../src/evaluate/physical-identity.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { type Facts, factSchemas } from '../../src/model/facts.ts';
import { Secret } from '../../src/model/secret.ts';
import { type MotoServer, motoUnavailable, startMoto } from '../services/moto.ts';
import { awsStub, type Script } from './backups/physical/aws/aws-stub.ts';
import { scriptedServer } from './conformance/scripted-server.ts';

const signal = new AbortController().signal;
const SECRET = 'PLANTEDq7Zk4secretVALUE';
const asker = createAsker(systemClock, [new Secret(SECRET)], signal);
const INSTALL = { kind: 'install', key: 'install', organizationId: null, name: 'install' } as const;

function copiesIn(evidence: readonly AnyEvidence[]): readonly Facts['copy'][] {
  return evidence.filter((one) => one.kind === 'copy').flatMap(({ items }) => items);
}

/** Only what matching looks at. */
function known(...servers: readonly (readonly [name: string, host: string])[]): ReadonlyMap<string, KnownServer> {
  const all = servers.map(([name, host]) => {
    const subject = { kind: 'cluster', key: name, organizationId: null, name } as const;
    const server = { name, host, port: 5432, formerIdentifiers: [] };
    return [name, { server, subject, catalogue: null } as unknown as KnownServer] as const;
  });
  return new Map(all);
}

function collectionFor(endpoint: string, more: object = {}) {
  const config = configSchema.parse({
    version: 1,
    install: { host: 'h', database: { name: 'novantra', host: 'db1', user: 'u' } },
    locations: [
      {
        kind: 'aws',
        name: 'managed',
        purposes: ['managed-backups'],
        region: 'us-east-1',
        endpoint,
        accessKeyId: 'env:A',
        secretAccessKey: 'env:B',
        ...more,
      },
    ],
  });
  return { asker, signal, config, secret: async () => new Secret(SECRET) };
}

async function collect(collection: ReturnType<typeof collectionFor>, servers: ReadonlyMap<string, KnownServer>) {
  const locations = await openLocations(collection);
  const names = { databases: new Set<string>(), servers: new Set(servers.keys()) };
  const physical = matchCopies(await readPhysicalLocations(collection, locations, names), servers);
  return { physical, known: servers, locations };
}

describe.skipIf(motoUnavailable())('copies that AWS keeps, collected from moto', () => {
  let moto: MotoServer;
  let host: string;
  beforeAll(async () => {
    moto = await startMoto();
    const { region, endpoint } = moto;
    const rds = new RDSClient({ region, endpoint, credentials: { accessKeyId: 'a', secretAccessKey: 'b' } });
    const instance = { DBInstanceClass: 'db.t3.micro', Engine: 'postgres', AllocatedStorage: 20 } as const;
    const made = await rds.send(
      new CreateDBInstanceCommand({ DBInstanceIdentifier: 'acme', BackupRetentionPeriod: 7, ...instance }),
    );
    await rds.send(new CreateDBSnapshotCommand({ DBInstanceIdentifier: 'acme', DBSnapshotIdentifier: 'by-hand' }));
    host = made.DBInstance?.Endpoint?.Address ?? '';
    rds.destroy();
  });
  afterAll(() => moto?.[Symbol.asyncDispose]());

  it('are of the server at the address of the instance, and of no other', async () => {
    const estate = await collect(collectionFor(moto.endpoint), known(['tenants', host.toUpperCase()], ['main', 'db1']));
    const [tenants, main] = ['tenants', 'main'].map((name) => estate.known.get(name)) as [KnownServer, KnownServer];
    const evidence = clusterCopyEvidence({ asker }, estate, tenants);
    expect(evidence.map(({ blindSpot }) => blindSpot)).toEqual([null, null]);
    const copies = copiesIn(evidence);
    expect(copies.map((copy) => factSchemas.copy.parse(copy).physical?.kind)).toEqual([
      'snapshot',
      'snapshot',
      'continuous',
    ]);
    const windows = evidence.filter((one) => one.kind === 'wal-archive').flatMap(({ items }) => items);
    expect(windows).toMatchObject([{ timeline: null, missing: 0, path: copies[2]?.path }]);
    expect(copiesIn(clusterCopyEvidence({ asker }, estate, main))).toEqual([]);
    expect(estate.physical.flatMap(unmatchedPhysical)).toEqual([]);
  });

  it('hold a database that was made before them, at that address only', async () => {
    const estate = await collect(collectionFor(moto.endpoint), known(['tenants', host]));
    const [copy] = estate.physical.flatMap(({ location: { name }, copies }) =>
      copies.map(({ settled }) => ({ name, settled })),
    );
    const server = estate.known.get('tenants') as KnownServer;
    const [fact] = copiesIn(clusterCopyEvidence({ asker }, estate, server));
    if (fact === undefined) throw new Error('there is no copy');
    const state = (createdAt: string, at: string) =>
      ({
        exists: true,
        databaseOid: 16_384,
        sizeBytes: null,
        createdAt,
        server: { host: at, systemIdentifier: '73', timeline: 1, formerIdentifiers: [] },
      }) as Facts['database-state'];
    const truth = (createdAt: string, at = host) =>
      physicalIdentity(fact, fact.physical as NonNullable<Facts['copy']['physical']>, state(createdAt, at))[0];
    expect(copy?.settled.copy.databases).toBeNull();
    expect(truth('2020-01-01T00:00:00.000Z')).toBe('holds');
    expect(truth('2999-01-01T00:00:00.000Z')).toBe('fails');
    expect(truth('2020-01-01T00:00:00.000Z', 'elsewhere')).toBe('fails');
  });

  it('are of no server at another port of that address', async () => {
    const servers = known(['tenants', host]);
    const tenants = servers.get('tenants') as KnownServer;
    const other = new Map([['tenants', { ...tenants, server: { ...tenants.server, port: 6543 } }]]);
    const estate = await collect(collectionFor(moto.endpoint), other);
    const evidence = clusterCopyEvidence({ asker }, estate, other.get('tenants') as KnownServer);
    expect(copiesIn(evidence)).toEqual([]);
    expect(estate.physical.flatMap(unmatchedPhysical)).toHaveLength(3);
  });

  it('come with plans that cover the databases of that server only', async () => {
    const estate = await collect(collectionFor(moto.endpoint), known(['tenants', host], ['main', 'db1']));
    const plansOf = (server: string) =>
      clusterPlanEvidence({ asker }, estate, INSTALL, new Set([server]), 'tenant-database')
        .filter((one) => one.kind === 'backup-plan')
        .flatMap(({ items }) => items);
    expect(plansOf('tenants')).toMatchObject([
      { planId: 'RDS automated backups of acme', covers: 'tenant-database', schedule: 'continuous', retentionDays: 7 },
    ]);
    expect(plansOf('main')).toEqual([]);
  });

  it('of an instance that is no server of the install are listed as such', async () => {
    const estate = await collect(collectionFor(moto.endpoint), known(['main', 'db1']));
    const found = estate.physical.flatMap(unmatchedPhysical);
    expect(found.map(({ what }) => what)).toEqual(
      Array.from({ length: 3 }, () => 'copy of a cluster that the install does not have'),
    );
  });
});

describe('copies that AWS keeps, collected from a local server', () => {
  const DENIED: Script = { DescribeDBInstances: { error: 'AccessDenied' } };

  it('leave plans and copies unknown where the database is not shown', async () => {
    await using server = await scriptedServer(awsStub(DENIED));
    const collection = collectionFor(server.address);
    const estate = await collect(collection, known(['main', 'db1']));
    const main = estate.known.get('main') as KnownServer;
    const all = [
      ...clusterCopyEvidence({ asker }, estate, main),
      ...clusterPlanEvidence({ asker }, estate, INSTALL, new Set(['main']), 'tenant-database'),
    ];
    expect(all.map(({ kind, blindSpot }) => [kind, blindSpot?.reason])).toEqual([
      ['copy', 'unauthorized'],
      ['wal-archive', 'unauthorized'],
      ['backup-plan', 'unauthorized'],
    ]);
    expect(JSON.stringify([all, estate.physical])).not.toContain(SECRET);
    const [location] = estate.locations;
    if (location === undefined) throw new Error('no location was opened');
    const { blindSpot } = estate.physical[0]?.location.contents ?? { blindSpot: null };
    const locks = await locationLockEvidence(collection as unknown as Collection, location, blindSpot);
    expect(locks.map(({ kind, items, blindSpot }) => [kind, items, blindSpot?.reason])).toEqual([
      ['store-object-lock', [], 'unauthorized'],
      // Whether it is encrypted is told of each copy, not of the place.
      ['store-encryption', [{ byDefault: 'not-told', algorithm: null }], undefined],
    ]);
  });

  it('are looked for in no other location, and for no server that the location leaves out', async () => {
    await using server = await scriptedServer(awsStub({}));
    const estate = await collect(collectionFor(server.address, { servers: ['tenants'] }), known(['main', 'db1']));
    expect(clusterPlanEvidence({ asker }, estate, INSTALL, new Set(['main']), 'tenant-database')).toEqual([]);
  });

  it.each(['rds', 'RDS snapshot', 'Aurora', 'AWS Backup', 'aws-backup', 'EBS snapshots', 'managed'])(
    'answer for plans of method %s',
    (method) => {
      const { config } = collectionFor('http://127.0.0.1:1');
      const plans = [{ id: 'p', covers: 'all', method }];
      const subject = { kind: 'database', key: 'd', organizationId: 'o', name: 'd' } as const;
      const asked = (locations: typeof config.locations) =>
        unreadMethods(
          { asker, config: { ...config, plans: plans as typeof config.plans, locations } },
          { subject, plans: [], server: 'main' },
        );
      expect(asked(config.locations)).toEqual([]);
      expect(asked([])).toHaveLength(1);
    },
  );
});
