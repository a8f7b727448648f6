import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { describe, expect, it } from 'vitest';
import { opensslUnavailable } from './certificates.ts';
import { debianPostgresUnavailable, startDebianPostgres } from './postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from './postgres-embedded.ts';
import { processesNaming } from './processes.ts';

const servers = [
  { title: 'PostgreSQL 15 of Debian', reason: debianPostgresUnavailable(), start: startDebianPostgres, major: 15 },
  { title: 'PostgreSQL 18 of npm', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres, major: 18 },
] as const;

for (const { title, reason, start, major } of servers) {
  describe.skipIf(reason)(title, () => {
    it('starts, answers, logs what was asked, stops and leaves nothing behind', async () => {
      let directory: string;
      {
        await using server = await start();
        directory = server.directory;
        const [version] = await server.query(`select current_setting('server_version_num')::int / 10000 as major`);
        expect(version).toEqual({ major });
        await server.query('create role reader login');
        const client = new Client({ host: server.host, port: server.port, user: 'reader', database: 'postgres' });
        await client.connect();
        await client.query('select $1::text\n-- on two lines', ['bound']);
        await client.end();
        expect(await server.statements('reader')).toEqual([
          expect.objectContaining({ user: 'reader', statement: 'select $1::text\n-- on two lines' }),
        ]);
        expect(processesNaming(directory)).not.toEqual([]);
      }
      expect(existsSync(directory)).toBe(false);
      expect(processesNaming(directory)).toEqual([]);
    });

    it('asks for the password and takes settings, and keeps its data over a restart', async () => {
      await using server = await start({ authentication: 'scram-sha-256', settings: { work_mem: '5MB' } });
      const wrong = new Client({ host: server.host, port: server.port, user: 'postgres', password: 'wrong' });
      await expect(wrong.connect()).rejects.toMatchObject({ code: '28P01' });
      expect(await server.query('show work_mem')).toEqual([{ work_mem: '5MB' }]);
      await server.query('create table kept (id int)');
      await server.stop();
      await expect(server.query('select 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.start();
      expect(await server.query('select count(*)::int as rows from kept')).toEqual([{ rows: 0 }]);
    });

    it.skipIf(opensslUnavailable())('serves TLS under its own authority', async () => {
      await using server = await start({ tls: true });
      const connectionString = server.uri();
      const trusting = new Client({ connectionString, ssl: { ca: await readFile(server.caFile ?? '', 'utf8') } });
      await trusting.connect();
      const answer = await trusting.query('select ssl from pg_stat_ssl where pid = pg_backend_pid()');
      await trusting.end();
      expect(answer.rows).toEqual([{ ssl: true }]);
      const distrusting = new Client({ connectionString, ssl: { rejectUnauthorized: true } });
      await expect(distrusting.connect()).rejects.toThrow(/self-signed certificate|unable to verify/);
    });
  });
}
