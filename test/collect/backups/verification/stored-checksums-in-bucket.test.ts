import { expect, it } from 'vitest';
import { s3BucketTree } from '../../../../src/collect/trees/s3-bucket.ts';
import { scratchDirectory } from '../../../services/scratch.ts';
import { fixture } from '../../formats/pg-dump/fixtures.ts';
import { readClient } from '../../trees/read-client.ts';
import {
  flipped,
  fullCrc32,
  fullSha256,
  type SummedObject,
  sha256Of,
  summedBucket,
} from '../../trees/summed-bucket.ts';
import { audit } from './audited-location.ts';

const CUSTOM = fixture('pg15-custom.dump');
const PIPED = fixture('pg15-custom-pipe.dump');
const RUN = { status: 'succeeded', artifactUri: 's3://b/pg/tiny.dump' } as const;

/** What one run tells of the only object of a bucket, and whether it read all of it. */
async function auditOf(object: SummedObject, depth: 'structure' | 'mixed' | 'full', recorded: Uint8Array | null) {
  using scratch = scratchDirectory('stored-checksums');
  await using server = await summedBucket({ 'pg/tiny.dump': object });
  const client = readClient(server.address);
  const tree = s3BucketTree({ client, bucket: 'b', prefix: 'pg/' });
  const runs = recorded === null ? [] : [{ ...RUN, sha256: sha256Of(recorded, 'hex') }];
  const { copies, read } = await audit({ directory: scratch.path, tree, runs, depth });
  client.close();
  return { copy: copies.get('tiny.dump'), read };
}

it('another object than the run recorded is damage at depth structure already, by the checksum that the store keeps', async () => {
  const { copy, read } = await auditOf({ body: CUSTOM, sums: fullSha256(CUSTOM) }, 'structure', PIPED);
  expect(read).toEqual([]);
  expect(copy).toMatchObject({ integrity: 'incomplete', foundName: 'tiny', checksumCompared: false });
  expect(copy?.integrityBecause).toContain(
    `by the checksum that the store keeps since it was written, its SHA-256 is ${sha256Of(CUSTOM, 'hex')}`,
  );
});

it('the checksum that a store keeps is not that of the bytes: where it agrees, they are still to be read', async () => {
  const { copy } = await auditOf({ body: CUSTOM, sums: fullSha256(CUSTOM) }, 'structure', CUSTOM);
  expect(copy).toMatchObject({ integrity: 'complete', checksumCompared: false, readToEnd: false, sha256: null });
  const mixed = await auditOf({ body: CUSTOM, sums: fullSha256(CUSTOM) }, 'mixed', CUSTOM);
  expect(mixed.read).toEqual(['tiny.dump']);
  expect(mixed.copy).toMatchObject({ integrity: 'complete', checksumCompared: true, readToEnd: true });
});

it('a checksum over those of parts contradicts no run', async () => {
  const sums = { 'x-amz-checksum-sha256': `${sha256Of(PIPED)}-3`, 'x-amz-checksum-type': 'COMPOSITE' };
  const { copy } = await auditOf({ body: CUSTOM, sums }, 'mixed', CUSTOM);
  expect(copy).toMatchObject({ integrity: 'complete', checksumCompared: true });
});

it.each([
  ['SHA-256', fullSha256],
  ['CRC-32', fullCrc32],
])('bytes that are not those of the %s at the store are damage of the copy, and no blind spot', async (_, sums) => {
  const { copy } = await auditOf({ body: flipped(PIPED, 2000), sums: sums(PIPED) }, 'mixed', null);
  expect(copy).toMatchObject({
    integrity: 'incomplete',
    integrityBecause: expect.stringContaining('the bytes do not match the checksum that the store keeps'),
    verifiedAt: null,
  });
});
