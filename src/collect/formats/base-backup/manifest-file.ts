import { z } from 'zod';
import { type Instant, toInstant } from '../../../model/instant.ts';
import { pathText } from '../../trees/file-name.ts';
import { FormatDamage } from '../format-damage.ts';
import { CHECKSUM_ALGORITHMS, type ChecksumAlgorithm } from './file-checksum.ts';

/** One file of a backup, as the manifest lists it. */
export interface ManifestFile {
  /** Below the data directory, as listings of directories write it: see {@link pathText}. */
  readonly path: string;
  readonly bytes: number;
  /** When the server had last written it, by the server's file system, to the second. */
  readonly modifiedAt: Instant;
  /** Null with `--manifest-checksums=NONE`. */
  readonly checksum: { readonly algorithm: ChecksumAlgorithm; readonly hex: string } | null;
}

const fields = z.strictObject({
  Path: z.string().min(1).optional(),
  'Encoded-Path': z
    .string()
    .regex(/^([0-9a-fA-F]{2})+$/)
    .optional(),
  Size: z.int().nonnegative(),
  'Last-Modified': z.string().regex(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d GMT$/),
  'Checksum-Algorithm': z.enum([...CHECKSUM_ALGORITHMS, 'NONE']).optional(),
  Checksum: z
    .string()
    .regex(/^([0-9a-fA-F]{2})*$/)
    .optional(),
});

/**
 * An object of `Files` (PostgreSQL documentation, "Backup Manifest File Object").
 * @throws FormatDamage when it is none
 */
export function parseManifestFile(text: string): ManifestFile {
  const parsed = fields.safeParse(parseJson(text));
  if (!parsed.success) throw damagedEntry();
  const { Path: plain, 'Encoded-Path': encoded, Size: bytes, 'Last-Modified': modified } = parsed.data;
  const { 'Checksum-Algorithm': algorithm = 'NONE', Checksum: hex } = parsed.data;
  const path = encoded === undefined ? plain : Buffer.from(encoded, 'hex');
  const millis = Date.parse(`${modified.slice(0, 10)}T${modified.slice(11, 19)}Z`);
  const twoPaths = plain !== undefined && encoded !== undefined;
  if (path === undefined || twoPaths || Number.isNaN(millis)) throw damagedEntry();
  if ((algorithm === 'NONE') !== (hex === undefined)) throw damagedEntry();
  const checksum = algorithm === 'NONE' || hex === undefined ? null : { algorithm, hex: hex.toLowerCase() };
  return { path: pathText(Buffer.from(path)), bytes, modifiedAt: toInstant(millis), checksum };
}

/** @throws FormatDamage when it is no JSON */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new FormatDamage('its backup_manifest is damaged: it is not JSON', { cause: error });
  }
}

function damagedEntry(): FormatDamage {
  return new FormatDamage('its backup_manifest is damaged: one of its entries is none of a file');
}
