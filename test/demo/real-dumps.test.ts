import { mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { buildDemoInstall } from '../../src/demo/build-demo-install.ts';
import { compareWithPlanted } from '../../src/demo/planted-gaps.ts';
import { usablePgDump } from '../../src/demo/real-dumps.ts';
import { debianPostgresTool, debianPostgresUnavailable } from '../services/postgres-debian.ts';
import { unprivilegedUser } from '../services/run-as.ts';
import { auditDemo } from './audited-demo.ts';

describe.skipIf(debianPostgresUnavailable())('with a pg_dump as new as the server', { timeout: 180_000 }, () => {
  test('the newest dumps are real ones, and the audit finds the same', async () => {
    const { signal } = new AbortController();
    const programs = dirname(debianPostgresTool('pg_dump'));
    const directory = mkdtempSync(join(tmpdir(), 'recoverage-demo-'));
    const install = await buildDemoInstall({
      directory,
      reports: join(directory, 'reports'),
      now: new Date().toISOString(),
      signal,
      programs: {
        initdb: join(programs, 'initdb'),
        postgres: join(programs, 'postgres'),
        user: unprivilegedUser(),
      },
    });
    try {
      expect(install.realDumps).toBe(true);
      const { findings } = await auditDemo(install, signal);
      const { missing, unexpected } = compareWithPlanted(findings);
      expect({ missing, unexpected }).toEqual({ missing: [], unexpected: [] });
      const dumps = join(directory, 'stand-in-nas', 'dumps', 'tenant_acorn');
      const [standIn] = readdirSync(dumps).filter((name) => name.endsWith('.sql.gz'));
      expect(gunzipSync(readFileSync(join(dumps, standIn ?? ''))).toString()).toContain('made by recoverage demo');
    } finally {
      await install.stop();
    }
  });

  test('a pg_dump older than the server is not used', async () => {
    const program = debianPostgresTool('pg_dump');
    expect(await usablePgDump('18.4', program)).toBeNull();
    expect(await usablePgDump('15.2 (Debian 15.2-1)', program)).toBe(program);
    expect(await usablePgDump('15.2', '/nowhere/pg_dump')).toBeNull();
  });
});
