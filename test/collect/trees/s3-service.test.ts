import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { s3BucketTree } from '../../../src/collect/trees/s3-bucket.ts';
import { collected } from './collected.ts';
import { readClient } from './read-client.ts';

const signal = new AbortController().signal;

describe('an S3 service', () => {
  /** What the listing gives when the service answers so, in this order and then always the last. */
  async function listFrom(answers: readonly string[], status = 200, asked: URL[] = []): Promise<readonly unknown[]> {
    const server = createServer((request, response) => {
      asked.push(new URL(request.url ?? '', 'http://service'));
      const answer = answers[Math.min(asked.length, answers.length) - 1];
      response.writeHead(status, { 'content-type': 'application/xml' }).end(answer);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const client = readClient(`http://127.0.0.1:${port}`);
    try {
      return await collected(s3BucketTree({ client, bucket: 'b', prefix: 'p/' }).list(signal));
    } finally {
      client.close();
      server.closeAllConnections();
      server.close();
    }
  }
  const page = (content: string): string => `<ListBucketResult>${content}</ListBucketResult>`;
  const object = (key: string): string =>
    `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-11-22T00:00:00.000Z</LastModified></Contents>`;

  it('is asked for page after page of 1000', async () => {
    const asked: URL[] = [];
    const more = '<IsTruncated>true</IsTruncated><NextContinuationToken>t 1</NextContinuationToken>';
    const files = await listFrom([page(object('p/x') + more), page(object('p/y'))], 200, asked);
    expect(files).toMatchObject([{ path: 'x' }, { path: 'y' }]);
    expect(asked.map(({ searchParams }) => searchParams.get('max-keys'))).toEqual(['1000', '1000']);
    expect(asked.map(({ searchParams }) => searchParams.get('continuation-token'))).toEqual([null, 't 1']);
  });

  it('is taken at its word only where its answer makes sense', async () => {
    expect(await listFrom([page(object('p/x'))])).toHaveLength(1);
    const senseless = [
      page(object('q/x')),
      page('<Contents><Key>p/x</Key></Contents>'),
      page(`${object('p/x')}<IsTruncated>true</IsTruncated>`),
      page('<IsTruncated>true</IsTruncated><NextContinuationToken>t</NextContinuationToken>'),
      '<html><body>Welcome',
    ];
    for (const answer of senseless)
      await expect(listFrom([answer]), answer).rejects.toMatchObject({ reason: 'malformed' });
    await expect(listFrom([''], 501)).rejects.toMatchObject({ reason: 'unsupported' });
  });

  it('is unreachable when nobody listens', async () => {
    const client = readClient('http://127.0.0.1:9');
    const tree = s3BucketTree({ client, bucket: 'b', prefix: '' });
    await expect(collected(tree.list(signal))).rejects.toMatchObject({ reason: 'unreachable' });
    client.close();
  });

  it('cannot be configured by what is no address', () => {
    for (const endpoint of ['ftp://x', 'https://user:pw@x', 'https://x/?a=b', 'x']) {
      expect(() => readClient(endpoint)).toThrow(expect.objectContaining({ reason: 'malformed' }));
    }
  });
});
