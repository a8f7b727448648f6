import { DumpDamage } from './dump-reading.ts';

/** Names of encodings that pg_dump writes (PostgreSQL source, encnames.c, `pg_enc2name_tbl`). */
const ENCODINGS = new Set(
  `SQL_ASCII EUC_JP EUC_CN EUC_KR EUC_TW EUC_JIS_2004 UTF8 MULE_INTERNAL LATIN1 LATIN2 LATIN3 LATIN4 LATIN5 LATIN6
  LATIN7 LATIN8 LATIN9 LATIN10 WIN1250 WIN1251 WIN1252 WIN1253 WIN1254 WIN1255 WIN1256 WIN1257 WIN1258 WIN866 WIN874
  KOI8R KOI8U ISO_8859_5 ISO_8859_6 ISO_8859_7 ISO_8859_8 SJIS BIG5 GBK UHC GB18030 JOHAB SHIFT_JIS_2004`.split(/\s+/),
);
const QUOTED = /^[^']*'([^']*)'/;

/** Entries that hold settings of the whole archive: without them, or with others, pg_restore refuses it. */
const CHECKS: Readonly<Record<string, (definition: string) => boolean>> = {
  ENCODING: (definition) => ENCODINGS.has(QUOTED.exec(definition)?.[1] ?? ''),
  STDSTRINGS: (definition) => ['on', 'off'].includes(QUOTED.exec(definition)?.[1] ?? ''),
  // Taken as it is.
  SEARCHPATH: () => true,
};

export function isSettingsEntry(description: string): boolean {
  return Object.hasOwn(CHECKS, description);
}

/**
 * Checks an entry for which {@link isSettingsEntry} holds (PostgreSQL source, pg_backup_archiver.c,
 * `processEncodingEntry`, `processStdStringsEntry`, `processSearchPathEntry`). @throws DumpDamage
 */
export function assertSettingsEntry(description: string, definition: string | null): void {
  if (definition === null || CHECKS[description]?.(definition) !== true) {
    throw new DumpDamage(`its table of contents is damaged (entry ${description})`);
  }
}
