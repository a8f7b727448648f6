import { randomBytes, randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { HeadBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { AwsCredentials } from './aws-signature.ts';
import { signedFormHeaders } from './aws-signature.ts';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { minioRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';

/** One call as MinIO's audit webhook told it. `api` is MinIO's name of the operation: CreateBucket is `PutBucket`. */
export interface AuditedCall {
  readonly api: string;
  readonly bucket: string;
  readonly accessKey: string;
  readonly status: number;
}

export interface TemporaryCredentials extends AwsCredentials {
  readonly sessionToken: string;
}

/** A one-drive MinIO with encryption key `k1`. Disposal stops it and removes its data. */
export interface MinioServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; address buckets by path. */
  readonly endpoint: string;
  readonly region: 'us-east-1';
  readonly rootCredentials: AwsCredentials;
  /** The server's scratch folder. */
  readonly directory: string;
  /** A new client with root's credentials, or the given ones, which does not retry. The caller destroys it. */
  readonly client: (credentials?: AwsCredentials | TemporaryCredentials) => S3Client;
  /** Keys good for one hour and only for what the IAM policy document allows (STS AssumeRole by root). */
  readonly assumeRole: (policy: object) => Promise<TemporaryCredentials>;
  /** Calls which the server saw until now, in order; optionally only those of one access key. */
  readonly calls: (accessKey?: string) => Promise<readonly AuditedCall[]>;
}

const REGION = 'us-east-1';
const OK = 200;
const auditEntry = z.object({
  accessKey: z.string().default(''),
  api: z.object({ name: z.string().default(''), bucket: z.string().default(''), statusCode: z.int().default(0) }),
});

/** Why MinIO cannot be had here, or null. */
export function minioUnavailable(): string | null {
  return cachedServiceUnavailable(minioRecipe);
}

/** Collects what MinIO posts to its audit webhook: one JSON document a request. */
async function startAuditReceiver(): Promise<AsyncDisposable & { readonly url: string; readonly seen: AuditedCall[] }> {
  const seen: AuditedCall[] = [];
  const receiver = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.once('end', () => {
      const text = Buffer.concat(chunks).toString('utf8');
      for (const line of text.split('\n').filter(Boolean)) {
        const { accessKey, api } = auditEntry.parse(JSON.parse(line));
        seen.push({ api: api.name, bucket: api.bucket, accessKey, status: api.statusCode });
      }
      response.end();
    });
  });
  const port = await freePort();
  await new Promise<void>((resolve, reject) => {
    receiver.once('error', reject);
    receiver.listen(port, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${port}/`,
    seen,
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        receiver.close(() => resolve());
        receiver.closeAllConnections();
      }),
  };
}

function element(xml: string, name: string): string {
  const value = new RegExp(`<${name}>([^<]+)</${name}>`).exec(xml)?.[1];
  if (!value) throw new Error(`the answer to AssumeRole has no ${name}`);
  return value;
}

async function assumeRole(endpoint: string, root: AwsCredentials, policy: object): Promise<TemporaryCredentials> {
  const form = new URLSearchParams({ Action: 'AssumeRole', Version: '2011-06-15', Policy: JSON.stringify(policy) });
  const body = form.toString();
  const headers = signedFormHeaders(new URL(endpoint).host, body, { service: 'sts', region: REGION }, root);
  const answer = await httpRequest(endpoint, { method: 'POST', headers, body });
  if (answer.status !== OK) throw new Error(`MinIO answered ${answer.status} to AssumeRole`);
  const xml = answer.body.toString('utf8');
  return {
    accessKeyId: element(xml, 'AccessKeyId'),
    secretAccessKey: element(xml, 'SecretAccessKey'),
    sessionToken: element(xml, 'SessionToken'),
  };
}

/** Starts a MinIO of its own. Throws when it is not built or does not become healthy. */
export async function startMinio(): Promise<MinioServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('minio'));
  const audit = cleanup.use(await startAuditReceiver());
  const data = join(directory, 'data');
  await mkdir(data);
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const root: AwsCredentials = { accessKeyId: 'test-root', secretAccessKey: randomBytes(12).toString('hex') };
  const addresses = ['--address', `127.0.0.1:${port}`, '--console-address', `127.0.0.1:${await freePort()}`];
  const server = cleanup.use(
    await startServerProcess({
      program: requireCachedProgram(minioRecipe),
      args: ['server', '--quiet', ...addresses, data],
      cwd: directory,
      logFile: join(directory, 'server.log'),
      environment: {
        HOME: directory,
        MINIO_ROOT_USER: root.accessKeyId,
        MINIO_ROOT_PASSWORD: root.secretAccessKey,
        MINIO_KMS_SECRET_KEY: `k1:${randomBytes(32).toString('base64')}`,
        MINIO_AUDIT_WEBHOOK_ENABLE_test: 'on',
        MINIO_AUDIT_WEBHOOK_ENDPOINT_test: audit.url,
      },
    }),
  );
  const isHealthy = async () => (await httpRequest(`${endpoint}/minio/health/cluster`)).status === OK || null;
  await waitUntil('MinIO is healthy', isHealthy, 60_000, server.ended);

  function client(credentials: AwsCredentials | TemporaryCredentials = root): S3Client {
    return new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true, maxAttempts: 1 });
  }
  const owned = cleanup.move();
  return {
    endpoint,
    region: REGION,
    rootCredentials: root,
    directory,
    client,
    assumeRole: (policy) => assumeRole(endpoint, root, policy),
    async calls(accessKey) {
      const marker = `marker-${randomUUID()}`;
      const marking = client();
      await marking.send(new HeadBucketCommand({ Bucket: marker })).catch(() => undefined);
      marking.destroy();
      await waitUntil('the audit webhook told of the marker', async () => audit.seen.some(isMarker(marker)) || null);
      return audit.seen.filter(
        (call) => !call.bucket.startsWith('marker-') && (accessKey === undefined || call.accessKey === accessKey),
      );
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

function isMarker(marker: string): (call: AuditedCall) => boolean {
  return (call) => call.bucket === marker;
}
