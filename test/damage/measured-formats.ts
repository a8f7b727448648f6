import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { barmanUnavailable, startBarman } from '../services/barman.ts';
import { borgUnavailable } from '../services/borg.ts';
import { cachedProgram } from '../services/cache.ts';
import { pgBackRestUnavailable } from '../services/pgbackrest.ts';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { vaultRecipe } from '../services/recipes.ts';
import { resticUnavailable } from '../services/restic.ts';
import { startVault, vaultUnavailable } from '../services/vault.ts';
import {
  BARMAN_FORMAT,
  BASE_BACKUP_FORMATS,
  barmanFormat,
  baseBackupFormats,
  takeBaseBackup,
} from './cluster-formats.ts';
import type { DamagedFormat } from './damaged-format.ts';
import { DUMP_FORMATS, dumpFormats } from './dump-formats.ts';
import { ENCRYPTED_FORMATS, encryptedFormats, encryptionUnavailable } from './encrypted-formats.ts';
import { PGBACKREST_FORMATS, pgBackRestFormats } from './pgbackrest-formats.ts';
import { BORG_FORMAT, borgFormat, RESTIC_FORMAT, resticFormat } from './repository-formats.ts';
import { leaveOneDatabase, SMALL_CLUSTER } from './small-cluster.ts';
import { VAULT_FORMAT, vaultFormat } from './vault-format.ts';
import { versionOf } from './vendor-tool.ts';
import { WAL_G_FORMAT, walGFormat } from './wal-g-format.ts';

/** A server or tool with which artifacts of some formats are made. */
export interface FormatMaker {
  readonly name: string;
  /** Names of what it makes, in the order of the tables. */
  readonly formats: readonly string[];
  /** Why it cannot be had here, or null. */
  readonly unavailable: () => string | null;
  /** @param directory an empty one, which whoever runs the tools can read */
  readonly make: (directory: string, cleanup: AsyncDisposableStack) => Promise<readonly DamagedFormat[]>;
  /** The programs that look at it beside this one, each as name and number. */
  readonly versions: () => Promise<readonly string[]>;
}

const postgres = () => versionOf('PostgreSQL', debianPostgresTool('pg_restore'), '--version');
const gzip = () => versionOf('gzip', 'gzip', '--version');

export const FORMAT_MAKERS: readonly FormatMaker[] = [
  {
    name: 'PostgreSQL',
    formats: DUMP_FORMATS,
    unavailable: debianPostgresUnavailable,
    make: async (directory, cleanup) => dumpFormats(cleanup.use(await startDebianPostgres()), directory),
    versions: () =>
      Promise.all([
        postgres(),
        gzip(),
        versionOf('zstd', 'zstd', '--version'),
        versionOf('lz4', 'lz4', '--version'),
        // Asked for its version it would go on and wait for something to compress.
        versionOf('bzip2', 'bzip2', '--help'),
        versionOf('xz', 'xz', '--version'),
      ]),
  },
  {
    name: 'encryption',
    formats: ENCRYPTED_FORMATS,
    unavailable: encryptionUnavailable,
    make: async (directory, cleanup) => encryptedFormats(directory, cleanup),
    versions: () => Promise.all([versionOf('age', 'age', '--version'), versionOf('GnuPG', 'gpg', '--version')]),
  },
  {
    name: 'base backups',
    formats: BASE_BACKUP_FORMATS,
    unavailable: debianPostgresUnavailable,
    make: async (directory, cleanup) =>
      baseBackupFormats(cleanup.use(await startDebianPostgres(SMALL_CLUSTER)), directory),
    versions: () => Promise.all([postgres()]),
  },
  {
    name: 'pgBackRest',
    formats: PGBACKREST_FORMATS,
    unavailable: pgBackRestUnavailable,
    make: (_, cleanup) => pgBackRestFormats(cleanup),
    versions: () => Promise.all([versionOf('pgBackRest', 'pgbackrest', 'version')]),
  },
  {
    name: 'Barman',
    formats: [BARMAN_FORMAT],
    unavailable: barmanUnavailable,
    make: async (_, cleanup) => [await barmanFormat(cleanup.use(await startBarman()))],
    versions: () => Promise.all([versionOf('Barman', 'barman', '--version'), postgres()]),
  },
  {
    name: 'WAL-G',
    formats: [WAL_G_FORMAT],
    unavailable: debianPostgresUnavailable,
    make: async (directory, cleanup) => {
      const server = cleanup.use(await startDebianPostgres(SMALL_CLUSTER));
      await leaveOneDatabase(server);
      const taken = await takeBaseBackup(server, join(directory, 'taken'));
      mkdirSync(join(directory, 'repository'));
      return [await walGFormat(join(taken, 'base'), join(directory, 'repository'))];
    },
    versions: async () => [],
  },
  {
    name: 'restic',
    formats: [RESTIC_FORMAT],
    unavailable: resticUnavailable,
    make: async (directory) => [await resticFormat(directory)],
    versions: () => Promise.all([versionOf('restic', 'restic', 'version')]),
  },
  {
    name: 'Borg',
    formats: [BORG_FORMAT],
    unavailable: borgUnavailable,
    make: async (directory) => [await borgFormat(directory)],
    versions: () => Promise.all([versionOf('Borg', 'borg', '--version')]),
  },
  {
    name: 'Vault',
    formats: [VAULT_FORMAT],
    unavailable: vaultUnavailable,
    make: async (directory, cleanup) => [await vaultFormat(cleanup.use(await startVault()), directory)],
    versions: () => Promise.all([gzip(), versionOf('Vault', cachedProgram(vaultRecipe) ?? 'vault', 'version')]),
  },
];
