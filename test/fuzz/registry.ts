import type { FuzzedParser } from './fuzzed-parser.ts';
import { ARCHIVE_SET_PARSERS } from './parsers/archive-sets.ts';
import { AWS_PARSERS } from './parsers/aws.ts';
import { BASE_BACKUP_PARSERS } from './parsers/base-backups.ts';
import { CATALOG_PARSERS } from './parsers/catalogs.ts';
import { DUMP_PARSERS } from './parsers/dumps.ts';
import { ENCRYPTED_FILE_PARSERS } from './parsers/encrypted-files.ts';
import { LISTING_PARSERS } from './parsers/listings.ts';
import { PACKAGE_PARSERS } from './parsers/packages.ts';
import { PGBACKREST_PARSERS } from './parsers/pgbackrest.ts';
import { STREAM_PARSERS } from './parsers/streams.ts';
import { TABLE_ROW_PARSERS } from './parsers/table-rows.ts';
import { TABLE_PARSERS } from './parsers/tables.ts';
import { VAULT_COPY_PARSERS } from './parsers/vault-copies.ts';

/** Every reader of a format that others write. A new one is fuzzed as soon as it stands here. */
export const FUZZED_PARSERS: readonly FuzzedParser[] = [
  ...DUMP_PARSERS,
  ...TABLE_ROW_PARSERS,
  ...BASE_BACKUP_PARSERS,
  ...PGBACKREST_PARSERS,
  ...CATALOG_PARSERS,
  ...STREAM_PARSERS,
  ...LISTING_PARSERS,
  ...TABLE_PARSERS,
  ...AWS_PARSERS,
  ...VAULT_COPY_PARSERS,
  ...ARCHIVE_SET_PARSERS,
  ...ENCRYPTED_FILE_PARSERS,
  ...PACKAGE_PARSERS,
];
