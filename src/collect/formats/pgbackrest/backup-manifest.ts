import { z } from 'zod';
import { Secret } from '../../../model/secret.ts';
import { type CataloguedBackup, checkFormat, epochSeconds, lsn, segmentName, systemIdentifier } from './backup-info.ts';
import { PgBackRestDamage } from './damage.ts';
import { type InfoEntry, readInfoText } from './info-text.ts';

const sha1 = z.string().regex(/^[0-9a-f]{40}$/);
const count = z.int().nonnegative();

const manifestFile = z.object({
  size: count,
  'repo-size': count.optional(),
  checksum: sha1.optional(),
  rck: sha1.optional(),
  reference: z.string().optional(),
  bni: count.optional(),
  bno: count.optional(),
  bi: z.unknown().optional(),
  'checksum-page': z.boolean().optional(),
});

/** One file of the data directory, and where this repository holds it. */
export interface ManifestFile {
  /** Inside the backup's directory, without the ending of its compression. */
  readonly name: string;
  /** Label of the earlier backup that holds it; null: this one does. */
  readonly reference: string | null;
  /** Bytes and SHA-1 (hexadecimal) of the content; the checksum is null where it is empty. */
  readonly bytes: number;
  readonly sha1: string | null;
  /** The same of what is stored, compressed and encrypted; null where the manifest has no such checksum. */
  readonly storedBytes: number;
  readonly storedSha1: string | null;
  /** The file `bundle/NUMBER` that holds it from `offset` on; null where it is a file of its own. */
  readonly bundle: { readonly number: number; readonly offset: number } | null;
  /** Stored as a map and those blocks that changed. */
  readonly blockIncremental: boolean;
  /** Some of its pages had wrong checksums when it was read from the data directory. */
  readonly pageErrors: boolean;
}

export const COMPRESSIONS = ['none', 'gz', 'lz4', 'bz2', 'zst'] as const;
export type Compression = (typeof COMPRESSIONS)[number];

const single = {
  'backup.backup-label': z.string(),
  'backup.backup-type': z.enum(['full', 'diff', 'incr']),
  'backup.backup-timestamp-start': epochSeconds,
  'backup.backup-timestamp-stop': epochSeconds,
  'backup.backup-archive-start': segmentName,
  'backup.backup-archive-stop': segmentName,
  'backup.backup-lsn-start': lsn,
  'backup.backup-lsn-stop': lsn,
  'backup.backup-prior': z.string(),
  'backup.backup-reference': z.string(),
  'backup.backup-bundle': z.boolean(),
  'backup:db.db-id': z.int().positive(),
  'backup:db.db-system-id': systemIdentifier,
  'backup:db.db-version': z.string(),
  'backup:option.option-compress': z.boolean(),
  'backup:option.option-compress-type': z.enum(COMPRESSIONS),
  'backup:option.option-archive-copy': z.boolean(),
  'backup:option.option-online': z.boolean(),
  'backrest.backrest-version': z.string(),
  'backrest.backrest-format': z.number(),
  'cipher.cipher-pass': z.string().transform((text) => new Secret(text)),
} as const;
type Single = { [K in keyof typeof single]?: z.infer<(typeof single)[K]> };

const database = z.object({ 'db-id': z.int().nonnegative() });

/** How a backup stores its files. */
export interface FileStorage {
  readonly compression: Compression;
  /** Small files lie together in `bundle/NUMBER`, and empty ones nowhere. */
  readonly bundled: boolean;
}

/** What a manifest says beside its files. */
export interface BackupManifest extends FileStorage {
  readonly label: string;
  /** The same as in `backup.info`, for where that cannot be read. Null where the backup did not end. */
  readonly catalogued: CataloguedBackup | null;
  readonly systemIdentifier: string | null;
  readonly serverVersion: string | null;
  readonly databases: readonly { readonly oid: number; readonly name: string }[];
  /** Opens its files; null where they are not encrypted. */
  readonly passphrase: Secret | null;
}

