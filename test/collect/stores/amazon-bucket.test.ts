import { afterEach, describe, expect, it, vi } from 'vitest';
import { bucketEvidence } from '../../../src/collect/stores/bucket-evidence.ts';
import { TENANT_STORE } from '../../evaluate/fixture.ts';
import { type ScriptedServer, scriptedServer } from '../conformance/scripted-server.ts';
import { readClient } from '../trees/read-client.ts';
import { bucketBinding, emptyPart, NO_ESTATE, storeCollection, toldBy } from './store-collection.ts';

/** What answers in Amazon's place: the configuration names Amazon, and the client it opens asks here. */
const amazon = vi.hoisted(() => ({ address: '' }));
vi.mock('../../../src/collect/open-s3-client.ts', () => ({
  openS3Client: async () => readClient(amazon.address, ['a', 'b']),
}));

const REGIONS: Readonly<Record<string, string>> = { files: 'eu-central-1', copies: 'eu-west-1', archive: 'eu-north-1' };
const RULES = ['copies', 'archive', 'gone']
  .map(
    (bucket) =>
      `<Rule><Status>Enabled</Status><Destination><Bucket>arn:aws:s3:::${bucket}</Bucket></Destination></Rule>`,
  )
  .join('');
let server: ScriptedServer;

afterEach(() => server[Symbol.asyncDispose]());

/** Amazon with a bucket that is copied to two of its own; of the second it says no more than where it is. */
async function ask(access: object = {}) {
  server = await scriptedServer(({ method, url }, response) => {
    const bucket = new URL(url, 'http://x').pathname.split('/')[1] ?? '';
    const region = REGIONS[bucket];
    if (region === undefined) return void response.writeHead(404).end();
    response.setHeader('x-amz-bucket-region', region);
    if (bucket === 'archive') return void response.writeHead(403).end();
    if (method === 'HEAD') return void response.end();
    if (url.includes('?replication')) {
      return void response.end(`<ReplicationConfiguration>${RULES}</ReplicationConfiguration>`);
    }
    if (url.includes('?versioning')) {
      return void response.end('<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>');
    }
    if (url.includes('list-type=2')) {
      return void response.end(
        '<ListBucketResult><Name>files</Name><IsTruncated>false</IsTruncated></ListBucketResult>',
      );
    }
    return void response.writeHead(404).end('<Error><Code>NoSuchLifecycleConfiguration</Code></Error>');
  });
  amazon.address = server.address;
  const configured = { bucket: 'files', region: 'eu-central-1', accessKeyId: 'env:a', secretAccessKey: 'env:b' };
  const part = emptyPart();
  const binding = { ...bucketBinding('files', ''), endpoint: null, region: null };
  await bucketEvidence(storeCollection({ s3: [{ ...configured, ...access }] }), NO_ESTATE, part, TENANT_STORE, binding);
  return { told: toldBy(part.evidence), records: part.evidence };
}

describe('a bucket at Amazon', () => {
  it('stands where Amazon says', async () => {
    const { records } = await ask();
    const observed = records.filter(({ kind, grade }) => kind === 'failure-domain' && grade === 'observed');
    expect(observed.flatMap(({ items }): readonly unknown[] => items)).toEqual([
      { host: null, site: null, account: null, region: 'eu-central-1', origin: 'observed' },
    ]);
  });

  it('is copied to buckets that stand where Amazon says, also to those whom it tells nothing else', async () => {
    const { told } = await ask();
    expect(told['store-replica']).toEqual([
      expect.objectContaining({ destination: 'arn:aws:s3:::copies', exists: true, region: 'eu-west-1' }),
      'unauthorized',
      expect.objectContaining({
        destination: 'arn:aws:s3:::archive',
        exists: true,
        region: 'eu-north-1',
        versioning: null,
      }),
      expect.objectContaining({ destination: 'arn:aws:s3:::gone', exists: false, region: null }),
    ]);
  });

  it('of which another service says the same stands nowhere', async () => {
    const { told, records } = await ask({ endpoint: 'https://s3.example' });
    expect(records.filter(({ kind, grade }) => kind === 'failure-domain' && grade === 'observed')).toEqual([]);
    expect(told['store-replica']?.[0]).toMatchObject({ exists: true, region: null });
  });
});
