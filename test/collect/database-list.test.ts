import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { databaseListEvidence } from '../../src/collect/database-list-evidence.ts';
import type { Collection, Estate } from '../../src/collect/estate.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';
import type { AskedServer } from '../../src/collect/servers.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { Facts } from '../../src/model/facts.ts';
import { factSchemas } from '../../src/model/facts.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { INSTALL } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';

const collection = {
  asker: createAsker(systemClock, [], new AbortController().signal),
} as unknown as Collection;
const BLIND = { reason: 'unreachable', detail: 'db2:5432 did not answer', remedy: 'Start it.' } as const;

interface ServerSketch {
  readonly name: string;
  readonly host: string;
  readonly databases: readonly string[] | 'blind';
  readonly identifier?: string;
  readonly others?: readonly string[];
}

function serverOf({ name, host, databases, identifier, others = [] }: ServerSketch): AskedServer {
  const server = { name, host, port: 5432, maintenanceDatabase: 'upkeep', otherDatabases: others };
  const catalogue =
    databases === 'blind'
      ? null
      : {
          server: { systemIdentifier: identifier ?? null },
          databases: databases.map((one) => ({ name: one, oid: 1, allowConnections: true })),
        };
  return { server, catalogue, blindSpot: databases === 'blind' ? BLIND : null } as unknown as AskedServer;
}

type Row = { readonly databaseName: string; readonly host: string | null };

async function lists(
  servers: readonly ServerSketch[],
  rows: readonly Row[] | 'blind',
  unused: readonly ServerSketch[] = [],
  problem = false,
): Promise<readonly AnyEvidence[]> {
  using scratch = scratchDirectory('databases');
  const file = join(scratch.path, 'tenants.ndjson');
  const spool = openSpool<object>(file);
  for (const row of rows === 'blind' ? [] : rows) {
    await spool.write('org_a', { ok: true, row: { ...row, organizationId: 'org_a', port: null, createdAt: null } });
  }
  await spool.close();
  const known = servers.map(serverOf);
  const names = new Map<string, Set<string>>([['novantra', new Set(['install'])]]);
  for (const { databaseName, host } of rows === 'blind' ? [] : rows) {
    const name = host === null ? 'install' : (servers.find((one) => one.host === host)?.name ?? `${host}:5432`);
    names.set(databaseName, (names.get(databaseName) ?? new Set()).add(name));
  }
  const problems = problem ? [{ dataset: 'tenant_databases', column: 'port', problem: 'is no number' }] : [];
  const dataset =
    rows === 'blind'
      ? { status: 'blind', error: new SourceError('unauthorized', 'permission denied', 'Grant it.') }
      : { status: 'read', file, problems };
  const estate = {
    installSubject: INSTALL,
    servers: [...known, ...unused.map(serverOf)].map(({ server }) => server),
    known: new Map(known.map((one) => [one.server.name, one])),
    unusedServers: unused.map(serverOf),
    databaseServers: names,
    reading: { datasets: { tenant_databases: dataset } },
  } as unknown as Estate;
  return await databaseListEvidence(collection, estate);
}

function itemsOf(records: readonly AnyEvidence[]): readonly Facts['database-list'][] {
  return records.flatMap((record) => (record.kind === 'database-list' ? record.items : []));
}

const ACME: Row = { databaseName: 'tenant_acme', host: null };

describe('the databases of a server', () => {
  test('that no row names are orphans; the server’s own and those of other applications are none', async () => {
    const databases = ['novantra', 'tenant_acme', 'tenant_left', 'postgres', 'upkeep', 'metrics'];
    const records = await lists([{ name: 'install', host: 'db1', databases, others: ['metrics'] }], [ACME]);
    expect(itemsOf(records)).toEqual([
      {
        server: 'db1:5432',
        databases: 6,
        recorded: 2,
        unrecorded: [
          { name: 'tenant_left', is: 'orphan' },
          { name: 'postgres', is: 'other' },
          { name: 'upkeep', is: 'other' },
          { name: 'metrics', is: 'other' },
        ],
        orphans: 1,
        possible: 0,
        missing: [],
        missingCount: 0,
      },
    ]);
    for (const item of itemsOf(records)) expect(factSchemas['database-list'].parse(item)).toEqual(item);
    expect(records.every(({ blindSpot, subject }) => blindSpot === null && subject === INSTALL)).toBe(true);
  });

  test('are one list where two entries have one address or one identifier', async () => {
    const databases = ['novantra', 'tenant_acme'];
    const rows = [{ databaseName: 'tenant_acme', host: 'alias' }];
    const byIdentifier = await lists(
      [
        { name: 'install', host: 'db1', databases, identifier: '73' },
        { name: 'tenants', host: 'alias', databases, identifier: '73' },
      ],
      rows,
    );
    expect(itemsOf(byIdentifier)).toMatchObject([{ databases: 2, recorded: 2, orphans: 0 }]);
  });

  test('may be those that a row names under an address nobody configured', async () => {
    const rows = [{ databaseName: 'tenant_acme', host: 'db1.example' }];
    const records = await lists([{ name: 'install', host: 'db1', databases: ['novantra', 'tenant_acme'] }], rows);
    expect(itemsOf(records)).toMatchObject([{ orphans: 0, possible: 1 }]);
    expect(records.find(({ blindSpot }) => blindSpot !== null)?.blindSpot?.detail).toContain('db1.example:5432');
  });

  test('may be recorded in a row that could not be read', async () => {
    const server = { name: 'install', host: 'db1', databases: ['novantra', 'tenant_x'] };
    const records = await lists([server], [], [], true);
    expect(itemsOf(records)).toMatchObject([{ orphans: 0, possible: 1 }]);
    expect(records[0]?.blindSpot?.reason).toBe('malformed');
  });

  test('on a server that no row names are asked for too', async () => {
    const old = { name: 'old', host: 'db9', databases: ['postgres', 'tenant_left'] };
    const records = await lists([{ name: 'install', host: 'db1', databases: ['novantra'] }], [], [old]);
    expect(itemsOf(records)).toMatchObject([{ orphans: 0 }, { server: 'old', orphans: 1 }]);
  });
});

test('what is recorded and not there is told', async () => {
  const records = await lists([{ name: 'install', host: 'db1', databases: ['novantra'] }], [ACME]);
  expect(itemsOf(records)).toMatchObject([
    { missing: [{ databaseName: 'tenant_acme', createdAt: null }], missingCount: 1, recorded: 1 },
  ]);
});

test('a server that did not answer is a blind spot of its own, and misses nothing', async () => {
  const records = await lists(
    [
      { name: 'install', host: 'db1', databases: ['novantra'] },
      { name: 'tenants', host: 'db2', databases: 'blind' },
    ],
    [{ databaseName: 'tenant_acme', host: 'db2' }],
  );
  expect(records.map(({ source, blindSpot }) => [source, blindSpot?.reason ?? null])).toEqual([
    ['server db1:5432', null],
    ['server tenants', 'unreachable'],
  ]);
  expect(itemsOf(records)).toMatchObject([{ missingCount: 0 }]);
});

test('without dataset tenant_databases nothing can be compared', async () => {
  const records = await lists([{ name: 'install', host: 'db1', databases: ['novantra', 'x'] }], 'blind');
  expect(records).toMatchObject([{ items: [], blindSpot: { reason: 'unauthorized' } }]);
});
