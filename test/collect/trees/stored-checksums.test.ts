import { afterEach, describe, expect, it, vi } from 'vitest';
import { checksumOf } from '../../../src/collect/backups/closed-copies.ts';
import { readDumpDirectory, readDumpFile } from '../../../src/collect/formats/pg-dump/read-dump.ts';
import type { ArtifactTree } from '../../../src/collect/trees/artifact-tree.ts';
import { s3BucketTree } from '../../../src/collect/trees/s3-bucket.ts';
import { StoredChecksumMismatch } from '../../../src/collect/trees/stored-checksum-mismatch.ts';
import type { SeenRequest } from '../conformance/scripted-server.ts';
import { fixture } from '../formats/pg-dump/fixtures.ts';
import { collected } from './collected.ts';
import { readClient } from './read-client.ts';
import { flipped, fullCrc32, fullSha256, type SummedObject, sha256Of, summedBucket } from './summed-bucket.ts';

const signal = new AbortController().signal;
const CUSTOM = fixture('pg15-custom.dump');
const PLAIN = fixture('pg15-plain.sql');
const BECAUSE = 'the bytes do not match the checksum that the store keeps';
/** More than one chunk, of which the SDK gives some before it knows the checksum of all. */
const LARGE = Buffer.alloc(3_000_000, 'some bytes ');

async function withObject<T>(
  object: SummedObject,
  use: (tree: ArtifactTree, seen: readonly SeenRequest[]) => Promise<T>,
): Promise<T> {
  await using server = await summedBucket({ 'pg/x': object });
  const client = readClient(server.address);
  try {
    return await use(s3BucketTree({ client, bucket: 'b', prefix: 'pg/' }), server.seen);
  } finally {
    client.close();
  }
}

const read = (object: SummedObject, depth: 'structure' | 'full') =>
  withObject(object, async (tree) => readDumpFile(await tree.open('x', signal), { depth, signal }));

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each([undefined, 'WHEN_REQUIRED', 'WHEN_SUPPORTED'])('where the environment says %s', (environment) => {
  const stub = () => {
    if (environment !== undefined) vi.stubEnv('AWS_RESPONSE_CHECKSUM_VALIDATION', environment);
  };

  it.each([
    ['SHA-256', fullSha256],
    ['CRC-32', fullCrc32],
  ])('bytes that are not those of the %s that the store keeps are no bytes of the object', async (_, sums) => {
    stub();
    await withObject({ body: flipped(LARGE), sums: sums(LARGE) }, async (tree) => {
      const reader = await tree.open('x', signal);
      await expect(collected(reader.stream())).rejects.toThrow(StoredChecksumMismatch);
      // Told once; then they are to be had as they are.
      expect(Buffer.concat(await collected(reader.stream())).equals(flipped(LARGE))).toBe(true);
    });
    await withObject({ body: LARGE, sums: sums(LARGE) }, async (tree) => {
      const reader = await tree.open('x', signal);
      expect(Buffer.concat(await collected(reader.stream())).equals(LARGE)).toBe(true);
    });
  });

  it('a part is compared with nothing', async () => {
    stub();
    await withObject({ body: LARGE, sums: fullSha256(LARGE) }, async (tree, seen) => {
      const reader = await tree.open('x', signal);
      expect(Buffer.from(await reader.read(5, 20)).equals(LARGE.subarray(5, 25))).toBe(true);
      const asked = seen.filter(({ method }) => method === 'GET').map(({ headers }) => headers['x-amz-checksum-mode']);
      expect(asked).toEqual([undefined]);
    });
  });
});

it('the checksum of which nobody chose the kind is compared', async () => {
  const body = Buffer.from('123456789');
  // The check value of CRC-64/NVME in the catalogue of parametrised CRC algorithms.
  for (const [sum, isSame] of [
    ['ae8b14860a799888', true],
    ['ae8b14860a799889', false],
  ] as const) {
    const sums = { 'x-amz-checksum-crc64nvme': Buffer.from(sum, 'hex').toString('base64') };
    await withObject({ body, sums }, async (tree) => {
      const reading = (await tree.open('x', signal)).read(0, 100);
      if (isSame) expect(Buffer.from(await reading).equals(body)).toBe(true);
      else await expect(reading).rejects.toThrow(StoredChecksumMismatch);
    });
  }
});

it('a dump whose bytes differ is damaged, also where its format does not show it', async () => {
  const rotten = flipped(PLAIN, 2000);
  const sound = { kind: 'dump', reading: { integrity: { state: 'complete' } } };
  expect(await read({ body: rotten, sums: {} }, 'full')).toMatchObject(sound);
  for (const sums of [fullSha256(PLAIN), fullCrc32(PLAIN)]) {
    expect(await read({ body: PLAIN, sums }, 'full')).toMatchObject(sound);
    expect(await read({ body: rotten, sums }, 'full')).toMatchObject({
      kind: 'dump',
      reading: {
        format: 'pg_dump-plain',
        integrity: { state: 'incomplete', because: BECAUSE },
        sha256: sha256Of(rotten, 'hex'),
      },
    });
  }
});

