import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { archiveFacts } from '../../../src/collect/backups/physical/cluster-copies.ts';
import { readArchiver } from '../../../src/collect/organizations/archiver.ts';
import { readServerCatalogue } from '../../../src/collect/organizations/server-catalogue.ts';
import { openReadOnly } from '../../../src/collect/postgres/read-only-connection.ts';
import { db14 } from '../../../src/evaluate/controls/db-14.ts';
import type { Facts } from '../../../src/model/facts.ts';
import { MINUTE, toInstant } from '../../../src/model/instant.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { CLUSTER, evidence, judge, node, scopeOf } from '../../evaluate/fixture.ts';
import { debianPostgresUnavailable, startDebianPostgres } from '../../services/postgres-debian.ts';
import { embeddedPostgresUnavailable, startEmbeddedPostgres } from '../../services/postgres-embedded.ts';
import type { PostgresServer } from '../../services/postgres-server.ts';
import { scratchDirectory, waitUntil } from '../../services/scratch.ts';
import { readDirectory } from '../backups/physical/read-location.ts';

const servers = [
  { title: 'PostgreSQL 15', reason: debianPostgresUnavailable(), start: startDebianPostgres },
  { title: 'PostgreSQL 18', reason: embeddedPostgresUnavailable(), start: startEmbeddedPostgres },
] as const;

