import { GetObjectCommand, HeadObjectCommand, type HeadObjectCommandOutput } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { ByteReader } from './artifact-tree.ts';
import { asking, malformed } from './s3-asking.ts';
import type { S3ReadClient } from './s3-client.ts';
import { StoredChecksumMismatch } from './stored-checksum-mismatch.ts';

const headSchema = z.object({
  ContentLength: z.number().int().nonnegative(),
  ETag: z.string().optional(),
  ServerSideEncryption: z.string().optional(),
  SSEKMSKeyId: z.string().optional(),
  ChecksumCRC32: z.string().optional(),
  ChecksumCRC32C: z.string().optional(),
  ChecksumCRC64NVME: z.string().optional(),
  ChecksumSHA1: z.string().optional(),
  ChecksumSHA256: z.string().optional(),
  ChecksumType: z.string().optional(),
});
const refusalSchema = z.object({ $metadata: z.object({ httpStatusCode: z.union([z.literal(400), z.literal(403)]) }) });
const bodySchema = z.custom<AsyncIterable<Uint8Array>>(
  (body) => typeof body === 'object' && body !== null && Symbol.asyncIterator in body,
);

/** Opens an object for reading. @param where it, safe to print @throws SourceError */
export async function openObject(
  client: S3ReadClient,
  place: { readonly Bucket: string; readonly Key: string },
  where: string,
  signal: AbortSignal,
): Promise<ByteReader> {
  const head = headSchema.safeParse(await askHead(client, place, where, signal));
  if (!head.success) throw malformed(`${where} states no size`);
  const { ContentLength: bytes, ETag: etag, ServerSideEncryption: algorithm, SSEKMSKeyId: key } = head.data;
  // Every part must be of the same object: a newer one may take its place in between.
  const same = etag === undefined ? place : { ...place, IfMatch: etag };
  const sha256AtStore = wholeSha256(head.data);
  let isCompared = isComparable(head.data);

  async function* stream(from: number, to: number): AsyncGenerator<Uint8Array, void, undefined> {
    if (from >= to) return;
    const isWhole = isCompared && from === 0 && to === bytes;
    const range = isWhole ? ({ ChecksumMode: 'ENABLED' } as const) : { Range: `bytes=${from}-${to - 1}` };
    const answer = await asking('GetObject', where, signal, () =>
      client.send(new GetObjectCommand({ ...same, ...range }), { abortSignal: signal }),
    );
    const body = bodySchema.safeParse(answer.Body);
    if (!body.success || answer.ContentLength !== to - from)
      throw malformed(`${where} gave other bytes than asked for`);
    const chunks = body.data[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await asking('GetObject', where, signal, () => chunks.next());
        if (next.done === true) return;
        yield next.value;
      }
    } catch (error) {
      if (error instanceof StoredChecksumMismatch) isCompared = false;
      throw error;
    } finally {
      await chunks.return?.();
    }
  }

  return {
    bytes,
    ...(algorithm === undefined
      ? {}
      : { encryption: { algorithm: algorithm.slice(0, 40), key: key?.slice(0, 300) ?? null } }),
    ...(sha256AtStore === null ? {} : { sha256AtStore }),
    read: async (offset, length) => {
      const pieces: Uint8Array[] = [];
      for await (const piece of stream(offset, Math.min(bytes, offset + length))) pieces.push(piece);
      return Buffer.concat(pieces);
    },
    stream: (offset = 0) => stream(offset, bytes),
    close: async () => undefined,
  };
}

/**
 * Asks for the checksum, too. Of an object that a key of KMS encrypts that needs the right to decrypt with it, or a key that
 * is in use, which size and encryption do not: then it is left out (Amazon S3 API Reference, HeadObject, `ChecksumMode`).
 */
async function askHead(
  client: S3ReadClient,
  place: { readonly Bucket: string; readonly Key: string },
  where: string,
  signal: AbortSignal,
): Promise<HeadObjectCommandOutput> {
  const options = { abortSignal: signal };
  return asking('HeadObject', where, signal, async () => {
    try {
      return await client.send(new HeadObjectCommand({ ...place, ChecksumMode: 'ENABLED' }), options);
    } catch (error) {
      if (signal.aborted || !isRefused(error)) throw error;
      return await client.send(new HeadObjectCommand(place), options);
    }
  });
}

/** By status alone, as an answer to HEAD has no body. */
function isRefused(error: unknown): boolean {
  return refusalSchema.safeParse(error).success;
}

/**
 * Whether the store keeps a checksum that the bytes can be compared with. The SDK refuses an answer with one that it cannot
 * compute, and one of an object in parts may be over the checksums of its parts.
 */
function isComparable(head: z.infer<typeof headSchema>): boolean {
  const { ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256, ChecksumType } = head;
  const known = [ChecksumCRC32, ChecksumCRC32C, ChecksumCRC64NVME, ChecksumSHA1, ChecksumSHA256];
  return ChecksumType !== 'COMPOSITE' && known.some((sum) => sum !== undefined);
}

/** In lower-case hex; null where the store keeps none, or one over the checksums of the object's parts. */
function wholeSha256({ ChecksumSHA256: sum, ChecksumType: type }: z.infer<typeof headSchema>): string | null {
  if (sum === undefined || (type !== undefined && type !== 'FULL_OBJECT')) return null;
  return /^[A-Za-z0-9+/]{43}=$/.test(sum) ? Buffer.from(sum, 'base64').toString('hex') : null;
}
