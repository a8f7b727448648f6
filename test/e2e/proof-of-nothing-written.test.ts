import { createHash } from 'node:crypto';
import { appendFile, lstat, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutBucketVersioningCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { buildInstall, type Install } from './install.ts';
import { NAMES, writeAttestations } from './install-configuration.ts';
import { prepareVault } from './install-vault.ts';
import { organizationsOf } from './organizations.ts';
import { scan } from './read-report.ts';
import { runCli } from './run-cli.ts';

/** Without these the server writes of itself: statistics of tables, and a record of running transactions every 15 s. */
const QUIET = { autovacuum: 'off', wal_level: 'minimal', max_wal_senders: '0' };
const BUCKET = 'dump-copies';
const S3_SECRETS = { id: 'E2E_S3_ID', secret: 'E2E_S3_SECRET', session: 'E2E_S3_SESSION' } as const;

/** Everything below a directory: paths, kinds, modes, times and contents. */
async function digestOf(directory: string): Promise<string> {
  const hash = createHash('sha256');
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  for (const path of entries.map((entry) => join(entry.parentPath, entry.name)).sort()) {
    const stats = await lstat(path);
    hash.update(JSON.stringify([path, stats.mode, stats.size, stats.mtimeMs, stats.ctimeMs]));
    if (stats.isFile()) hash.update(await readFile(path));
  }
  return hash.digest('hex');
}

describe.skipIf(embeddedPostgresUnavailable() ?? minioUnavailable() ?? vaultUnavailable())(
  'a full scan writes nothing',
  () => {
    let vault: VaultServer;
    let minio: MinioServer;
    let install: Install;
    let configFile: string;
    let environment: Readonly<Record<string, string>>;
    let token: string;
    let accessKey: string;
    const organizations = organizationsOf(3);
    beforeAll(async () => {
      [vault, minio] = await Promise.all([startVault(), startMinio()]);
      const prepared = await prepareVault(vault, organizations);
      token = prepared.token;
      install = await buildInstall({ organizations, vault: prepared, secondDumps: true, settings: QUIET });
      await vault.snapshot(join(install.directories.snapshots, 'vault.snap'));
      // MinIO encrypts by default only with a key service beside it.
      await writeAttestations(install.directories.root, {
        withVault: true,
        withSecondDumps: true,
        encrypted: ['bucket'],
      });
      await fillBucket();
      const withBucket = await install.variant((configuration) => ({
        ...configuration,
        locations: [
          ...(configuration.locations ?? []),
          {
            name: 'bucket',
            kind: 's3',
            bucket: BUCKET,
            purposes: ['dumps'],
            endpoint: minio.endpoint,
            forcePathStyle: true,
            accessKeyId: `env:${S3_SECRETS.id}`,
            secretAccessKey: `env:${S3_SECRETS.secret}`,
            sessionToken: `env:${S3_SECRETS.session}`,
            failureDomain: { host: 'object-store', region: NAMES.region },
            timeZone: 'UTC',
          },
        ],
      }));
      configFile = withBucket;
      const printed = await runCli(['permissions', '--config', configFile, '--source', 'bucket'], install);
      const keys = await minio.assumeRole(JSON.parse(printed.stdout) as object);
      accessKey = keys.accessKeyId;
      environment = {
        ...install.environment,
        [S3_SECRETS.id]: keys.accessKeyId,
        [S3_SECRETS.secret]: keys.secretAccessKey,
        [S3_SECRETS.session]: keys.sessionToken,
      };
    });
    afterAll(async () => {
      await install?.[Symbol.asyncDispose]();
      await minio?.[Symbol.asyncDispose]();
      await vault?.[Symbol.asyncDispose]();
    });

    async function fillBucket(): Promise<void> {
      const root = minio.client();
      await root.send(new CreateBucketCommand({ Bucket: BUCKET }));
      await root.send(
        new PutBucketVersioningCommand({ Bucket: BUCKET, VersioningConfiguration: { Status: 'Enabled' } }),
      );
      const entries = await readdir(install.directories.dumps, { recursive: true, withFileTypes: true });
      for (const entry of entries.filter((one) => one.isFile())) {
        const file = join(entry.parentPath, entry.name);
        const Key = file.slice(install.directories.dumps.length + 1);
        await root.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: await readFile(file) }));
      }
      root.destroy();
    }
    const databases = () => [NAMES.installDatabase, ...organizations.map(({ database }) => database)];
    /** Rows ever changed, and the write-ahead log's end, of the whole cluster. */
    async function written(): Promise<unknown> {
      const counters = `SELECT relname, n_tup_ins, n_tup_upd, n_tup_del FROM pg_stat_user_tables ORDER BY relname`;
      const perDatabase: unknown[] = [];
      for (const database of databases()) {
        await install.server.query('SELECT pg_stat_force_next_flush()', database);
        perDatabase.push([database, await install.server.query(counters, database)]);
      }
      return perDatabase;
    }
    async function logPosition(): Promise<unknown> {
      return (await install.server.query('SELECT pg_current_wal_insert_lsn()::text AS lsn'))[0]?.['lsn'];
    }

    it('asks a great deal and leaves no trace but in logs', async () => {
      // Afterwards no reader has to note on a page that a row's transaction is over.
      for (const database of databases()) await install.server.query('VACUUM (FREEZE)', database);
      await install.server.query('VACUUM (FREEZE)');
      await install.server.query('CHECKPOINT');
      const countersBefore = await written();
      const treesBefore = await Promise.all([
        digestOf(install.directories.hostRoot),
        digestOf(join(install.directories.dumps, '..')),
      ]);
      const positionBefore = await logPosition();
      const { report } = await scan(configFile, join(install.directories.reports, 'all'), { environment });
      expect(await logPosition()).toEqual(positionBefore);
      expect(await written()).toEqual(countersBefore);
      expect(
        await Promise.all([digestOf(install.directories.hostRoot), digestOf(join(install.directories.dumps, '..'))]),
      ).toEqual(treesBefore);

      // It did look: every source answered, and the copies in the bucket were read.
      expect(report.blindSpots).toEqual([]);
      expect(report.install.verdict).toBe('recoverable');
      expect(report.exit.code).toBe(0);

      const messages = (await install.server.statements(NAMES.auditor)).map(({ statement }) => statement.trim());
      expect(messages.length).toBeGreaterThan(10);
      for (const message of messages) {
        // One message may carry a whole transaction; the server logs it as it came.
        const statements = message.split(/;\s*/).filter((text) => text !== '');
        expect(statements[0]).toMatch(
          /^(?:BEGIN .*READ ONLY$|DECLARE|FETCH|CLOSE|SELECT|WITH|COMMIT|SAVEPOINT|RELEASE|ROLLBACK|SHOW)/,
        );
        for (const statement of statements.slice(1)) {
          expect(statement).toMatch(
            /^(?:SELECT|WITH|DECLARE|FETCH|CLOSE|COMMIT|SAVEPOINT|RELEASE|ROLLBACK|SHOW|SET LOCAL search_path)\b/,
          );
        }
        expect(message).not.toMatch(/\b(?:INTO|FOR UPDATE|FOR SHARE|nextval|setval|set_config|pg_read_file)\b/);
      }
      expect(messages.some((message) => message.startsWith('BEGIN'))).toBe(true);

      const calls = await minio.calls(accessKey);
      expect(calls.map(({ api }) => api)).toContain('GetObject');
      for (const { api } of calls) expect(api).toMatch(/^(?:Get|Head|List)/);

      const requests = await vault.requestsOf(token);
      expect(requests.length).toBeGreaterThan(5);
      for (const { operation, path } of requests) {
        if (path === 'sys/capabilities-self') expect(operation).toBe('update');
        else expect(operation).toMatch(/^(?:read|list)$/);
      }
    });

    it('doctor, permissions and collect leave no trace either', async () => {
      const positionBefore = await logPosition();
      const countersBefore = await written();
      const doctor = await runCli(['doctor', '--config', configFile, '--json'], { environment });
      expect(doctor.exitCode).toBe(0);
      const collected = await runCli(
        ['collect', '--config', configFile, '--bundle', join(install.directories.root, 'b.ndjson')],
        { environment },
      );
      expect(collected.exitCode).toBe(0);
      expect(await logPosition()).toEqual(positionBefore);
      expect(await written()).toEqual(countersBefore);
    });

    it('a bucket that answers AccessDenied is a blind spot that names the right, not a missing copy', async () => {
      const nothing = await minio.assumeRole({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Deny', Action: ['s3:*'], Resource: ['arn:aws:s3:::*'] }],
      });
      const bucketBeside = (others: (name: string) => boolean) =>
        install.variant((configuration) => ({
          ...configuration,
          locations: [
            ...(configuration.locations ?? []).filter(({ name }) => name !== NAMES.dumps && others(name)),
            {
              name: 'bucket',
              kind: 's3',
              bucket: BUCKET,
              purposes: ['dumps'],
              endpoint: minio.endpoint,
              forcePathStyle: true,
              accessKeyId: `env:${S3_SECRETS.id}`,
              secretAccessKey: `env:${S3_SECRETS.secret}`,
              sessionToken: `env:${S3_SECRETS.session}`,
              failureDomain: { host: 'object-store', region: NAMES.region },
              timeZone: 'UTC',
            },
          ],
        }));
      // The runbook (REC-4) names every place in use.
      await appendFile(install.directories.runbook, 'Or from the bucket, bucket.\n');
      const alone = await bucketBeside((name) => name !== NAMES.secondDumps);
      const refused = {
        ...install.environment,
        [S3_SECRETS.id]: nothing.accessKeyId,
        [S3_SECRETS.secret]: nothing.secretAccessKey,
        [S3_SECRETS.session]: nothing.sessionToken,
      };
      const { report, exitCode, stderr } = await scan(alone, join(install.directories.reports, 'denied'), {
        environment: refused,
      });
      expect(exitCode).toBe(2);
      expect(report.findings.filter(({ status, severity }) => status === 'fail' && severity !== 'low')).toEqual([]);
      expect(report.organizations.map(({ verdict }) => verdict)).toEqual(['unknown', 'unknown', 'unknown']);
      const spot = report.blindSpots.find(({ source }) => source.includes('bucket'));
      expect(spot).toMatchObject({ reason: 'unauthorized', remedy: expect.stringContaining('recoverage permissions') });
      for (const secret of Object.values(refused)) expect(JSON.stringify(report) + stderr).not.toContain(secret);

      // With the right to read, and a second place beside it, the bucket covers every database.
      const allowed = await scan(await bucketBeside(() => true), join(install.directories.reports, 'allowed'), {
        environment,
      });
      expect(allowed.report.organizations.map(({ verdict }) => verdict)).toEqual([
        'recoverable',
        'recoverable',
        'recoverable',
      ]);
    });
  },
);
