import { createServer } from 'node:http';

/*
 * A bucket that lists itself and tells of single objects: answers ListObjectsV2 with pages of 1,000 objects, made before they are asked for
 * (Amazon S3 API Reference, ListObjectsV2). None of its objects is locked, as it tells whoever asks. Prints its port. Argument: how many objects it holds.
 */
const PAGE = 1000;
const objects = Number(process.argv[2]);
const pages = [];
for (let first = 0; first < objects; first += PAGE) {
  const end = Math.min(first + PAGE, objects);
  const isTruncated = end < objects;
  const contents = [];
  for (let number = first; number < end; number += 1) {
    const key = `dumps/tenant_${String(number).padStart(6, '0')}/2026-11-${String((number % 28) + 1).padStart(2, '0')}.dump`;
    const etag = number.toString(16).padStart(32, '0');
    contents.push(
      `<Contents><Key>${encodeURIComponent(key).replaceAll('%2F', '/')}</Key><LastModified>2026-11-${String((number % 28) + 1).padStart(2, '0')}T02:00:00.000Z</LastModified><ETag>&quot;${etag}&quot;</ETag><Size>${1000 + number}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    );
  }
  const next = isTruncated ? `<NextContinuationToken>${end}</NextContinuationToken>` : '';
  pages.push(
    Buffer.from(
      `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bench</Name><Prefix>dumps/</Prefix><KeyCount>${end - first}</KeyCount><MaxKeys>${PAGE}</MaxKeys><EncodingType>url</EncodingType><IsTruncated>${isTruncated}</IsTruncated>${next}${contents.join('')}</ListBucketResult>`,
    ),
  );
}
const server = createServer((request, response) => {
  // Whatever is asked for by name is there, and has three bytes.
  if (request.method === 'HEAD') return void response.writeHead(200, { 'content-length': '3' }).end();
  const { searchParams } = new URL(request.url ?? '', 'http://localhost');
  if (searchParams.has('retention') || searchParams.has('legal-hold')) {
    const error = '<Error><Code>NoSuchObjectLockConfiguration</Code></Error>';
    return void response.writeHead(404, { 'content-type': 'application/xml' }).end(error);
  }
  const token = searchParams.get('continuation-token');
  const page = pages[Number(token ?? 0) / PAGE];
  response.writeHead(page === undefined ? 400 : 200, { 'content-type': 'application/xml' }).end(page);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  process.stdout.write(`${typeof address === 'object' && address !== null ? address.port : ''}\n`);
});
