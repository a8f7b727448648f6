import { join } from 'node:path';
import { z } from 'zod';
import { cachedServiceUnavailable, requireCachedProgram } from './cached-service.ts';
import { httpRequest } from './http-request.ts';
import { motoRecipe } from './recipes.ts';
import { freePort, scratchDirectory, waitUntil } from './scratch.ts';
import { startServerProcess } from './server-process.ts';

export interface MotoOptions {
  /** IAM is enforced after this many calls; never unless stated (moto's INITIAL_NO_AUTH_ACTION_COUNT). */
  readonly callsBeforeAuthorization?: number;
}

/** One recorded call. */
export interface RecordedCall {
  /** Service of the signature's credential scope, such as `kms`, or empty when unsigned. */
  readonly service: string;
  /** `ListKeys` (from X-Amz-Target), `DescribeDBSnapshots` (from Action), else method, path and names of the query. */
  readonly operation: string;
}

/** moto's server mode. Disposal stops it. */
export interface MotoServer extends AsyncDisposable {
  /** `http://127.0.0.1:PORT`, for every service; any credentials; address buckets by path. */
  readonly endpoint: string;
  readonly region: 'us-east-1';
  /** The server's scratch folder. */
  readonly directory: string;
  /** Forgets everything it holds. */
  readonly reset: () => Promise<void>;
  /** The calls made while the action runs, by whomever, in order. */
  readonly recordCalls: (action: () => Promise<unknown>) => Promise<readonly RecordedCall[]>;
}

const OK = 200;
const recordedLine = z.object({
  method: z.string(),
  url: z.string(),
  headers: z.record(z.string(), z.string()),
  body: z.string().nullish(),
  body_encoded: z.boolean().nullish(),
});

/** Why moto cannot be had here, or null. */
export function motoUnavailable(): string | null {
  return cachedServiceUnavailable(motoRecipe);
}

function parseRecorded(line: string): RecordedCall {
  const { method, url, headers, body, body_encoded: encoded } = recordedLine.parse(JSON.parse(line));
  const header = (wanted: string) => Object.entries(headers).find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
  const service = /Credential=[^/]*\/[^/]*\/[^/]*\/([^/]*)\//.exec(header('authorization'))?.[1] ?? '';
  const text = encoded && body ? Buffer.from(body, 'base64').toString('utf8') : (body ?? '');
  const action = new URLSearchParams(text).get('Action');
  const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
  const names = [...new Set(searchParams.keys())].sort().join('&');
  const plain = `${method} ${pathname}${names ? `?${names}` : ''}`;
  return { service, operation: header('x-amz-target').split('.').at(-1) || action || plain };
}

/** Starts a moto of its own. Throws when it is not installed or does not answer. */
export async function startMoto({ callsBeforeAuthorization }: MotoOptions = {}): Promise<MotoServer> {
  await using cleanup = new AsyncDisposableStack();
  const { path: directory } = cleanup.use(scratchDirectory('moto'));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`;
  const free = callsBeforeAuthorization;
  const server = cleanup.use(
    await startServerProcess({
      program: requireCachedProgram(motoRecipe),
      args: ['-m', 'moto.server', '-H', '127.0.0.1', '-p', String(port)],
      cwd: directory,
      logFile: join(directory, 'server.log'),
      environment: free === undefined ? {} : { INITIAL_NO_AUTH_ACTION_COUNT: String(free) },
    }),
  );
  const own = async (method: string, path: string) => {
    const answer = await httpRequest(`${endpoint}/moto-api/${path}`, { method });
    if (answer.status !== OK) throw new Error(`moto answered ${answer.status} to ${method} ${path}`);
    return answer.body.toString('utf8');
  };
  await waitUntil('moto answers', () => own('GET', ''), 60_000, server.ended);
  const owned = cleanup.move();
  return {
    endpoint,
    region: 'us-east-1',
    directory,
    async reset() {
      await own('POST', 'reset');
    },
    async recordCalls(action) {
      await own('POST', 'recorder/reset-recording');
      await own('POST', 'recorder/start-recording');
      try {
        await action();
      } finally {
        await own('POST', 'recorder/stop-recording');
      }
      const lines = (await own('GET', 'recorder/download-recording')).split('\n').filter(Boolean);
      return lines.map(parseRecorded);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
