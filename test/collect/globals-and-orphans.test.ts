import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { readLocation } from '../../src/collect/backups/artifact-index.ts';
import type { MatchedCopies } from '../../src/collect/backups/physical/cluster-copies.ts';
import type { Estate, OpenLocation } from '../../src/collect/estate.ts';
import { globalsEvidence, unmatchedGlobals } from '../../src/collect/globals-evidence.ts';
import { orphanCopyEvidence } from '../../src/collect/orphan-copies.ts';
import type { KnownServer } from '../../src/collect/servers.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { DAY } from '../../src/model/instant.ts';
import { policySchema } from '../../src/model/policy.ts';
import { subject } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';

const signal = new AbortController().signal;
const asker = createAsker(systemClock, [], signal);
const NO_POLICY = policySchema.parse({ loss: { level: 'host', name: 'install-1' } });
const NO_DATABASE = '';
const globals = (inside: string) =>
  `--\n-- PostgreSQL database cluster dump\n--\n\nSET standard_conforming_strings = on;\n\nCREATE ROLE app;\n\n${inside}--\n-- PostgreSQL database cluster dump complete\n--\n\n`;
const connectTo = (name: string) => `\\connect ${name}\n\n`;
const OF_ACME = readFileSync(join(import.meta.dirname, '../fixtures/dumps/pg15-plain.sql'));

function server(name: string, identifier: string | null): KnownServer {
  return {
    server: { name, host: name, port: 5432 },
    subject: subject('cluster', name),
    catalogue: { server: { systemIdentifier: identifier }, databases: [] },
    blindSpot: null,
  } as unknown as KnownServer;
}

interface Sketch {
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly servers?: readonly KnownServer[];
  /** Servers that the location is configured for. */
  readonly configuredFor?: readonly string[];
  readonly recorded?: Readonly<Record<string, string>>;
  readonly physical?: readonly MatchedCopies[];
  readonly dataset?: object;
}

async function estateOf(sketch: Sketch): Promise<Estate> {
  using scratch = scratchDirectory('globals');
  for (const [path, content] of Object.entries(sketch.files)) {
    mkdirSync(dirname(join(scratch.path, path)), { recursive: true });
    writeFileSync(join(scratch.path, path), content);
  }
  const recorded = Object.entries(sketch.recorded ?? { tenant_acme: 'db1' });
  const place = {
    name: 'nas',
    tree: localDirectoryTree({ root: scratch.path }),
    timeZone: null,
    servers: sketch.configuredFor ?? null,
  };
  const blindSpotOf = () => ({ reason: 'malformed', detail: 'd', remedy: 'r' }) as const;
  const contents = await readLocation(place, new Set(recorded.map(([name]) => name)), blindSpotOf, signal);
  return {
    dumps: [contents],
    physical: sketch.physical ?? [],
    known: new Map((sketch.servers ?? [server('db1', '1')]).map((one) => [one.server.name, one])),
    databaseServers: new Map(recorded.map(([name, on]) => [name, new Set([on])])),
    reading: { datasets: { tenant_databases: sketch.dataset ?? { status: 'read', problems: [] } } },
  } as unknown as Estate;
}

/** What was found of each server: paths with completeness, or the reason why that is not known. */
function told(estate: Estate): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    [...estate.known.values()].map((known) => {
      const [record] = globalsEvidence({ asker, policy: NO_POLICY }, estate, known);
      const items = record?.kind === 'globals-copy' ? record.items.map(({ path, complete }) => [path, complete]) : [];
      return [known.server.name, record?.blindSpot?.reason ?? items];
    }),
  );
}

const TWO = [server('db1', '1'), server('db2', '2')];

