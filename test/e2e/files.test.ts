import { mkdir, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  PutBucketLifecycleConfigurationCommand,
  PutObjectCommand,
  PutObjectLockConfigurationCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { S3_READ_OPERATIONS } from '../../src/collect/trees/s3-operations.ts';
import { DAY, toInstant, toMillis } from '../../src/model/instant.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { buildInstall, type Install } from './install.ts';
import { DOCUMENT } from './install-rows.ts';
import { findingsOf, scan } from './read-report.ts';

const BUCKET = 'live-files';
const SECRETS = { id: 'E2E_S3_ID', secret: 'E2E_S3_SECRET', session: 'E2E_S3_SESSION' } as const;

/** Three organizations: one on bundled storage, one on a bucket, one that moved from a directory to a bucket. */
describe.skipIf(minioUnavailable())('files of an install', () => {
  let install: Install;
  let minio: MinioServer;
  let root: S3Client;
  let configFile: string;
  let environment: Readonly<Record<string, string>>;
  let accessKey: string;

  beforeAll(async () => {
    [install, minio] = await Promise.all([buildInstall(), startMinio()]);
    root = minio.client();
    await root.send(new CreateBucketCommand({ Bucket: BUCKET, ObjectLockEnabledForBucket: true }));
    await root.send(
      new PutObjectLockConfigurationCommand({
        Bucket: BUCKET,
        ObjectLockConfiguration: {
          ObjectLockEnabled: 'Enabled',
          Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 30 } },
        },
      }),
    );
    const [, briar, clover] = install.organizations;
    if (briar === undefined || clover === undefined) throw new Error('the install has three organizations');
    for (const { slug } of [briar, clover]) {
      for (const name of ['1', '2']) {
        const Key = `${slug}/documents/${name}.txt`;
        await root.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: DOCUMENT }));
      }
    }
    const ago = (days: number) => toInstant(toMillis(install.builtAt) - days * DAY);
    const old = join(install.directories.hostRoot, 'srv/old-clover');
    await mkdir(old, { recursive: true });
    await writeFile(join(old, 'left.txt'), DOCUMENT);
    const binding = { region: null, endpoint: null, bucket: null, prefix: null, path: null };
    const inBucket = { ...binding, kind: 's3', state: 'active', bucket: BUCKET, endpoint: minio.endpoint };
    await install.add('novantra', {
      storage_bindings: [
        { ...inBucket, binding_id: 'b-briar', organization_id: briar.id, prefix: 'briar', activated_at: ago(90) },
        { ...inBucket, binding_id: 'b-clover', organization_id: clover.id, prefix: 'clover/', activated_at: ago(1) },
        {
          ...binding,
          binding_id: 'b-clover-old',
          organization_id: clover.id,
          kind: 'local_filesystem_dedicated',
          state: 'inactive',
          path: old,
          activated_at: ago(90),
        },
      ],
    });
    configFile = await install.variant((configuration) => ({
      ...configuration,
      stores: {
        ...configuration.stores,
        s3: [
          {
            bucket: BUCKET,
            endpoint: minio.endpoint,
            forcePathStyle: true,
            accessKeyId: `env:${SECRETS.id}`,
            secretAccessKey: `env:${SECRETS.secret}`,
            sessionToken: `env:${SECRETS.session}`,
            failureDomain: { host: 'object-store', region: 'region-2' },
          },
        ],
      },
    }));
    const { runCli } = await import('./run-cli.ts');
    const printed = await runCli(['permissions', '--config', configFile, '--source', BUCKET], install);
    const keys = await minio.assumeRole(JSON.parse(printed.stdout) as object);
    accessKey = keys.accessKeyId;
    environment = {
      ...install.environment,
      [SECRETS.id]: keys.accessKeyId,
      [SECRETS.secret]: keys.secretAccessKey,
      [SECRETS.session]: keys.sessionToken,
    };
  });

  afterAll(async () => {
    root?.destroy();
    await install?.[Symbol.asyncDispose]();
    await minio?.[Symbol.asyncDispose]();
  });

  const audit = async (name: string, args: readonly string[] = []) =>
    (await scan(configFile, join(install.directories.reports, name), { environment }, args)).report;

  it('are judged by what bucket, database and directory answer, under the rights that permissions prints', async () => {
    const report = await audit('well');
    const of = (controlId: string) => findingsOf(report, controlId).toSorted();
    const all =
      /: pass, 2 of 2 found, none compared by checksum: these are all \(2 rows, drawn from all rows by a hash, seed \d{8}\)/;
    for (const one of of('FILE-8')) expect(one).toMatch(all);
    expect(of('FILE-8')).toHaveLength(3);
    expect(of('FILE-1').every((one) => one.includes(': pass,'))).toBe(true);
    expect(of('FILE-3').filter((one) => one.startsWith('b-'))).toEqual([
      expect.stringContaining('b-briar: pass, the bucket lies outside the lost failure domain'),
      expect.stringContaining('b-clover: pass,'),
    ]);
    expect(of('FILE-5').filter((one) => one.startsWith('b-'))[0]).toContain('pass, the bucket locks for 30 days');
    expect(of('FILE-6').filter((one) => one.startsWith('b-'))[0]).toContain('pass, it has no lifecycle rules');
    expect(of('FILE-7').filter((one) => one.startsWith('b-'))[0]).toContain(
      'fail, the bucket has no default encryption',
    );
    // The old place stands on the lost host, and what was copied of it is from before it was written to.
    expect(of('FILE-9').find((one) => one.startsWith('Clover'))).toContain('pass, all of 2 files drawn from before');
    expect(of('FILE-9').find((one) => one.startsWith('Briar'))).toContain('not-applicable');
    // It is not replicated, and no location of copies of it is configured: nobody could have seen one.
    expect(of('FILE-10').filter((one) => one.startsWith('b-'))[0]).toContain('b-briar: unknown');
    const names = JSON.stringify(report);
    expect(names).not.toContain('documents/1');
    for (const { api, status } of await minio.calls(accessKey)) {
      expect(api).toMatch(/^(?:Get|Head|List)/);
      expect(status, api).not.toBe(403);
    }
    expect(Object.keys(S3_READ_OPERATIONS).every((name) => /^(?:Get|Head|List)/.test(name))).toBe(true);
  });

  it('are looked for in backup sets as well, and one that a set lacks is a gap though the store has it', async () => {
    const [alder] = install.organizations;
    const sets = await readdir(install.directories.files);
    const inSet = join(
      install.directories.files,
      sets.toSorted().at(-1) ?? '',
      'srv/novantra/storage',
      alder?.id ?? '',
      'documents/2.txt',
    );
    const of = async (name: string) =>
      findingsOf(await audit(name), 'FILE-8').find((one) => one.startsWith(`default:${alder?.id}`));
    expect(await of('copied')).toMatch(
      /pass, 2 of 2 found.*; in backup set \S+ in \S+ of .* 2 of 2 found, none compared by checksum: these are all/,
    );
    await rename(inSet, `${inSet}.away`);
    expect(await of('not-copied')).toMatch(
      /fail, in backup set \S+ in \S+ of .*, of 2 files drawn that must be there: 1 not there, such as [0-9a-f]{16}/,
    );
    await rename(`${inSet}.away`, inSet);
  });

  it('whose rows are dated in the future are told of, as nobody looks for them', async () => {
    const [alder] = install.organizations;
    const dated = (text: string) =>
      install.server.query(
        `UPDATE novantra.artifacts SET created_at = created_at ${text} WHERE object_key = 'documents/2.txt'`,
        alder?.database,
      );
    await dated("+ interval '10 years'");
    const findings = findingsOf(await audit('future'), 'FILE-8');
    expect(findings.find((one) => one.startsWith(`default:${alder?.id}`))).toMatch(
      /unknown, 1 of 1 found.*: .*; 1 row is dated in the future/,
    );
    await dated("- interval '10 years'");
  });

  it('are counted in full where that is asked for, and no leftover is named', async () => {
    const [alder] = install.organizations;
    const own = join(install.directories.hostRoot, 'srv/novantra/storage', alder?.id ?? '');
    await writeFile(join(own, 'leftover-of-jane.txt'), 'x');
    await root.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'briar/documents/leftover.txt', Body: 'x' }));
    const report = await audit('inventory', ['--inventory']);
    const of = (name: string) => findingsOf(report, 'FILE-8').find((one) => one.startsWith(name));
    expect(of('b-briar')).toContain('of 3 files in the store, 1 file is named by none of 2 rows');
    expect(of(`default:${alder?.id}`)).toContain('of 3 files in the store, 1 file is named by none of 2 rows');
    expect(of('b-clover')).toContain('of 2 files in the store, 0 files are named by none of 2 rows');
    expect(JSON.stringify(report)).not.toContain('leftover');
    await rm(join(own, 'leftover-of-jane.txt'));
  });

  it('that are gone, link elsewhere or will be deleted are found', async () => {
    const [alder] = install.organizations;
    const own = join(install.directories.hostRoot, 'srv/novantra/storage', alder?.id ?? '', 'documents');
    await rm(join(own, '1.txt'));
    await symlink('/etc/hostname', join(own, '1.txt'));
    await root.send(new DeleteObjectCommand({ Bucket: BUCKET, Key: 'clover/documents/2.txt' }));
    const rule = (ID: string, Prefix: string) => ({
      ID,
      Status: 'Enabled' as const,
      Filter: { Prefix },
      Expiration: { Days: 30 },
    });
    await root.send(
      new PutBucketLifecycleConfigurationCommand({
        Bucket: BUCKET,
        LifecycleConfiguration: { Rules: [rule('tmp', 'briar/tmp/'), rule('all', 'clover/documents/')] },
      }),
    );
    const report = await audit('damaged');
    const of = (controlId: string, name: string) => findingsOf(report, controlId).find((one) => one.startsWith(name));
    expect(of('FILE-8', `default:${alder?.id}`)).toContain(
      'unknown, of 2 files drawn: 1 file is a symbolic link, or behind one',
    );
    expect(of('FILE-8', 'b-clover')).toMatch(/fail, of 2 files drawn: 1 not there, such as [0-9a-f]{16} \(2 rows/);
    expect(of('FILE-8', 'b-briar')).toContain('pass');
    expect(of('FILE-6', 'b-briar')).toContain('pass, 1 lifecycle rule looked at');
    expect(of('FILE-6', 'b-briar')).toContain(
      'deletes what lies below briar/tmp/ 30 days after it was written, where the database lists no file',
    );
    expect(of('FILE-6', 'b-clover')).toContain(
      'below clover/documents/ 30 days after it was written, where the database lists 2 files',
    );
  });
});
