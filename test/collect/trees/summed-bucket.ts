import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type ScriptedServer, scriptedServer } from '../conformance/scripted-server.ts';

/** An object of {@link summedBucket}. */
export interface SummedObject {
  readonly body: Uint8Array;
  /** Headers with which it is told what the store keeps of it, to those who ask for that alone. */
  readonly sums: Readonly<Record<string, string>>;
  /** Status of the answer to HEAD with checksums, as where a key may not be used; absent where that is allowed. */
  readonly headWithSums?: number;
}

export const sha256Of = (bytes: Uint8Array, encoding: 'base64' | 'hex' = 'base64'): string =>
  createHash('sha256').update(bytes).digest(encoding);

/** What a store keeps of an object that was written in one piece with SHA-256. */
export const fullSha256 = (bytes: Uint8Array): SummedObject['sums'] => ({
  'x-amz-checksum-sha256': sha256Of(bytes),
  'x-amz-checksum-type': 'FULL_OBJECT',
});

/** What the SDK has a store keep where nobody asked for another one. */
export const fullCrc32 = (bytes: Uint8Array): SummedObject['sums'] => {
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(bytes));
  return { 'x-amz-checksum-crc32': sum.toString('base64'), 'x-amz-checksum-type': 'FULL_OBJECT' };
};

/** The same bytes with one of them flipped, counted from the end. */
export function flipped(bytes: Uint8Array, fromEnd = 10): Buffer {
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(changed.length - fromEnd) ^ 0x55, changed.length - fromEnd);
  return changed;
}

/** A bucket of the objects, by their keys, that tells checksums to who asks for them, also with ranges. */
export function summedBucket(objects: Readonly<Record<string, SummedObject>>): Promise<ScriptedServer> {
  return scriptedServer(({ method, url, headers }, response) => {
    const { pathname, searchParams } = new URL(url, 'http://x');
    if (searchParams.has('list-type')) {
      const listed = Object.entries(objects).map(
        ([key, { body }]) =>
          `<Contents><Key>${key}</Key><Size>${body.length}</Size><LastModified>2026-11-22T02:10:00.000Z</LastModified><ETag>"e"</ETag></Contents>`,
      );
      response.end(`<ListBucketResult><IsTruncated>false</IsTruncated>${listed.join('')}</ListBucketResult>`);
      return;
    }
    const object = objects[decodeURIComponent(pathname).split('/').slice(2).join('/')];
    if (object === undefined) return void response.writeHead(404).end();
    const isAsked = headers['x-amz-checksum-mode'] === 'ENABLED';
    if (method === 'HEAD' && isAsked && object.headWithSums !== undefined) {
      return void response.writeHead(object.headWithSums).end();
    }
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(headers.range ?? '') ?? [];
    const part = from === undefined ? object.body : object.body.subarray(Number(from), Number(to) + 1);
    response.writeHead(from === undefined ? 200 : 206, {
      'content-length': part.length,
      etag: '"e"',
      ...(isAsked ? object.sums : {}),
    });
    response.end(method === 'HEAD' ? undefined : part);
  });
}
