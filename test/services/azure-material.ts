import { constants, createDecipheriv, type KeyObject, privateDecrypt } from 'node:crypto';
import { z } from 'zod';

/** What a version of a key in the fixture works with: a private key of RSA, or 256 bits of AES. */
export type AzureMaterial = KeyObject | Buffer;

const requestSchema = z.strictObject({ alg: z.string(), value: z.base64url() });

/** What the request holds, opened; null where it is none, or not of this key. */
export function openBy(material: AzureMaterial, body: string): Buffer | null {
  try {
    const { alg, value } = requestSchema.parse(JSON.parse(body));
    const wrapped = Buffer.from(value, 'base64url');
    if (Buffer.isBuffer(material)) return alg === 'A256KW' ? unwrapByAes(material, wrapped) : null;
    const oaepHash = { 'RSA-OAEP': 'sha1', 'RSA-OAEP-256': 'sha256' }[alg];
    if (oaepHash === undefined) return null;
    return privateDecrypt({ key: material, oaepHash, padding: constants.RSA_PKCS1_OAEP_PADDING }, wrapped);
  } catch {
    return null;
  }
}

/** RFC 3394. */
function unwrapByAes(key: Buffer, wrapped: Buffer): Buffer {
  const decipher = createDecipheriv('id-aes256-wrap', key, Buffer.alloc(8, 0xa6));
  return Buffer.concat([decipher.update(wrapped), decipher.final()]);
}

/** The public part as a JSON web key has it. */
export function rsaNumbers(key: KeyObject): object {
  const { n, e } = key.export({ format: 'jwk' });
  return { n, e };
}
