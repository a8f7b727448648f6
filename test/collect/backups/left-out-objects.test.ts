import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DumpArtifact } from '../../../src/collect/backups/artifact-index.ts';
import { copyFact } from '../../../src/collect/backups/copy-facts.ts';
import { readDumpFile } from '../../../src/collect/formats/pg-dump/read-dump.ts';
import { type DatabaseCatalogue, readCatalogue } from '../../../src/collect/organizations/database-catalogue.ts';
import { openReadOnly } from '../../../src/collect/postgres/read-only-connection.ts';
import { localDirectoryTree } from '../../../src/collect/trees/local-directory.ts';
import { type JudgedCopy, judgeCopies } from '../../../src/evaluate/copies.ts';
import { leftOutObjects } from '../../../src/evaluate/left-out-objects.ts';
import type { Observation } from '../../../src/model/control.ts';
import type { FactKind, Facts } from '../../../src/model/facts.ts';
import { TENANT_DATABASE } from '../../evaluate/fixture.ts';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import { scratchDirectory } from '../../services/scratch.ts';
import { readingOf } from '../formats/pg-dump/fixtures.ts';

const run = promisify(execFile);
const unavailable = debianPostgresUnavailable();
const { signal } = new AbortController();

/** Everything older than the youngest table, and some of each kind that no dump lists on its own. */
const SCHEMA = `
  create schema app; create schema "we""ird; Owner: x";
  create extension hstore; create extension pg_trgm schema app;
  create type app.mood as enum ('good'); create domain app.short as text; create type app.pair as (a int, b int);
  create type app.span as range (subtype = int);
  create sequence app.numbers; create sequence "we""ird; Owner: x".own;
  create function app.f() returns int language sql return 1;
  create procedure app.p() language sql begin atomic select 1; end;
  create aggregate app.total(int) (sfunc = int4pl, stype = int);
  create table public.members (id serial primary key, name text);
  create view public.seen as select * from members; create view public.shown as select 1 as one;
  create materialized view public.counted as select count(*) from members;
  create policy own on members using (name = current_user);
  create foreign data wrapper nothing; create server nowhere foreign data wrapper nothing;
  create foreign table public.far (a int) server nowhere;
  create temporary view fleeting as select 1;
  select lo_from_bytea(0, 'kept'), lo_from_bytea(0, 'too');
  create table public.youngest (id int generated always as identity primary key);
  insert into members (name) values ('x')`;

function seen<K extends FactKind>(kind: K, value: Facts[K]): Observation<K> {
  return {
    value,
    subject: TENANT_DATABASE,
    evidenceId: kind,
    grade: 'observed',
    collectedAt: new Date().toISOString(),
  };
}

