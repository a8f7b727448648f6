import { execFile } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { buildInstall, type Install } from './install.ts';
import { NAMES, STAND_IN } from './install-configuration.ts';
import { findingsOf, type ReportDocument, scan } from './read-report.ts';

const run = promisify(execFile);
const BASE = 'base-backups';

/** A base backup of a server, plain, with its WAL. */
async function baseBackup(server: { uri(database: string): string }, directory: string): Promise<void> {
  await run(
    debianPostgresTool('pg_basebackup'),
    ['--pgdata', directory, '--checkpoint=fast', '--wal-method=stream', '--dbname', server.uri('postgres')],
    { env: { PATH: process.env['PATH'] ?? '' }, timeout: 60_000 },
  );
}

describe.skipIf(debianPostgresUnavailable())('an install whose only copies are base backups of its server', () => {
  let install: Install;
  let backups: string;
  const configured = () =>
    install.variant((configuration) => ({
      ...configuration,
      locations: [
        ...(configuration.locations ?? []).filter(({ name }) => name !== NAMES.dumps),
        {
          name: BASE,
          kind: 'directory',
          path: backups,
          purposes: ['base-backups'],
          failureDomain: { host: NAMES.backupHost, attachedAs: STAND_IN },
        },
      ],
    }));
  const judged = async (name: string): Promise<ReportDocument> =>
    (await scan(await configured(), join(install.directories.reports, name), install)).report;
  const statuses = (report: ReportDocument, controlId: string) => [
    ...new Set(report.findings.filter((one) => one.controlId === controlId).map(({ status }) => status)),
  ];

  beforeAll(async () => {
    install = await buildInstall();
    backups = join(install.directories.root, NAMES.backupHost, 'base');
    await mkdir(backups, { recursive: true });
  }, 120_000);
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
  });

  it('has no copy before the first one', async () => {
    const report = await judged('none');
    expect(statuses(report, 'DB-2'), findingsOf(report, 'DB-2').join('\n')).toEqual(['fail']);
  });

  it('is covered by the backup of its own server', async () => {
    await baseBackup(install.server, join(backups, 'good'));
    const report = await judged('good');
    for (const controlId of ['DB-2', 'DB-3', 'DB-6', 'DB-7', 'DB-8', 'DB-15']) {
      expect(statuses(report, controlId), findingsOf(report, controlId).join('\n')).toEqual(['pass']);
    }
  });

  it('is not covered by the backup of another server', async () => {
    await rm(join(backups, 'good'), { recursive: true });
    await using other = await startDebianPostgres();
    await baseBackup(other, join(backups, 'other'));
    const report = await judged('other');
    expect(statuses(report, 'DB-2'), findingsOf(report, 'DB-2').join('\n')).toEqual(['fail']);
    expect(report.unmatched.map(({ what }) => what)).toContain('copy of a cluster that the install does not have');
    await rm(join(backups, 'other'), { recursive: true });
  });

  it('is not covered by one that lost a file', async () => {
    const directory = join(backups, 'lacking');
    await baseBackup(install.server, directory);
    await rm(join(directory, 'global', 'pg_control'));
    const report = await judged('lacking');
    expect(statuses(report, 'DB-2'), findingsOf(report, 'DB-2').join('\n')).toEqual(['fail']);
    expect(statuses(report, 'DB-6')).toEqual(['fail']);
    await rm(directory, { recursive: true });
  });

  it('is not covered where the database was made after it', async () => {
    await baseBackup(install.server, join(backups, 'early'));
    const [tenant] = install.organizations;
    const name = tenant?.database ?? '';
    await install.server.query(`ALTER DATABASE ${name} RENAME TO ${name}_former`);
    await install.server.query(`CREATE DATABASE ${name} TEMPLATE ${name}_former`);
    const report = await judged('early');
    const found = findingsOf(report, 'DB-2');
    expect(
      found.filter((one) => one.startsWith(`${name}: fail`)),
      found.join('\n'),
    ).toHaveLength(1);
    expect(found.filter((one) => one.includes(': pass'))).toHaveLength(install.organizations.length);
  });
});
