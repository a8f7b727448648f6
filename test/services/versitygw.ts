import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import type { AwsCredentials } from './aws-signature.ts';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { versitygwRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';

/** Versity's gateway over a directory. Disposal stops it and removes its data. */
export interface VersitygwServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`; address buckets by path. */
  readonly endpoint: string;
  readonly region: 'us-east-1';
  readonly rootCredentials: AwsCredentials;
  /** A new client with root's credentials, which does not retry. The caller destroys it. */
  readonly client: () => S3Client;
  /** Operations that the server logged until now, e.g. `s3_GetBucketVersioning`. */
  readonly operations: () => Promise<readonly string[]>;
}

const REGION = 'us-east-1';

/** Why versitygw cannot be had here, or null. */
export function versitygwUnavailable(): string | null {
  return cachedServiceUnavailable(versitygwRecipe);
}

/** Starts a gateway of its own. Throws when it is not built or does not answer. */
export async function startVersitygw(): Promise<VersitygwServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('versitygw'));
  const [data, versions, iam] = ['data', 'versions', 'iam'].map((name) => join(directory, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [data, versions, iam]) await mkdir(one);
  const accessLog = join(directory, 'access.log');
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const root: AwsCredentials = { accessKeyId: 'test-root', secretAccessKey: randomBytes(12).toString('hex') };
  const server = cleanup.use(
    await startServerProcess({
      program: requireCachedProgram(versitygwRecipe),
      args: [
        '--port',
        `127.0.0.1:${port}`,
        '--iam-dir',
        iam,
        '--access-log',
        accessLog,
        'posix',
        '--versioning-dir',
        versions,
        data,
      ],
      cwd: directory,
      logFile: join(directory, 'server.log'),
      environment: {
        HOME: directory,
        ROOT_ACCESS_KEY_ID: root.accessKeyId,
        ROOT_SECRET_ACCESS_KEY: root.secretAccessKey,
      },
    }),
  );
  const answers = async () =>
    await httpRequest(`${endpoint}/`).then(
      () => true,
      () => null,
    );
  await waitUntil('versitygw answers', answers, 30_000, server.ended);
  const owned = cleanup.move();
  return {
    endpoint,
    region: REGION,
    rootCredentials: root,
    client: () => new S3Client({ endpoint, region: REGION, credentials: root, forcePathStyle: true, maxAttempts: 1 }),
    async operations() {
      const text = await readFile(accessLog, 'utf8').catch(() => '');
      return [...text.matchAll(/\b(s3_\w+)\b/g)].map(([, name]) => name ?? '');
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
