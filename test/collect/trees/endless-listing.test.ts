import { expect, it } from 'vitest';
import { s3BucketSizes } from '../../../src/collect/trees/s3-bucket.ts';
import { scriptedServer } from '../conformance/scripted-server.ts';
import { collected } from './collected.ts';
import { readClient } from './read-client.ts';

const PAGE = 1000;
const signal = new AbortController().signal;

/** A page of keys that are counted on, with a token for the next one, for ever or as many pages as there are. */
function page(number: number, keyOf: (index: number) => string, pages: number): string {
  const contents = Array.from({ length: PAGE }, (_, at) => {
    const key = keyOf(number * PAGE + at);
    return `<Contents><Key>${key}</Key><Size>1</Size><LastModified>2026-11-01T00:00:00.000Z</LastModified></Contents>`;
  });
  const isLast = number + 1 >= pages;
  const token = isLast ? '' : `<NextContinuationToken>${number + 1}</NextContinuationToken>`;
  return `<ListBucketResult><Name>b</Name><IsTruncated>${!isLast}</IsTruncated>${token}${contents.join('')}</ListBucketResult>`;
}

const numberIn = (url: string) => Number(new URL(url, 'http://x').searchParams.get('continuation-token') ?? 0);

// Without an end of its own the test would never end, should nobody notice: 200 pages are taken for ever.
it('a listing whose pages go on but whose keys do not is malformed', async () => {
  await using server = await scriptedServer(
    ({ url }, response) => void response.end(page(numberIn(url), (index) => `k${index}`, 200)),
  );
  const client = readClient(server.address);
  await expect(collected(s3BucketSizes({ client, bucket: 'endless', prefix: '' }, signal))).rejects.toMatchObject({
    reason: 'malformed',
    message: expect.stringContaining('its listing does not go on'),
  });
  expect(server.seen.length).toBeLessThan(20);
});

it('a long listing in order is read to its end', async () => {
  await using server = await scriptedServer(
    ({ url }, response) => void response.end(page(numberIn(url), (index) => `k${String(index).padStart(9, '0')}`, 12)),
  );
  const client = readClient(server.address);
  const pages = await collected(s3BucketSizes({ client, bucket: 'long', prefix: '' }, signal));
  expect(pages.flat()).toHaveLength(12 * PAGE);
});
