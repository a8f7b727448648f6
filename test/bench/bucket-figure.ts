import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { s3BucketTree } from '../../src/collect/trees/s3-bucket.ts';
import { createS3Client } from '../../src/collect/trees/s3-client.ts';
import { Secret } from '../../src/model/secret.ts';
import type { Figure } from './figure.ts';
import { inTurn, secondsOf } from './in-turn.ts';

const SERVER = fileURLToPath(new URL('bucket-server.mjs', import.meta.url));
const BUCKET = 'bench';
const PREFIX = 'dumps/';
const REGION = 'eu-central-1';
const KEY = 'bench';

/** Listing a bucket as the program does it, each object checked, against a loop of ListObjectsV2 with the same SDK. */
export async function bucketFigure(objects: number): Promise<Figure> {
  await using cleanup = new AsyncDisposableStack();
  const server = spawn(process.execPath, [SERVER, String(objects)], { stdio: ['ignore', 'pipe', 'inherit'] });
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
  const bare = new S3Client({
    endpoint,
    region: REGION,
    credentials: { accessKeyId: KEY, secretAccessKey: KEY },
    forcePathStyle: true,
  });
  cleanup.defer(() => bare.destroy());
  const tree = s3BucketTree({ client, bucket: BUCKET, prefix: PREFIX });
  const expectAll = (count: number): void => {
    if (count !== objects) throw new Error(`${count} objects listed instead of ${objects}`);
  };
  const ours = async (): Promise<void> => {
    const files = [];
    for await (const file of tree.list(new AbortController().signal)) files.push(file);
    expectAll(files.length);
  };
  const peer = async (): Promise<void> => {
    const listed = [];
    let token: string | undefined;
    do {
      const page = await bare.send(
        new ListObjectsV2Command({
          Bucket: BUCKET,
          Prefix: PREFIX,
          ...(token === undefined ? {} : { ContinuationToken: token }),
        }),
      );
      listed.push(...(page.Contents ?? []));
      token = page.NextContinuationToken;
    } while (token !== undefined);
    expectAll(listed.length);
  };
  return await inTurn({
    name: `listing a bucket of ${objects} objects / bare ListObjectsV2 loop`,
    least: 0.9,
    ours: () => secondsOf(ours),
    peer: () => secondsOf(peer),
    rate: (seconds) => `${(objects / seconds).toFixed(0)} objects/s`,
    note: 'pages of 1,000 from a small server of this machine, both with the AWS SDK',
  });
}
