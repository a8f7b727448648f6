import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registerDoctor } from '../../src/cli/commands/doctor.ts';
import { registerPermissions } from '../../src/cli/commands/permissions.ts';
import type { Check } from '../../src/cli/doctor/check.ts';
import { awsStub } from '../collect/backups/physical/aws/aws-stub.ts';
import { scriptedServer } from '../collect/conformance/scripted-server.ts';
import { type MinioServer, minioUnavailable, startMinio } from '../services/minio.ts';
import { motoUnavailable, startMoto } from '../services/moto.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';
import { runCommand } from './run-command.ts';

const scratch = scratchDirectory('doctor-services');
const file = join(scratch.path, 'recoverage.yaml');
afterAll(() => scratch[Symbol.dispose]());

/** Nothing listens at the install database here: only the lines about one area are looked at. */
async function configured(more: string): Promise<void> {
  const database = '{ name: novantra, host: 127.0.0.1, port: 1, user: recoverage, tls: disable }';
  await writeFile(file, `version: 1\ninstall: { host: host-1, database: ${database} }\n${more}`);
}

async function checksOf(area: string, environment: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const { stdout } = await runCommand(registerDoctor, ['doctor', '-c', file, '--json'], { environment });
  for (const secret of Object.values(environment)) expect(stdout).not.toContain(secret);
  return (JSON.parse(stdout) as { checks: Check[] }).checks.filter((check) => check.area === area);
}

async function printedPolicy(source: string): Promise<string> {
  return (await runCommand(registerPermissions, ['permissions', '-c', file, '--source', source])).stdout;
}

describe.skipIf(vaultUnavailable())('doctor on a Vault', () => {
  let vault: VaultServer;
  beforeAll(async () => {
    vault = await startVault();
    await vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await configured(
      `providers: [{ id: vault, kind: vault-transit, address: '${vault.address}', token: env:TOKEN }]\n`,
    );
  });
  afterAll(() => vault?.[Symbol.asyncDispose]());

  it('is content with a token of the printed policy, and warns of one that may write', async () => {
    const token = await vault.createToken(await printedPolicy('vault'));
    const checks = await checksOf('providers', { TOKEN: token });
    expect(checks.map(({ status }) => status)).toEqual(['ok', 'ok']);
    expect(checks[1]?.what).toContain('the token may change none');
    const root = await checksOf('providers', { TOKEN: vault.rootToken });
    expect(root).toContainEqual(
      expect.objectContaining({ status: 'warning', what: expect.stringContaining('may change') }),
    );
  });

  it('names a token that is not valid, and a Vault that is sealed', async () => {
    const wrong = await checksOf('providers', { TOKEN: 'hvs.not-a-token' });
    expect(wrong).toContainEqual(expect.objectContaining({ status: 'problem', blames: 'source' }));
    await vault.seal();
    const sealed = await checksOf('providers', { TOKEN: vault.rootToken });
    expect(sealed[0]).toMatchObject({ status: 'problem', blames: 'source', what: expect.stringContaining('sealed') });
  });
});

describe.skipIf(minioUnavailable())('doctor on buckets', () => {
  let minio: MinioServer;
  beforeAll(async () => {
    minio = await startMinio();
    const client = minio.client();
    for (const Bucket of ['backups', 'live-files']) await client.send(new CreateBucketCommand({ Bucket }));
    await client.send(new PutObjectCommand({ Bucket: 'backups', Key: 'novantra/a.dump', Body: 'PGDMP' }));
    const access = `endpoint: '${minio.endpoint}', forcePathStyle: true, accessKeyId: env:ID, secretAccessKey: env:KEY, sessionToken: env:SESSION`;
    await configured(`
locations: [{ name: dumps, kind: s3, bucket: backups, prefix: novantra/, purposes: [dumps], ${access} }]
stores: { s3: [{ bucket: live-files, ${access} }] }
`);
  });
  afterAll(() => minio?.[Symbol.asyncDispose]());

  const environmentFor = async (source: string): Promise<NodeJS.ProcessEnv> => {
    const credentials = await minio.assumeRole(JSON.parse(await printedPolicy(source)));
    return { ID: credentials.accessKeyId, KEY: credentials.secretAccessKey, SESSION: credentials.sessionToken };
  };

  it('is content with the printed policies', async () => {
    expect(await checksOf('locations', await environmentFor('dumps'))).toMatchObject([
      { status: 'ok', what: 'dumps: 1 file at s3://backups/novantra/, 1 of them opened' },
    ]);
    expect(await checksOf('stores', await environmentFor('live-files'))).toMatchObject([
      { status: 'ok', what: expect.stringContaining('bucket live-files') },
    ]);
  });

  it('asks live buckets for one object by its name', async () => {
    expect(await checksOf('samples', await environmentFor('live-files'))).toMatchObject([
      { status: 'ok', what: 'bucket live-files may be asked for single objects' },
    ]);
    const listing = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:ListBucket'], Resource: ['arn:aws:s3:::live-files'] }],
    };
    const { accessKeyId, secretAccessKey, sessionToken } = await minio.assumeRole(listing);
    const denied = await checksOf('samples', { ID: accessKeyId, KEY: secretAccessKey, SESSION: sessionToken });
    expect(denied).toMatchObject([
      { status: 'problem', blames: 'source', change: expect.stringContaining('s3:GetObject') },
    ]);
  });

  it('names a bucket that the credentials may not read', async () => {
    const environment = await environmentFor('live-files');
    expect(await checksOf('locations', environment)).toMatchObject([{ status: 'problem', blames: 'source' }]);
  });
});

describe.skipIf(motoUnavailable())('doctor on an AWS account', () => {
  const location = (endpoint: string) =>
    `locations: [{ name: managed, kind: aws, region: us-east-1, endpoint: '${endpoint}', accessKeyId: env:KEY, secretAccessKey: env:SECRET, purposes: [managed-backups] }]\n`;
  const environment = { KEY: 'AKIAPLANTED', SECRET: 'planted-secret-value' };

  it('says whose it is, as moto answers', async () => {
    await using moto = await startMoto();
    await configured(location(moto.endpoint));
    const checks = await checksOf('locations', environment);
    expect(checks).toMatchObject([{ status: 'ok' }]);
    expect(checks[0]?.what).toContain('account 123456789012 at AWS in us-east-1');
  });

  it('names the right that is missing, by answers of a local server', async () => {
    await using server = await scriptedServer(
      awsStub({
        GetCallerIdentity: { Account: '111122223333', Arn: 'arn:aws:iam::111122223333:user/u', UserId: 'u' },
        DescribeDBInstances: { error: 'AccessDenied' },
      }),
    );
    await configured(location(server.address));
    const checks = await checksOf('locations', environment);
    expect(checks.map(({ status }) => status)).toEqual(['ok', 'problem']);
    expect(checks[1]?.change).toContain('rds:DescribeDBInstances');
  });
});