/**
 * Reads `backup.manifest`, decrypted, line by line; only names of databases are kept. Format of pgBackRest 2.45.
 *
 * @param each called for every file, before the checksum of the manifest is known to be right, with what was said
 *   before it of how files are stored: the sections are in alphabetical order, which puts that first
 * @throws SourceError `malformed` when it is damaged, `unsupported` when it is of another format
 */
export async function readBackupManifest(
  chunks: AsyncIterable<Uint8Array>,
  what: string,
  each: (file: ManifestFile, storage: FileStorage) => void,
): Promise<BackupManifest> {
  const found: Single = {};
  const databases: { oid: number; name: string }[] = [];
  await readInfoText(chunks, what, (entry) => {
    if (entry.section === 'target:file') each(fileOf(entry, what), storageOf(found));
    else if (entry.section === 'db') databases.push({ oid: shape(database, entry, what)['db-id'], name: entry.key });
    else note(found, entry, what);
  });
  checkFormat(found['backrest.backrest-format'], what);
  const label = found['backup.backup-label'];
  if (label === undefined) throw new PgBackRestDamage(`${what} does not name its backup`);
  return {
    label,
    catalogued: cataloguedOf(found, label),
    systemIdentifier: found['backup:db.db-system-id'] ?? null,
    serverVersion: found['backup:db.db-version'] ?? null,
    databases,
    ...storageOf(found),
    passphrase: found['cipher.cipher-pass'] ?? null,
  };
}

function note(found: Single, entry: InfoEntry, what: string): void {
  const name = `${entry.section}.${entry.key}`;
  if (!isSingle(name)) return;
  Object.assign(found, { [name]: shape<unknown>(single[name], entry, what) });
}

function isSingle(name: string): name is keyof typeof single {
  return Object.hasOwn(single, name);
}

function shape<T>(schema: z.ZodType<T>, { section, value }: InfoEntry, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new PgBackRestDamage(
    `section ${JSON.stringify(section.slice(0, 40))} of ${what} holds a value of another shape`,
  );
}

function fileOf(entry: InfoEntry, what: string): ManifestFile {
  const file = shape(manifestFile, entry, what);
  return {
    name: entry.key,
    reference: file.reference ?? null,
    bytes: file.size,
    sha1: file.checksum ?? null,
    storedBytes: file['repo-size'] ?? file.size,
    storedSha1: file.rck ?? null,
    bundle: file.bni === undefined ? null : { number: file.bni, offset: file.bno ?? 0 },
    blockIncremental: file.bi !== undefined,
    pageErrors: file['checksum-page'] === false,
  };
}

function storageOf(found: Single): FileStorage {
  // Before 2.27 there was gzip or nothing, and the manifest tells only whether.
  const compressed = found['backup:option.option-compress'] === true;
  return {
    compression: found['backup:option.option-compress-type'] ?? (compressed ? 'gz' : 'none'),
    bundled: found['backup.backup-bundle'] ?? false,
  };
}

function cataloguedOf(found: Single, label: string): CataloguedBackup | null {
  const type = found['backup.backup-type'];
  const start = found['backup.backup-timestamp-start'];
  const stop = found['backup.backup-timestamp-stop'];
  const historyId = found['backup:db.db-id'];
  if (type === undefined || start === undefined || stop === undefined || historyId === undefined) return null;
  const references = found['backup.backup-reference']?.split(',').filter((reference) => reference !== label);
  return {
    'backrest-version': found['backrest.backrest-version'],
    'backup-type': type,
    'backup-timestamp-start': start,
    'backup-timestamp-stop': stop,
    'backup-archive-start': found['backup.backup-archive-start'],
    'backup-archive-stop': found['backup.backup-archive-stop'],
    'backup-lsn-start': found['backup.backup-lsn-start'],
    'backup-lsn-stop': found['backup.backup-lsn-stop'],
    'backup-prior': found['backup.backup-prior'],
    'backup-reference': references,
    'db-id': historyId,
    'option-archive-copy': found['backup:option.option-archive-copy'],
    'option-online': found['backup:option.option-online'],
  };
}
