import { execFile } from 'node:child_process';
import { rename, rm, writeFile } from 'node:fs/promises';
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
  create temporary table gone (id int primary key);
  create index on members (name); create unique index on members (lower(name)); create index on counted (count);
  alter table members add constraint named unique (name), add constraint apart exclude (name with =) where (id > 5),
    add constraint positive check (id > 0) not valid;
  create table app.orders (id int, at date, member int references members, primary key (id, at)) partition by range (at);
  create table app.orders_1 partition of app.orders for values from ('2026-01-01') to ('2027-01-01');
  create table app.orders_2 partition of app.orders for values from ('2027-01-01') to ('2028-01-01');
  create index on app.orders (member); create index on only app.orders (at);
  create function app.fired() returns trigger language plpgsql as 'begin return new; end';
  create trigger told after insert on app.orders for each row execute function app.fired();
  create constraint trigger later after insert on members deferrable for each row execute function app.fired();
  create rule silent as on delete to members do instead nothing;
  create rule shown_new as on insert to shown do instead nothing;
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
      return read();
    }

    async function read(): Promise<Facts['copy']> {
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
      [['-N', 'app'], 'fails', '4 functions in app'],
      [['-n', 'app', '-n', 'public'], 'fails', '1 sequence in we"ird; Owner: x'],
      [['-t', 'public.*'], 'fails', '4 functions in app'],
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

    /** As pg_restore --use-list makes it of a list without the lines that match. */
    async function restoredWithout(pattern: RegExp): Promise<Facts['copy']> {
      await dumped('-Fc');
      const archive = join(folder, 'shop.dump');
      const list = join(folder, 'list');
      const { stdout } = await run(debianPostgresTool('pg_restore'), ['-l', archive]);
      await writeFile(
        list,
        stdout
          .split('\n')
          .filter((line) => !pattern.test(line))
          .join('\n'),
      );
      const plain = join(folder, 'plain.sql');
      await run(debianPostgresTool('pg_restore'), ['--create', '-L', list, '-f', plain, archive]);
      await rm(list);
      await rename(plain, archive);
      return read();
    }

    it.each([
      [/ CONSTRAINT .*members_pkey/, '1 constraint in public'],
      [/ FK CONSTRAINT /, '1 foreign key in app'],
      [/ TRIGGER .*told/, '1 trigger in app'],
      [/ TRIGGER /, '1 trigger in public'],
      [/ RULE .*silent/, '1 rule in public'],
    ])('a plain dump made of a list without %s', async (pattern, what) => {
      const found = await judged(await restoredWithout(pattern));
      expect(found).toMatchObject({ complete: 'unknown', completeBecause: expect.stringContaining(what) });
    });

    it('indexes that were left out are missed where object ids tell that they were there', async () => {
      await dumped('-Fc');
      expect(await judged(await restoredWithout(/ INDEX /))).toMatchObject({ complete: 'holds' });
      const copy = await dumped('-Fc');
      const objects = copy.objects?.filter(({ kind }) => kind !== 'index') ?? [];
      expect(await judged({ ...copy, objects })).toMatchObject({
        complete: 'unknown',
        completeBecause: expect.stringContaining('3 indexes in public'),
      });
    });

    it('what was made since the copy leaves it unknown, until an upgrade explains it', async () => {
      const copy = await dumped('-Fc');
      await server.query(
        'create view public.new as select 1; create function public.made() returns int language sql return 1',
        'shop',
      );
      await server.query('create index fast on members (name, id)', 'shop');
      expect(await judged(copy)).toMatchObject({
        complete: 'unknown',
        completeBecause: expect.stringContaining('1 view in public'),
      });
      expect((await judged(copy)).completeBecause).toContain('1 function in public');
      expect((await judged(copy)).completeBecause).not.toContain('index');
      expect((await judged(copy, new Date(Date.now() + 1000).toISOString())).complete).toBe('holds');
      expect((await judged(await dumped('-Fc'))).complete).toBe('holds');
      const without = await dumped('-Fc', '--no-blobs');
      expect((await judged(without, new Date(Date.now() + 1000).toISOString())).complete).toBe('unknown');
      await server.query('drop view public.new; drop function public.made(); drop index fast', 'shop');
    });
  },
);
