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

/** Answers nothing but empty pages with new tokens, but for one page with an object; as many as there are. */
function emptyPages(pages: number, full: number) {
  return scriptedServer(({ url }, response) => {
    const number = numberIn(url);
    const body = page(number, (index) => `k${String(index).padStart(9, '0')}`, pages);
    return void response.end(number === full ? body : body.replaceAll(/<Contents>.*?<\/Contents>/gs, ''));
  });
}

it('a listing of empty pages that never end is malformed', async () => {
  await using server = await emptyPages(3000, -1);
  const client = readClient(server.address);
  await expect(collected(s3BucketSizes({ client, bucket: 'empty', prefix: '' }, signal))).rejects.toMatchObject({
    reason: 'malformed',
    message: expect.stringContaining('1000 pages without an object in a row'),
  });
  // The next page is asked for while one is looked at.
  expect(server.seen.length).toBeLessThanOrEqual(1002);
});

it('a listing with empty pages between others is read to its end', async () => {
  await using server = await emptyPages(1300, 700);
  const client = readClient(server.address);
  const pages = await collected(s3BucketSizes({ client, bucket: 'gaps', prefix: '' }, signal));
  expect(pages.flat()).toHaveLength(PAGE);
});