describe.skipIf(unavailable)(
  `dumps that leave out what is no table${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    let cleanup = new AsyncDisposableStack();
    let server: PostgresServer;
    let folder: string;
    let databaseOid: number;

    beforeAll(async () => {
      cleanup = new AsyncDisposableStack();
      server = cleanup.use(await startDebianPostgres());
      folder = cleanup.use(scratchDirectory('dumps')).path;
      await server.query('create database shop');
      await server.query(SCHEMA, 'shop');
      const [row] = await server.query(`select oid::int as oid from pg_database where datname = 'shop'`);
      databaseOid = Number(row?.['oid']);
    }, 120_000);
    afterAll(() => cleanup.disposeAsync());

    async function live(): Promise<DatabaseCatalogue> {
      const settings = {
        host: server.host,
        port: server.port,
        database: 'shop',
        user: server.user,
        tls: 'disable',
      } as const;
      const connection = await openReadOnly(settings, signal);
      try {
        return await readCatalogue(connection);
      } finally {
        await connection.close();
      }
    }

    async function dumped(...args: readonly string[]): Promise<Facts['copy']> {
      const connection = ['-h', server.host, '-p', String(server.port), '-U', server.user];
      await run(debianPostgresTool('pg_dump'), [...connection, ...args, '-f', join(folder, 'shop.dump'), 'shop']);
      const location = { name: 'nas', tree: localDirectoryTree({ root: folder }), timeZone: 'UTC', servers: null };
      const reader = await location.tree.open('shop.dump', signal);
      const reading = readingOf(await readDumpFile(reader, { depth: 'full', signal }));
      await reader.close();
      const artifact: DumpArtifact = {
        version: null,
        location,
        path: 'shop.dump',
        bytes: reader.bytes,
        modifiedAt: new Date().toISOString(),
        files: null,
        reading,
        claimedName: null,
      };
      return copyFact(artifact, reading, {
        databaseName: 'shop',
        sameNameDatabases: 1,
        planTimeZone: null,
        recordedRun: null,
        claimedByRun: null,
        listsAll: true,
      });
    }

    async function catalogueOf(upgradedAt: string | null): Promise<Observation<'catalogue'>> {
      const { tables, objects } = await live();
      const ordinary = tables.filter(({ kind }) => kind === 'r');
      return seen('catalogue', {
        databaseOid,
        tables: ordinary.map(({ oid, schema, name }) => ({ oid, name: `${schema}.${name}` })),
        objects: [...objects],
        upgradedAt,
      });
    }

    async function judged(copy: Facts['copy'], upgradedAt: string | null = null): Promise<JudgedCopy> {
      const facts = {
        copies: [seen('copy', copy)],
        states: [seen('database-state', { exists: true, databaseOid, sizeBytes: null })],
        catalogues: [await catalogueOf(upgradedAt)],
        recreations: [],
      };
      const [first] = judgeCopies(facts, new Date(Date.now() + 60_000).toISOString());
      if (first === undefined) throw new Error('no copy was judged');
      return first;
    }

    it.each([[['-Fc']], [['-Ft']], [['-C']], [['-C', '-v']]])(
      'a whole dump has all that the catalogue counts: %s',
      async (args) => {
        const copy = await dumped(...args);
        const { objects } = await live();
        const plain = ({ schema, kind, count }: { schema: string; kind: string; count: number }) =>
          `${kind} ${schema} ${count}`;
        const large = (text: string) => text.replace(/^(large object).*/, '$1');
        expect(copy.objects?.map(plain).map(large).sort()).toEqual(objects.map(plain).map(large).sort());
        expect(await judged(copy)).toMatchObject({ complete: 'holds', counts: 'holds' });
      },
    );

    it.each([
      [['--no-blobs'], 'unknown', 'the large objects'],
      [['--schema=public', '--blobs'], 'fails', '2 extensions'],
      [['-N', 'app'], 'fails', '3 functions in app'],
      [['-n', 'app', '-n', 'public'], 'fails', '1 sequence in we"ird; Owner: x'],
      [['-t', 'public.*'], 'fails', '3 functions in app'],
      [['-T', 'public.seen'], 'fails', '1 view in public'],
      [['-T', 'public.counted'], 'fails', '1 materialized view in public'],
      [['-T', 'app.numbers'], 'fails', '1 sequence in app'],
      [['--extension=hstore'], 'fails', '1 extension'],
    ] as const)('%s: %s', async (args, truth, what) => {
      const copy = await dumped('-Fc', ...args);
      const { certain, doubtful } = leftOutObjects(seen('copy', copy), [await catalogueOf(null)]);
      expect(truth === 'fails' ? certain : doubtful).toContain(what);
      expect((await judged(copy)).complete).toBe(truth);
      const plain = await judged(await dumped('-C', ...args));
      expect(plain.complete).toBe('unknown');
    });

    it('what was made since the copy leaves it unknown, until an upgrade explains it', async () => {
      const copy = await dumped('-Fc');
      await server.query(
        'create view public.new as select 1; create function public.made() returns int language sql return 1',
        'shop',
      );
      expect(await judged(copy)).toMatchObject({
        complete: 'unknown',
        completeBecause: expect.stringContaining('1 view in public'),
      });
      expect((await judged(copy)).completeBecause).toContain('1 function in public');
      expect((await judged(copy, new Date(Date.now() + 1000).toISOString())).complete).toBe('holds');
      expect((await judged(await dumped('-Fc'))).complete).toBe('holds');
      const without = await dumped('-Fc', '--no-blobs');
      expect((await judged(without, new Date(Date.now() + 1000).toISOString())).complete).toBe('unknown');
      await server.query('drop view public.new; drop function public.made()', 'shop');
    });
  },
);
