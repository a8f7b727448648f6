import { createServer, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PostgresSettings } from '../../../src/collect/postgres/postgres-settings.ts';
import { openReadOnly, type ReadOnlyConnection } from '../../../src/collect/postgres/read-only-connection.ts';
import {
  catalogueStatement,
  datasetStatement,
  type ReadOnlyStatement,
} from '../../../src/collect/postgres/statement.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { opensslUnavailable } from '../../services/certificates.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import { freePort } from '../../services/scratch.ts';

const PASSWORD = 'correct horse battery staple';
const never = new AbortController().signal;

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

async function failureOf(settings: PostgresSettings, signal = never): Promise<SourceError> {
  try {
    await (await openReadOnly(settings, signal)).close();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error('a session was established');
}

/** A server that accepts connections and gives each client `greet`. */
async function withListener(greet: string | null, work: (port: number) => Promise<void>): Promise<void> {
  const sockets = new Set<Socket>();
  const listener: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    if (greet !== null) socket.once('data', () => socket.write(greet));
  });
  const port = await freePort();
  await new Promise<void>((resolve) => listener.listen(port, '127.0.0.1', resolve));
  try {
    await work(port);
  } finally {
    for (const socket of sockets) socket.destroy();
    listener.close();
  }
}

describe('a server that cannot be used', () => {
  const settings = {
    host: '127.0.0.1',
    database: 'd',
    user: 'u',
    password: new Secret(PASSWORD),
    connectTimeoutMillis: 300,
  };

  it('is unreachable where nothing listens, and where the name is unknown', async () => {
    const port = await freePort();
    expect(await failureOf({ ...settings, port })).toMatchObject({
      reason: 'unreachable',
      message: `127.0.0.1:${port}/d: nothing listens there (ECONNREFUSED)`,
    });
    expect(await failureOf({ ...settings, port, host: 'nowhere.invalid' })).toMatchObject({
      reason: 'unreachable',
      message: expect.stringContaining('name could not be resolved'),
    });
  });

  it.each(['verify-full', 'disable'] as const)('times out when it accepts and says nothing (tls %s)', async (tls) => {
    await withListener(null, async (port) => {
      const began = performance.now();
      expect(await failureOf({ ...settings, port, tls })).toMatchObject({ reason: 'timeout' });
      expect(performance.now() - began).toBeLessThan(1500);
    });
  });

  it('is unreachable when it has no TLS and TLS is wanted, or speaks another protocol', async () => {
    await withListener('N', async (port) => {
      expect(await failureOf({ ...settings, port })).toMatchObject({
        reason: 'unreachable',
        remedy: expect.stringContaining('tls: disable'),
      });
    });
    await withListener('HTTP/1.1 400 Bad Request\r\n\r\n', async (port) => {
      expect(await failureOf({ ...settings, port })).toMatchObject({ reason: 'unreachable' });
      expect(await failureOf({ ...settings, port, tls: 'disable' })).toBeInstanceOf(SourceError);
    });
  });

  it('is given up at once when the signal aborts', async () => {
    await withListener(null, async (port) => {
      const controller = new AbortController();
      setTimeout(() => controller.abort(new Error('interrupted')), 50);
      await expect(
        openReadOnly({ ...settings, port, connectTimeoutMillis: 30_000 }, controller.signal),
      ).rejects.toThrow('interrupted');
      expect(
        await failureOf({ ...settings, port, connectTimeoutMillis: 30_000 }, AbortSignal.timeout(50)),
      ).toMatchObject({ reason: 'timeout' });
    });
  });

  it('is given up when it takes a statement and never answers', async () => {
    const authenticationOk = 'R\0\0\0\x08\0\0\0\0';
    const readyForQuery = 'Z\0\0\0\x05I';
    await withListener(authenticationOk + readyForQuery, async (port) => {
      const connection = await openReadOnly({ ...settings, port, tls: 'disable', statementTimeoutMillis: 100 }, never);
      await expect(connection.readTogether([catalogueStatement('x', 'SELECT 1')])).rejects.toMatchObject({
        reason: 'timeout',
      });
      expect(connection.isOpen()).toBe(false);
      await connection.close();
    });
  });

  it('names a file of authorities that cannot be read', async () => {
    expect(await failureOf({ ...settings, port: 1, caFile: '/nowhere/ca.pem' })).toMatchObject({
      remedy: expect.stringContaining('caFile'),
    });
  });
});

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`a session on ${title}`, () => {
    let server: PostgresServer;
    let settings: PostgresSettings;

    beforeAll(async () => {
      server = await start({
        authentication: 'scram-sha-256',
        tls: opensslUnavailable() === null,
        settings: { max_connections: '12', listen_addresses: '127.0.0.1, 127.0.0.2' },
      });
      await server.query(`CREATE ROLE reader LOGIN PASSWORD '${PASSWORD}'`);
      await server.query(
        "CREATE TABLE kept (id int, secret text); INSERT INTO kept SELECT s, 'row data' FROM generate_series(1, 2500) AS s; GRANT SELECT ON kept TO reader",
      );
      settings = {
        host: server.host,
        port: server.port,
        database: 'postgres',
        user: 'reader',
        password: new Secret(PASSWORD),
        ...(server.caFile === null ? { tls: 'disable' as const } : { caFile: server.caFile }),
      };
    });

    afterAll(async () => {
      await server?.[Symbol.asyncDispose]();
    });

    async function session<T>(
      work: (connection: ReadOnlyConnection) => Promise<T>,
      changed: Partial<PostgresSettings> = {},
    ): Promise<T> {
      const connection = await openReadOnly({ ...settings, ...changed }, never);
      try {
        return await work(connection);
      } finally {
        await connection.close();
      }
    }

    const one = (sql: string) => catalogueStatement('test', sql);

    it('reads several statements in one message', async () => {
      const [first, second] = await session((connection) =>
        connection.readTogether([one('SELECT 1 AS a, NULL AS b WHERE false'), one("SELECT now() AS t, 'x' AS u")]),
      );
      expect(first).toMatchObject({
        rows: [],
        columns: [
          { name: 'a', typeOid: 23 },
          { name: 'b', typeOid: 25 },
        ],
      });
      expect(second?.rows).toEqual([[expect.stringMatching(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/), 'x']]);
      const messages = (await server.statements('reader')).filter(({ statement }) => statement.includes('AS t'));
      expect(messages).toHaveLength(1);
      expect(messages[0]).toMatchObject({
        application: 'recoverage',
        statement: expect.stringMatching(/^BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;/),
      });
    });

    it('sets limits, read-only transactions and the way values are written', async () => {
      const names = [
        'default_transaction_read_only',
        'transaction_read_only',
        'statement_timeout',
        'lock_timeout',
        'idle_in_transaction_session_timeout',
        'row_security',
        'standard_conforming_strings',
        'TimeZone',
      ];
      const [set] = await session(
        (connection) =>
          connection.readTogether([one(`SELECT ${names.map((name) => `current_setting('${name}')`).join(', ')}`)]),
        { statementTimeoutMillis: 7000, lockTimeoutMillis: 3000 },
      );
      expect(set?.rows[0]).toEqual(['on', 'on', '7s', '3s', '2min', 'off', 'on', 'UTC']);
    });

    it('is read-only even for a role that may write', async () => {
      await server.query(`CREATE ROLE writer LOGIN PASSWORD '${PASSWORD}'; GRANT ALL ON kept TO writer`);
      await server.query(
        "CREATE FUNCTION sneak() RETURNS int LANGUAGE sql AS 'INSERT INTO kept VALUES (0) RETURNING id'",
      );
      await session(
        async (connection) => {
          await expect(connection.readTogether([one('SELECT sneak()')])).rejects.toMatchObject({
            message: expect.stringContaining('25006'),
          });
          await expect(
            connection.transaction((transaction) => transaction.read(one('SELECT sneak()'))),
          ).rejects.toMatchObject({ message: expect.stringContaining('25006') });
          expect((await connection.readTogether([one('SELECT count(*) FROM kept')]))[0]?.rows).toEqual([['2500']]);
        },
        { user: 'writer' },
      );
      expect(await server.query('SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 2500 }]);
    });

    it('refuses a statement that did not pass the guard', async () => {
      const forged: ReadOnlyStatement = { id: 'forged', sql: 'SELECT 1', tables: [] };
      await session(async (connection) => {
        await expect(connection.readTogether([forged])).rejects.toThrow(TypeError);
        await expect(connection.transaction((transaction) => transaction.read(forged))).rejects.toThrow(TypeError);
        await expect(connection.transaction((transaction) => transaction.pages(forged).next())).rejects.toThrow(
          TypeError,
        );
      });
    });

    it('pages through a cursor, to the end or not', async () => {
      const all = datasetStatement('kept', 'SELECT id FROM kept', [], { orderBy: 'dataset.id' });
      await session((connection) =>
        connection.transaction(async (transaction) => {
          const sizes: number[] = [];
          for await (const page of transaction.pages(all, 1000)) sizes.push(page.rows.length);
          expect(sizes).toEqual([1000, 1000, 500]);
          for await (const page of transaction.pages(all, 10)) {
            expect(page.rows[9]).toEqual(['10']);
            break;
          }
          for await (const page of transaction.pages(all, 2500)) expect(page.columns).toMatchObject([{ name: 'id' }]);
        }),
      );
    });

    it('survives a failed statement behind a savepoint and after a failed message', async () => {
      await session(async (connection) => {
        await connection.transaction(async (transaction) => {
          await expect(transaction.attempt(() => transaction.read(one('SELECT 1/0')))).rejects.toMatchObject({
            reason: 'malformed',
            message: expect.stringContaining('22012'),
          });
          expect((await transaction.read(one('SELECT 2'))).rows).toEqual([['2']]);
        });
        await expect(connection.readTogether([one('SELECT 1'), one('SELECT * FROM nowhere')])).rejects.toMatchObject({
          reason: 'malformed',
        });
        expect((await connection.readTogether([one('SELECT 3')]))[0]?.rows).toEqual([['3']]);
        expect(connection.isOpen()).toBe(true);
      });
    });

    it('looks unqualified names up in the schema it is given', async () => {
      await server.query(
        'CREATE SCHEMA "Tenant ""1"""; CREATE TABLE "Tenant ""1""".kept (id int); GRANT USAGE ON SCHEMA "Tenant ""1""" TO reader; GRANT SELECT ON "Tenant ""1""".kept TO reader',
      );
      const count = one('SELECT count(*) FROM kept');
      await session(async (connection) => {
        expect((await connection.readTogether([count], { schema: 'Tenant "1"' }))[0]?.rows).toEqual([['0']]);
        expect((await connection.readTogether([count]))[0]?.rows).toEqual([['2500']]);
      });
    });

    it('explains a wrong password, no password and an unknown database, without the password', async () => {
      const wrong = await failureOf({ ...settings, password: new Secret('wrong guess') });
      expect(wrong).toMatchObject({ reason: 'unauthorized', message: expect.stringContaining('role reader') });
      expect(`${wrong.message}${wrong.remedy}${wrong.stack}`).not.toMatch(/wrong guess|correct horse/);
      process.env['PGPASSWORD'] = PASSWORD;
      const none = await failureOf({ ...settings, password: undefined }).finally(
        () => delete process.env['PGPASSWORD'],
      );
      expect(none).toMatchObject({ reason: 'unauthorized' });
      expect(await failureOf({ ...settings, database: 'dropped' })).toMatchObject({
        reason: 'unreachable',
        message: expect.stringContaining('does not exist'),
      });
    });

    it('explains missing rights on a table and on a schema with the grant that is missing', async () => {
      await server.query('CREATE SCHEMA closed; CREATE TABLE closed.one (id int); CREATE TABLE public.two (id int)');
      const ask = (sql: string, tables: readonly string[]) =>
        session((connection) => connection.readTogether([datasetStatement('d', sql, tables)]));
      await expect(ask('SELECT * FROM two', ['public.two (id)'])).rejects.toMatchObject({
        reason: 'unauthorized',
        remedy: 'Run: GRANT SELECT ON public.two TO reader;',
      });
      await expect(ask('SELECT * FROM closed.one', [])).rejects.toMatchObject({
        reason: 'unauthorized',
        remedy: 'Run: GRANT USAGE ON SCHEMA closed TO reader;',
      });
    });

    it('quotes no row data', async () => {
      const failed = await session((connection) =>
        connection.readTogether([one('SELECT secret::int FROM kept')]),
      ).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(SourceError);
      expect(JSON.stringify([String(failed), failed, (failed as Error).cause ?? null])).not.toContain('row data');
    });

    it('ends a statement at its limit and the wait for a lock at its own', async () => {
      const slow = one('SELECT count(*) FROM generate_series(1, 1000000000)');
      await expect(
        session((connection) => connection.readTogether([slow]), { statementTimeoutMillis: 200 }),
      ).rejects.toMatchObject({ reason: 'timeout' });
      const locked = server.query('BEGIN; LOCK TABLE kept IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(2); COMMIT');
      await new Promise((resolve) => setTimeout(resolve, 500));
      await expect(
        session((connection) => connection.readTogether([one('SELECT id FROM kept')]), { lockTimeoutMillis: 100 }),
      ).rejects.toMatchObject({ reason: 'timeout', message: expect.stringContaining('lock') });
      await locked;
    });

    it('notices that the server ended the session, and stays closed', async () => {
      await session(async (connection) => {
        const [pid] = await connection.readTogether([one('SELECT pg_backend_pid()')]);
        await server.query(`SELECT pg_terminate_backend(${pid?.rows[0]?.[0]}, 5000)`);
        await expect(connection.readTogether([one('SELECT 1')])).rejects.toMatchObject({ reason: 'unreachable' });
        expect(connection.isOpen()).toBe(false);
        await expect(connection.transaction(() => Promise.resolve())).rejects.toBeInstanceOf(SourceError);
      });
    });

    it('stops a running statement at once when the signal aborts', async () => {
      const controller = new AbortController();
      const connection = await openReadOnly(settings, controller.signal);
      setTimeout(() => controller.abort(new Error('interrupted')), 100);
      const began = performance.now();
      await expect(
        connection.readTogether([one('SELECT count(*) FROM generate_series(1, 1000000000)')]),
      ).rejects.toThrow('interrupted');
      expect(performance.now() - began).toBeLessThan(1000);
      await connection.close();
    });

    it.skipIf(opensslUnavailable())('verifies chain and name of the certificate', async () => {
      expect(await failureOf({ ...settings, caFile: undefined })).toMatchObject({
        reason: 'unreachable',
        remedy: expect.stringContaining('caFile'),
      });
      await session(async (connection) => {
        expect(
          (await connection.readTogether([one('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')]))[0]?.rows,
        ).toEqual([['t']]);
      });
    });

    it.skipIf(opensslUnavailable() ?? (process.platform !== 'linux' && 'only Linux has 127.0.0.2'))(
      'refuses a certificate for another name',
      async () => {
        expect(await failureOf({ ...settings, host: '127.0.0.2' })).toMatchObject({
          reason: 'unreachable',
          message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID'),
        });
      },
    );
  });
}