describe('roles and settings', () => {
  test('are of the only server there is, from a dump of them alone and from one of all databases', async () => {
    const estate = await estateOf({
      files: { 'globals.sql': globals(NO_DATABASE), 'all.sql': globals(connectTo('tenant_acme')) },
    });
    expect(told(estate)).toEqual({
      db1: expect.arrayContaining([
        ['globals.sql', true],
        ['all.sql', true],
      ]),
    });
    expect(unmatchedGlobals(estate.dumps[0] ?? never(), estate)).toEqual([]);
  });

  test('are of the server that the location is configured for', async () => {
    const files = { 'globals.sql': globals(NO_DATABASE) };
    const estate = await estateOf({ files, servers: TWO, configuredFor: ['db2'] });
    const [nowhere] = globalsEvidence({ asker, policy: NO_POLICY }, estate, TWO[0] ?? never());
    expect(nowhere).toMatchObject({ items: [], blindSpot: null, operation: expect.stringContaining('none') });
    expect(told(estate)).toMatchObject({ db2: [['globals.sql', true]] });
  });

  test('that do not tell which of two servers they are of are guessed for none, and listed', async () => {
    const estate = await estateOf({ files: { 'globals.sql': globals(NO_DATABASE) }, servers: TWO });
    expect(told(estate)).toEqual({ db1: 'not-asked', db2: 'not-asked' });
    expect(unmatchedGlobals(estate.dumps[0] ?? never(), estate)).toMatchObject([{ path: 'globals.sql' }]);
  });

  test('are told by the databases beside them', async () => {
    const files = { 'all.sql': globals(connectTo('tenant_globex')) };
    const recorded = { tenant_acme: 'db1', tenant_globex: 'db2' };
    expect(told(await estateOf({ files, servers: TWO, recorded }))).toEqual({ db1: [], db2: [['all.sql', true]] });
  });

  test('are of one server under two names', async () => {
    const servers = [server('db1', '7'), server('db2', '7')];
    const estate = await estateOf({ files: { 'globals.sql': globals(NO_DATABASE) }, servers });
    expect(told(estate)).toEqual({ db1: [['globals.sql', true]], db2: [['globals.sql', true]] });
  });

  test('in a file that is too large for the listing are whole where it was read in its turn, while that counts', async () => {
    const listed = (await estateOf({ files: { 'all.sql': globals(connectTo('tenant_acme')) } })).dumps[0] ?? never();
    const because = 'it ends in what looks like its trailer';
    const open = listed.globals.map((dump) => ({
      ...dump,
      reading: { ...dump.reading, databases: [], integrity: { state: 'unproven', because } as const },
    }));
    const whole = listed.globals[0]?.reading ?? never();
    const seen = async (days: number | null) => {
      const readAt = new Date(Date.now() - (days ?? 0) * DAY).toISOString();
      const inside = { readAt, isNew: days === 0, whole, databases: new Map() };
      const insideClusters = new Map(days === null ? [] : [['all.sql', inside]]);
      const estate = await estateOf({ files: {} });
      return told({ ...estate, dumps: [{ ...listed, globals: open, insideClusters }] });
    };
    expect(await seen(null)).toEqual({ db1: [['all.sql', null]] });
    expect(await seen(0)).toEqual({ db1: [['all.sql', true]] });
    expect(await seen(20)).toEqual({ db1: [['all.sql', true]] });
    expect(await seen(40)).toEqual({ db1: [['all.sql', null]] });
  });

  test('tell how many roles log in with a password, in one that was read', async () => {
    const alter = (name: string, attributes: string) => `ALTER ROLE ${name} WITH NOSUPERUSER ${attributes};\n`;
    const loginRoles = async (...roles: readonly string[]) => {
      const estate = await estateOf({ files: { 'globals.sql': globals(roles.join('')) } });
      const [known] = estate.known.values();
      const [record] = globalsEvidence({ asker, policy: NO_POLICY }, estate, known ?? never());
      return record?.kind === 'globals-copy' ? record.items[0]?.loginRoles : null;
    };
    const secret = "LOGIN PASSWORD 'SCRAM-SHA-256$4096:abc'";
    expect(await loginRoles(alter('app', secret), alter('"of LOGIN"', 'NOLOGIN'))).toEqual({
      total: 1,
      withPassword: 1,
    });
    expect(await loginRoles(alter('app', 'LOGIN'), alter('"a ""b"', 'LOGIN'))).toEqual({ total: 2, withPassword: 0 });
    expect(await loginRoles(alter('app', 'NOLOGIN'))).toBeUndefined();
  });

  test('that are cut off are not whole; in a file that nobody can open they are a blind spot', async () => {
    const cut = globals(NO_DATABASE).slice(0, -30);
    expect(told(await estateOf({ files: { 'globals.sql': cut } }))).toEqual({ db1: [['globals.sql', false]] });
    const closed = Buffer.from('age-encryption.org/v1\n');
    expect(told(await estateOf({ files: { 'globals.sql.age': closed } }))).toEqual({ db1: 'unsupported' });
    expect(told(await estateOf({ files: { 'notes.age': closed } }))).toEqual({ db1: [] });
  });
});

function never(): never {
  throw new Error('there is one');
}

function orphansIn(estate: Estate) {
  const place = { config: { name: 'nas' }, subject: subject('location', 'nas'), tree: null } as unknown as OpenLocation;
  return orphanCopyEvidence({ asker }, estate, place);
}

describe('copies of databases that are not recorded', () => {
  test('are told by the name inside, however the file is called', async () => {
    const named = Buffer.from(OF_ACME.toString().replaceAll(/\b(CREATE DATABASE|\\connect) \S+/g, '$1 tenant_gone'));
    const files = {
      'tenant_acme/1.sql': named,
      'tenant_acme/2.sql': named,
      'all.sql': globals(connectTo('tenant_old')),
    };
    const record = orphansIn(await estateOf({ files }));
    expect(record).toMatchObject({ blindSpot: null, subject: { kind: 'location', key: 'nas' } });
    expect(record.items).toMatchObject([
      { databaseName: 'tenant_gone', copies: 2, inside: 'dump' },
      { databaseName: 'tenant_old', copies: 1, path: 'all.sql', inside: 'cluster-copy' },
    ]);
  });

  test('inside copies of whole clusters are told where these name them, of servers of the install only', async () => {
    const copy = (path: string, servers: readonly string[]) => ({
      servers,
      settled: {
        kind: 'full',
        path,
        copy: {
          modifiedAt: '2026-11-01T00:00:00.000Z',
          databases: ['tenant_acme', 'tenant_old', 'template1', null].map((name) => ({ oid: 1, name })),
        },
      },
    });
    const physical = [
      { location: { name: 'nas', contents: { blindSpot: null } }, copies: [copy('F1', ['db1']), copy('F2', [])] },
    ] as unknown as readonly MatchedCopies[];
    const record = orphansIn(await estateOf({ files: {}, physical }));
    expect(record.items).toMatchObject([{ databaseName: 'tenant_old', copies: 1, path: 'F1', inside: 'cluster-copy' }]);
  });

  test('are not told where the rows that would record them could not all be read', async () => {
    const files = { 'all.sql': globals(connectTo('tenant_old')) };
    const dataset = { status: 'read', problems: [{ dataset: 'tenant_databases', column: 'port', problem: 'bad' }] };
    expect(orphansIn(await estateOf({ files, dataset }))).toMatchObject({
      items: [],
      blindSpot: { reason: 'malformed' },
    });
  });
});