for (const { title, reason, start } of servers) {
  describe.skipIf(reason)(`the archiver of ${title}, read by a role without a grant`, () => {
    let server: PostgresServer;

    beforeAll(async () => {
      server = await start({ settings: { archive_mode: 'on', archive_command: 'true', wal_level: 'replica' } });
      await server.query('CREATE ROLE bare LOGIN');
    });

    afterAll(() => server?.[Symbol.asyncDispose]());

    async function look(): Promise<Facts['archiver']> {
      const settings = {
        host: server.host,
        port: server.port,
        database: 'postgres',
        user: 'bare',
        tls: 'disable',
      } as const;
      const connection = await openReadOnly(settings, new AbortController().signal);
      try {
        const { archiver } = await readServerCatalogue(connection);
        if ('blind' in archiver) throw archiver.blind;
        return archiver.facts;
      } finally {
        await connection.close();
      }
    }

    async function statistic(column: string): Promise<unknown> {
      const [row] = await server.query(`SELECT ${column} AS value FROM pg_stat_archiver`);
      return row?.['value'];
    }

    async function completeSegment(): Promise<string> {
      await server.query('CREATE TABLE IF NOT EXISTS written (n int)');
      await server.query('INSERT INTO written VALUES (1)');
      const [row] = await server.query('SELECT pg_walfile_name(pg_switch_wal()) AS name');
      return String(row?.['name']);
    }

    async function setCommand(command: string): Promise<void> {
      await server.query(`ALTER SYSTEM SET archive_command = '${command}'`);
      await server.query('SELECT pg_reload_conf()');
    }

    function judged(facts: Facts['archiver'], archives: readonly Facts['wal-archive'][] = [], later = 0) {
      const collectedAt = toInstant(Date.now() + later);
      const records = [
        evidence('archiver', CLUSTER, [facts], { collectedAt }),
        evidence('wal-archive', CLUSTER, archives, { collectedAt }),
      ];
      return judge(db14, node(CLUSTER), scopeOf({ install: { evidence: records } }, collectedAt), {
        asOf: collectedAt,
      });
    }

    it('idle after a segment was archived, at the very start of the next one', async () => {
      const completed = await completeSegment();
      await waitUntil('the segment is archived', async () =>
        (await statistic('last_archived_wal')) === completed ? true : null,
      );
      const facts = await look();
      expect(facts).toMatchObject({ mode: 'on', lastArchivedWal: completed, lastFailedWal: null, failedCount: 0 });
      expect(facts.segmentBytes).toBe(16 * 1024 * 1024);
      // pg_walfile_name() of PostgreSQL 15 would still name the completed one.
      expect([completed, facts.currentWal].sort()).toEqual([completed, facts.currentWal]);
      expect(facts.currentWal).not.toBe(completed);
      expect(facts.checkpointWal).toMatch(/^[0-9A-F]{24}$/);
      expect(Date.parse(facts.checkpointAt ?? '')).toBeGreaterThan(Date.now() - 3_600_000);
      expect(judged(facts).status).toBe('pass');
    });

    it('of which one attempt failed and waits', async () => {
      await setCommand('false');
      const waiting = await completeSegment();
      await waitUntil('archiving fails', async () => ((await statistic('last_failed_wal')) === waiting ? true : null));
      const facts = await look();
      expect(facts.lastFailedWal).toBe(waiting);
      const finding = judged(facts);
      expect(finding.status).toBe('fail');
      expect(finding.because).toContain(`${waiting} waits: archiving it failed`);
      await setCommand('true');
      await waitUntil('it is archived after all', async () =>
        (await statistic('last_archived_wal')) === waiting ? true : null,
      );
      expect(judged(await look()).status).toBe('pass');
    });

    it('whose command succeeds and stores nothing', async () => {
      using scratch = scratchDirectory('archive');
      const wal = join(scratch.path, 'wal');
      await mkdir(wal);
      await chmod(scratch.path, 0o755);
      await chmod(wal, 0o777);
      const archive = async () => {
        const segment = await completeSegment();
        await waitUntil('it is archived', async () =>
          (await statistic('last_archived_wal')) === segment ? true : null,
        );
        const { archives } = await readDirectory(scratch.path, 'structure');
        const kept = archives.flatMap((one) => archiveFacts('nas', one, []));
        const facts = await look();
        return { segment, now: judged(facts, kept), later: judged(facts, kept, 16 * MINUTE) };
      };
      await setCommand(`cp %p ${wal}/%f`);
      const stored = await archive();
      expect([stored.now.status, stored.later.status]).toEqual(['pass', 'pass']);
      await setCommand('true');
      const lost = await archive();
      expect([lost.now.status, lost.later.status]).toEqual(['pass', 'fail']);
      expect(lost.later.because).toContain(`reports that ${lost.segment} was archived`);
      expect(lost.later.because).toContain(`the WAL in wal in nas ends at ${stored.segment}`);
    });

    it('after a base backup, whose history file is the last that was archived', async () => {
      const [backup] = await server.query(
        "SELECT count(*) FROM pg_stat_archiver WHERE last_archived_wal LIKE '%.backup'",
      );
      expect(backup?.['count']).toBe('0');
      await server.query(
        "WITH started AS MATERIALIZED (SELECT pg_backup_start('test', fast => true) AS lsn) SELECT (pg_backup_stop(lsn IS NULL)).lsn FROM started",
      );
      await waitUntil('its history file is archived', async () =>
        String(await statistic('last_archived_wal')).endsWith('.backup') ? true : null,
      );
      const facts = await look();
      expect(facts.lastArchivedWal).toMatch(/^[0-9A-F]{24}\.[0-9A-F]{8}\.backup$/);
      expect(judged(facts).status).toBe('pass');
    });

    it('whose statistics were reset', async () => {
      await server.query("SELECT pg_stat_reset_shared('archiver')");
      const facts = await look();
      expect(facts).toMatchObject({ lastArchivedWal: null, lastArchivedAt: null });
      expect(Date.parse(facts.statisticsSince ?? '')).toBeGreaterThan(Date.now() - 60_000);
      expect(judged(facts).status).toBe('unknown');
    });

    it('without asking for the command, which may hold credentials', async () => {
      const asked = await server.statements('bare');
      expect(asked.some(({ statement }) => statement.includes('pg_stat_archiver'))).toBe(true);
      expect(asked.filter(({ statement }) => /archive_command|archive_library/.test(statement))).toEqual([]);
    });

    it('that is off, and a standby, which writes no WAL', async () => {
      await server.query("ALTER SYSTEM SET archive_mode = 'off'");
      await server.stop();
      await server.start();
      const off = await look();
      expect(off).toMatchObject({ mode: 'off', currentWal: expect.stringMatching(/^[0-9A-F]{24}$/) });
      expect(judged(off).status).toBe('not-applicable');
      await server.query("ALTER SYSTEM SET archive_mode = 'always'");
      await server.stop();
      await writeFile(join(server.dataDirectory, 'standby.signal'), '');
      await server.start();
      const standby = await look();
      expect(standby).toMatchObject({ mode: 'always', currentWal: null });
      expect(judged(standby).status).toBe('not-applicable');
    });
  });
}

describe('an answer that is no PostgreSQL’s', () => {
  const rows = (columns: readonly string[], values: readonly (string | null)[]) =>
    ({
      ok: true,
      rows: { columns: columns.map((name) => ({ name })), rows: [values] },
      askedAt: 0,
      answeredAt: 0,
    }) as never;

  it('is blind, and takes nothing else with it', () => {
    const reading = readArchiver(rows(['mode'], ['sometimes']), rows([], []));
    expect(reading).toMatchObject({ blind: { reason: 'malformed' } });
    const refused = { ok: false, error: new SourceError('unauthorized', 'refused', 'Grant it.') } as const;
    expect(readArchiver(refused, refused)).toEqual({ blind: refused.error });
  });
});
