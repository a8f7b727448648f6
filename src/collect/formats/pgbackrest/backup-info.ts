import { z } from 'zod';
import { Secret } from '../../../model/secret.ts';
import { SourceError } from '../../../model/source-error.ts';
import { parseBackupLabel } from './backup-label.ts';
import { PgBackRestDamage } from './damage.ts';
import { type InfoEntry, readInfoText } from './info-text.ts';

const FORMAT = 5;
/** Seconds since 1970 within the years that an instant can tell. */
export const epochSeconds = z.int().min(0).max(253_402_300_799);
export const segmentName = z.string().regex(/^[0-9A-F]{24}$/);
export const lsn = z.string().regex(/^[0-9A-F]{1,8}\/[0-9A-F]{1,8}$/i);
/** Up to 64 bits, as decimal text. */
export const systemIdentifier = z.union([z.string().regex(/^\d{1,20}$/), z.int().nonnegative().transform(String)]);
const label = z.string().refine((text) => parseBackupLabel(text) !== null);

/** One line of `[backup:current]`. */
const catalogued = z.object({
  'backrest-version': z.string().nullish(),
  'backup-type': z.enum(['full', 'diff', 'incr']),
  'backup-timestamp-start': epochSeconds,
  'backup-timestamp-stop': epochSeconds,
  'backup-archive-start': segmentName.nullish(),
  'backup-archive-stop': segmentName.nullish(),
  'backup-lsn-start': lsn.nullish(),
  'backup-lsn-stop': lsn.nullish(),
  'backup-prior': label.nullish(),
  'backup-reference': z.array(label).nullish(),
  'backup-error': z.boolean().nullish(),
  'db-id': z.int().positive(),
  'option-archive-copy': z.boolean().nullish(),
  'option-online': z.boolean().nullish(),
});
export type CataloguedBackup = z.infer<typeof catalogued>;

/** A line of `[db:history]`: archive.info calls the identifier of the system `db-id`. */
const history = z.object({
  'db-system-id': systemIdentifier.optional(),
  'db-id': systemIdentifier.optional(),
  'db-version': z.string(),
});

/** One cluster that the stanza was made for, by its history number. */
export interface HistoryEntry {
  readonly systemIdentifier: string | null;
  readonly version: string;
}

/** What `backup.info` or `archive.info` says. */
export interface StanzaInfo {
  /** Release of the pgBackRest that wrote it. */
  readonly toolVersion: string | null;
  /** Number of the cluster that the stanza is made for now. */
  readonly currentHistoryId: number | null;
  readonly history: ReadonlyMap<number, HistoryEntry>;
  /** By label; empty in `archive.info`. */
  readonly backups: ReadonlyMap<string, CataloguedBackup>;
  /** Opens what it leads to: manifests, or WAL segments. Null where those are not encrypted. */
  readonly passphrase: Secret | null;
}

/**
 * Reads `backup.info` or `archive.info`, decrypted. Format of pgBackRest 2.45, format number 5.
 *
 * @throws SourceError `malformed` when it is damaged, `unsupported` when it is of another format
 */
export async function readStanzaInfo(chunks: AsyncIterable<Uint8Array>, what: string): Promise<StanzaInfo> {
  const entries: InfoEntry[] = [];
  await readInfoText(chunks, what, (entry) => entries.push(entry));
  const value = (section: string, key: string): unknown =>
    entries.find((entry) => entry.section === section && entry.key === key)?.value;
  checkFormat(value('backrest', 'backrest-format'), what);
  const histories = entries.filter(({ section }) => section === 'db:history');
  const backups = entries.filter(({ section }) => section === 'backup:current');
  const passphrase = value('cipher', 'cipher-pass');
  return {
    toolVersion: parsed(z.string().nullish(), value('backrest', 'backrest-version'), what) ?? null,
    currentHistoryId: parsed(z.int().positive().nullish(), value('db', 'db-id'), what) ?? null,
    history: new Map(histories.map((entry) => [historyId(entry, what), historyEntry(entry, what)])),
    backups: new Map(backups.map((entry) => [parsed(label, entry.key, what), parsed(catalogued, entry.value, what)])),
    passphrase: passphrase === undefined ? null : new Secret(parsed(z.string().min(1), passphrase, what)),
  };
}

/** @throws SourceError `unsupported` when the number is not that of the format that this module knows */
export function checkFormat(format: unknown, what: string): void {
  if (format === FORMAT) return;
  if (typeof format !== 'number') throw new PgBackRestDamage(`${what} does not tell its format`);
  const remedy = 'Give the output of "pgbackrest info --output=json" in a file instead.';
  throw new SourceError('unsupported', `${what} is of format ${format}, and only format ${FORMAT} is known`, remedy);
}

function parsed<T>(schema: z.ZodType<T>, value: unknown, what: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new PgBackRestDamage(
    `${what} holds an entry of another shape (${issue?.path.join('.') || 'its key or value'})`,
  );
}

function historyId({ key }: InfoEntry, what: string): number {
  return parsed(z.coerce.number<string>().int().positive(), key, what);
}

function historyEntry({ value }: InfoEntry, what: string): HistoryEntry {
  const entry = parsed(history, value, what);
  return { systemIdentifier: entry['db-system-id'] ?? entry['db-id'] ?? null, version: entry['db-version'] };
}