it.each(['structure', 'full'] as const)(
  'a dump whose bytes differ is told with what it holds at depth %s',
  async (depth) => {
    const result = await read({ body: flipped(CUSTOM), sums: fullCrc32(CUSTOM) }, depth);
    expect(result).toMatchObject({ kind: 'dump', reading: { databaseOid: 16437 } });
    if (depth === 'full')
      expect(result).toMatchObject({ reading: { integrity: { state: 'incomplete', because: BECAUSE } } });
  },
);

it('a checksum over the checksums of parts is not compared', async () => {
  const parts = [
    { 'x-amz-checksum-sha256': `${sha256Of(Buffer.from('parts'))}-2`, 'x-amz-checksum-type': 'COMPOSITE' },
    { 'x-amz-checksum-sha256': `${sha256Of(Buffer.from('parts'))}-2` },
    { 'x-amz-checksum-sha256': sha256Of(Buffer.from('parts')), 'x-amz-checksum-type': 'COMPOSITE' },
  ];
  for (const sums of parts) {
    const result = await read({ body: CUSTOM, sums }, 'full');
    expect(result).toMatchObject({ kind: 'dump', reading: { integrity: { state: 'complete' } } });
    await withObject({ body: CUSTOM, sums }, async (tree) =>
      expect((await tree.open('x', signal)).sha256AtStore).toBeUndefined(),
    );
  }
});

it.each(['sha512', 'xxhash64', 'xxhash3', 'xxhash128', 'md5', 'new'])(
  'a checksum by %s, which is not computed, keeps nobody from reading',
  async (algorithm) => {
    const sums = { [`x-amz-checksum-${algorithm}`]: 'AAAAAAAAAAA=', 'x-amz-checksum-type': 'FULL_OBJECT' };
    const result = await read({ body: CUSTOM, sums }, 'full');
    expect(result).toMatchObject({ kind: 'dump', reading: { integrity: { state: 'complete' } } });
  },
);

it('HEAD tells the SHA-256 of the whole object', async () => {
  const told = (object: SummedObject) =>
    withObject(object, async (tree) => (await tree.open('x', signal)).sha256AtStore);
  expect(await told({ body: CUSTOM, sums: fullSha256(CUSTOM) })).toBe(sha256Of(CUSTOM, 'hex'));
  expect(await told({ body: CUSTOM, sums: { 'x-amz-checksum-sha256': sha256Of(CUSTOM) } })).toBe(
    sha256Of(CUSTOM, 'hex'),
  );
  expect(await told({ body: CUSTOM, sums: fullCrc32(CUSTOM) })).toBeUndefined();
  expect(await told({ body: CUSTOM, sums: { 'x-amz-checksum-sha256': 'no digest' } })).toBeUndefined();
});

it.each([403, 400])('where HEAD with checksums is refused with %i, the object is read without them', async (status) => {
  await withObject({ body: CUSTOM, sums: {}, headWithSums: status }, async (tree, seen) => {
    const reader = await tree.open('x', signal);
    expect(reader.bytes).toBe(CUSTOM.length);
    expect(reader.sha256AtStore).toBeUndefined();
    expect(seen.map(({ method, headers }) => [method, headers['x-amz-checksum-mode']])).toEqual([
      ['HEAD', 'ENABLED'],
      ['HEAD', undefined],
    ]);
  });
});

it('a directory dump with a file whose bytes differ is damaged', async () => {
  const toc = fixture('pg18-directory/toc.dat');
  await withObject({ body: flipped(toc, 200), sums: fullSha256(toc) }, async (tree) => {
    const files = [{ path: 'toc.dat', bytes: toc.length, modifiedAt: '2026-11-22T02:10:00.000Z' } as const];
    const result = await readDumpDirectory(files, () => tree.open('x', signal), { depth: 'full', signal });
    expect(result).toMatchObject({
      kind: 'dump',
      reading: { integrity: { state: 'incomplete', because: expect.stringContaining(BECAUSE) } },
    });
  });
});

it('the checksum of a file that nobody can look into is of the bytes that lie there', async () => {
  await withObject({ body: flipped(LARGE), sums: fullSha256(LARGE) }, async (tree) => {
    const place = { location: { name: 'b', tree, timeZone: null, servers: null }, path: 'x', bytes: LARGE.length };
    const shown = { kind: 'encrypted', what: 'a file that age encrypted', claimedName: null, version: null } as const;
    const sum = await checksumOf({ ...place, ...shown, modifiedAt: '2026-11-22T02:10:00.000Z' }, signal);
    expect(sum).toBe(sha256Of(flipped(LARGE), 'hex'));
  });
});
