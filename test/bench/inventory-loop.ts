import { setFlagsFromString } from 'node:v8';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { keepingYoungGeneration } from '../../src/collect/backups/threads/young-generation.ts';
import { countUnlisted } from '../../src/collect/inventory/count-unlisted.ts';
import { withScratchDirectory } from '../../src/collect/scratch-directory.ts';
import { s3BucketSizes } from '../../src/collect/trees/s3-bucket.ts';
import { createS3Client } from '../../src/collect/trees/s3-client.ts';
import { Secret } from '../../src/model/secret.ts';

/*
 * A process of its own: lists a bucket against as many rows, as `--inventory` does, or lists it with a bare loop. Prints
 * the seconds it took. Arguments: `ours` or `bare`, the endpoint, how many objects there are.
 */
const [mode, endpoint = '', text] = process.argv.slice(2);
const objects = Number(text);
const BUCKET = 'bench';
const PREFIX = 'dumps/';
const REGION = 'eu-central-1';
const KEY = 'bench';
const PAGE = 5000;

async function ours(): Promise<number> {
  // As the program sets it for itself, src/cli.ts.
  setFlagsFromString('--heap-growing-percent=100');
  const client = createS3Client({
    endpoint,
    region: REGION,
    accessKeyId: new Secret(KEY),
    secretAccessKey: new Secret(KEY),
    forcePathStyle: true,
    timeoutMillis: 30_000,
  });
  const files = s3BucketSizes({ client, bucket: BUCKET, prefix: PREFIX }, new AbortController().signal);
  const readNames = async (add: (names: readonly string[]) => Promise<void>) => {
    for (let first = 0; first < objects; first += PAGE) {
      await add(Array.from({ length: Math.min(PAGE, objects - first) }, (_, index) => nameOf(first + index)));
    }
  };
  const counts = await withScratchDirectory((directory) =>
    keepingYoungGeneration(() => countUnlisted(readNames, files, directory)),
  );
  client.close();
  if (counts.unnamed !== 0 || counts.missing !== 0) throw new Error(JSON.stringify(counts));
  return counts.files;
}

/** As the server of the bench names its objects. */
function nameOf(number: number): string {
  return `tenant_${String(number).padStart(6, '0')}/2026-11-${String((number % 28) + 1).padStart(2, '0')}.dump`;
}

async function bare(): Promise<number> {
  const credentials = { accessKeyId: KEY, secretAccessKey: KEY };
  const client = new S3Client({ endpoint, region: REGION, credentials, forcePathStyle: true });
  let count = 0;
  let token: string | undefined;
  do {
    const page = await client.send(
      new ListObjectsV2Command({
        Bucket: BUCKET,
        Prefix: PREFIX,
        ...(token === undefined ? {} : { ContinuationToken: token }),
      }),
    );
    count += page.Contents?.length ?? 0;
    token = page.NextContinuationToken;
  } while (token !== undefined);
  client.destroy();
  return count;
}

const started = performance.now();
const listed = await (mode === 'ours' ? ours() : bare());
if (listed !== objects) throw new Error(`${listed} objects listed instead of ${objects}`);
process.stdout.write(String((performance.now() - started) / 1000));
