import { type Instant, toInstant } from '../../../model/instant.ts';
import { FormatDamage } from '../format-damage.ts';
import { crc32c } from './crc32c.ts';

/** What pg_control says. */
export interface ControlFile {
  /** Decimal text, as it exceeds 2^53. */
  readonly systemIdentifier: string;
  /** 1300 in PostgreSQL 13 to 17, 1800 in 18. */
  readonly version: number;
  /** When it was last written, by the clock of the server. */
  readonly updatedAt: Instant | null;
  /** When the latest checkpoint was made, by the clock of the primary also where a standby wrote the file. */
  readonly checkpointAt: Instant | null;
  /** Of the latest checkpoint. */
  readonly timeline: number;
}

/** The file is always that long, whatever of it is used (`PG_CONTROL_FILE_SIZE`). */
export const CONTROL_FILE_BYTES = 8192;

/**
 * Reads `global/pg_control` (PostgreSQL source, `ControlFileData` in pg_control.h, little-endian). The checksum stands
 * right behind what it covers, at a place that differs between versions: it is looked for.
 *
 * @throws FormatDamage when the file is cut off or its checksum is wrong
 */
export function parseControlFile(content: Uint8Array): ControlFile {
  if (content.length !== CONTROL_FILE_BYTES) throw new FormatDamage('its pg_control has not the size of one');
  const bytes = Buffer.from(content.buffer, content.byteOffset, content.length);
  if (!hasRightChecksum(bytes)) throw new FormatDamage('its pg_control is damaged: its checksum does not match');
  return {
    systemIdentifier: bytes.readBigUInt64LE(0).toString(),
    version: bytes.readUInt32LE(8),
    updatedAt: instantAt(bytes, 24),
    checkpointAt: instantAt(bytes, 104),
    timeline: bytes.readUInt32LE(48),
  };
}

/** Seconds since 1970 in 64 bits; null where they are none of the years until 9999. */
function instantAt(bytes: Buffer, offset: number): Instant | null {
  const seconds = Number(bytes.readBigInt64LE(offset));
  return seconds > 0 && seconds < 253_402_300_800 ? toInstant(seconds * 1000) : null;
}

function hasRightChecksum(bytes: Buffer): boolean {
  for (let at = 200; at <= 508; at += 4) {
    if (crc32c(bytes.subarray(0, at)) === bytes.readUInt32LE(at)) return true;
  }
  return false;
}
