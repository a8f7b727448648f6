import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { HeadObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { eachOf } from '../../src/collect/concurrency.ts';
import { sampleFiles } from '../../src/collect/file-sample.ts';
import { s3FileProbe } from '../../src/collect/stores/s3-file-probe.ts';
import { createS3Client } from '../../src/collect/trees/s3-client.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Figure } from './figure.ts';
import { inTurn, ROUNDS, secondsOf } from './in-turn.ts';

const SERVER = fileURLToPath(new URL('bucket-server.mjs', import.meta.url));
const BUCKET = 'bench';
const REGION = 'eu-central-1';
const KEY = 'bench';
const ROWS = 59;
/** Organizations at a time, and files of each, as collecting does it. */
const ORGANIZATIONS_AT_ONCE = 16;
const FILES_AT_ONCE = 8;

/**
 * Looking for drawn files and their locks as the program does it, which asks twice more for each organization, against a loop of HeadObject with the same SDK and as many at a time.
 * Each round takes its share of the organizations, so that all rounds together ask for every file once on each side: asking
 * for all of them in every round is 59,000 requests a dozen times, and shows the same.
 */
export async function fileSampleFigure(organizations: number): Promise<Figure> {
  await using cleanup = new AsyncDisposableStack();
  const server = spawn(process.execPath, [SERVER, '1000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.defer(() => void server.kill());
  const [port] = await once(server.stdout, 'data');
  const endpoint = `http://127.0.0.1:${String(port).trim()}`;
  const client = createS3Client({
    endpoint,
    region: REGION,
    accessKeyId: new Secret(KEY),
    secretAccessKey: new Secret(KEY),
    forcePathStyle: true,
    timeoutMillis: 30_000,
  });
  cleanup.defer(() => client.close());
  const credentials = { accessKeyId: KEY, secretAccessKey: KEY };
  const bare = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });
  cleanup.defer(() => bare.destroy());
  const { signal } = new AbortController();
  const asker = createAsker(systemClock, [], signal);
  const all = Array.from({ length: organizations }, (_, index) => `org_${index}`);
  const keys = Array.from({ length: ROWS }, (_, index) => `documents/${index}.txt`);
  const rows = keys.map((objectKey) => ({
    objectKey,
    bytes: 3,
    sha256: null,
    createdAt: '2026-11-01T00:00:00.000Z',
  }));
  const sample = {
    question: { rows: ROWS, seed: 1, before: systemClock() },
    method: 'bench',
    rows,
    problems: [],
    estimate: null,
  };
  const share = Math.ceil(organizations / ROUNDS);
  const of = (round: number | null) => {
    const own = all.slice((round ?? 0) * share, ((round ?? 0) + 1) * share);
    return own.length === 0 ? all.slice(0, share) : own;
  };
  const files = of(0).length * ROWS;
  const ours = (some: readonly string[]) =>
    eachOf(some, ORGANIZATIONS_AT_ONCE, async (prefix) => {
      const options = { bucket: BUCKET, prefix, checksums: false, locks: true, timeoutMillis: 20_000, signal };
      const inputs = {
        sample,
        population: ROWS,
        changedAt: null,
        checksums: false,
        digestKey: null,
        stillListed: async (listed: readonly string[]) => new Set(listed),
        rowsOfKeys: async () => [],
      };
      const { answer } = await sampleFiles(s3FileProbe(client, options), inputs, asker);
      const { found, unlocked } = answer.items[0] ?? {};
      if (found !== ROWS || unlocked?.files !== ROWS) {
        const why = answer.blindSpot?.detail ?? 'nothing went wrong';
        throw new Error(`${found} of ${ROWS} files found, ${unlocked?.files} without a lock: ${why}`);
      }
    });
  const peer = (some: readonly string[]) =>
    eachOf(some, ORGANIZATIONS_AT_ONCE, async (prefix) => {
      await eachOf(keys, FILES_AT_ONCE, async (key) => {
        await bare.send(new HeadObjectCommand({ Bucket: BUCKET, Key: `${prefix}/${key}` }));
      });
    });
  return await inTurn({
    name: `${ROWS} drawn files of ${organizations} organizations / bare HeadObject loop`,
    least: 0.8,
    ours: (round) => secondsOf(() => ours(of(round))),
    peer: (round) => secondsOf(() => peer(of(round))),
    rate: (seconds) => `${(files / seconds).toFixed(0)} files/s`,
    note: `each of another ${of(0).length} organizations, from a small server of this machine, both with the AWS SDK`,
  });
}
