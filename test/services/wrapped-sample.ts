import { createCipheriv, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';

/* What a product would have wrapped, made outside of any key provider with the value of its key. */

const RFC_3394_IV = Buffer.alloc(8, 0xa6);
const RFC_5649_IV = Buffer.from('a65959a6', 'hex');

/** @param key of 256 bits */
export function wrapByAes(key: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap', key, RFC_3394_IV);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

/** As {@link wrapByAes}, of any length. */
export function wrapByAesPadded(key: Buffer, plaintext: Buffer): Buffer {
  const cipher = createCipheriv('id-aes256-wrap-pad', key, RFC_5649_IV);
  return Buffer.concat([cipher.update(plaintext), cipher.final()]);
}

/** The initialization vector, the text and the tag, in this order. */
export function encryptByGcm(key: Buffer, plaintext: Buffer, additional = Buffer.alloc(0)): Buffer {
  const iv = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(additional);
  return Buffer.concat([iv, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

export function wrapByRsa(key: KeyObject, plaintext: Buffer, oaepHash: 'sha1' | 'sha256'): Buffer {
  return publicEncrypt({ key, oaepHash }, plaintext);
}

/** The same with one bit changed. */
export function damaged(sample: Buffer): Buffer {
  const bytes = Buffer.from(sample);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  return bytes;
}
