import { describe, expect, it } from 'vitest';
import { s3BucketTree } from '../../../../../src/collect/trees/s3-bucket.ts';
import { readClient } from '../../../trees/read-client.ts';
import { fullSha256, summedBucket } from '../../../trees/summed-bucket.ts';
import { readTree } from '../read-location.ts';
import { PLAIN, SINGLE, TAR } from '../small-base-backups.ts';

/** The only copy in a bucket that keeps for one of the files the checksum of other bytes. */
async function copyIn(files: ReadonlyMap<string, Buffer>, differing: string | null) {
  const objects = [...files].map(([path, body]) => {
    const sums = fullSha256(path === differing ? Buffer.from('other bytes') : body);
    return [`pg/${path}`, { body, sums }] as const;
  });
  await using server = await summedBucket(
    Object.fromEntries(objects.toSorted(([left], [right]) => (left < right ? -1 : 1))),
  );
  const client = readClient(server.address);
  const { copies, blindSpot } = await readTree(s3BucketTree({ client, bucket: 'b', prefix: 'pg/' }), 'full');
  client.close();
  expect(blindSpot).toBeNull();
  return copies[0];
}

describe.each([
  ['plain', PLAIN],
  ['tar', TAR],
  ['single tar', SINGLE],
] as const)('a base backup in a bucket: %s', (_, files) => {
  it('is complete where every file is what the store keeps the checksum of', async () => {
    expect(await copyIn(files, null)).toMatchObject({ integrity: 'complete', readToEnd: true });
  });

  const read = [...files].flatMap(([path, { length }]) => (length === 0 ? [] : [path]));
  it.each(read)('is damaged where %s is not', async (path) => {
    expect(await copyIn(files, path)).toMatchObject({
      integrity: 'incomplete',
      integrityBecause: expect.stringContaining('the bytes do not match the checksum that the store keeps'),
    });
  });
});
