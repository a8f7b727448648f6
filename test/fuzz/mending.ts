import { createHash } from 'node:crypto';
import { crc32c } from '../../src/collect/formats/base-backup/crc32c.ts';

const BLOCK = 512;
const CHECKSUM_AT = 148;

/** The checksum of every block that calls itself the header of a tar member. */
export function mendTar(bytes: Uint8Array): Uint8Array {
  const mended = Buffer.from(bytes);
  for (let at = 0; at + BLOCK <= mended.length; at += BLOCK) {
    const block = mended.subarray(at, at + BLOCK);
    if (block.toString('latin1', 257, 262) !== 'ustar') continue;
    block.write('        ', CHECKSUM_AT, 'latin1');
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, CHECKSUM_AT, 'latin1');
  }
  return mended;
}

/** The last line of a backup manifest, which states the SHA-256 of all before it. */
export function mendManifest(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const line = text.lastIndexOf('\n', text.length - 2) + 1;
  const sum = createHash('sha256').update(text.slice(0, line), 'latin1').digest('hex');
  return Buffer.from(`${text.slice(0, line)}"Manifest-Checksum": "${sum}"}\n`, 'latin1');
}

/** The checksum in a pg_control of PostgreSQL 13 to 17, which stands at byte 288. */
export function mendControlFile(bytes: Uint8Array): Uint8Array {
  const mended = Buffer.from(bytes);
  if (mended.length >= 292) mended.writeUInt32LE(crc32c(mended.subarray(0, 288)), 288);
  return mended;
}

/**
 * The SHA-1 at the end of an info file of pgBackRest, over its sections as one JSON object. Lines that are none of the
 * format are left as they are; what stands in them is refused before the checksum is.
 */
export function mendInfo(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  const sections: string[] = [];
  let members: string[] = [];
  let section = '';
  const close = (): void => {
    if (members.length > 0) sections.push(`"${section}":{${members.join(',')}}`);
    members = [];
  };
  for (const line of text.split('\n')) {
    if (line.startsWith('[') && line.endsWith(']')) {
      close();
      section = line.slice(1, -1);
    } else if (line.includes('=') && !line.startsWith('backrest-checksum=')) {
      const equals = line.indexOf('=');
      members.push(`"${line.slice(0, equals)}":${line.slice(equals + 1)}`);
    }
  }
  close();
  const sum = createHash('sha1')
    .update(`{${sections.join(',')}}`, 'latin1')
    .digest('hex');
  return Buffer.from(text.replace(/backrest-checksum="[^"]*"/, `backrest-checksum="${sum}"`), 'latin1');
}

/** The CRC-32C of every record on the first page of a piece of WAL. */
export function mendWal(bytes: Uint8Array): Uint8Array {
  const mended = Buffer.from(bytes);
  const [firstRecord, pageBytes, headerBytes, checksumAt] = [40, 8192, 24, 20];
  for (let at = firstRecord; at + headerBytes <= Math.min(mended.length, pageBytes); ) {
    const length = mended.readUInt32LE(at);
    if (length < headerBytes || at + length > Math.min(mended.length, pageBytes)) break;
    const checksum = crc32c(
      mended.subarray(at, at + checksumAt),
      crc32c(mended.subarray(at + headerBytes, at + length)),
    );
    mended.writeUInt32LE(checksum, at + checksumAt);
    at += Math.ceil(length / 8) * 8;
  }
  return mended;
}
