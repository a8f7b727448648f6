import { barmanUnavailable, startBarman } from '../services/barman.ts';
import { cachedProgram } from '../services/cache.ts';
import { pgBackRestUnavailable, startBackedUpCluster } from '../services/pgbackrest.ts';
import { debianPostgresTool, debianPostgresUnavailable, startDebianPostgres } from '../services/postgres-debian.ts';
import { vaultRecipe } from '../services/recipes.ts';
import { startVault, vaultUnavailable } from '../services/vault.ts';
import { barmanFormat, baseBackupFormats } from './cluster-formats.ts';
import type { DamagedFormat } from './damaged-format.ts';
import { dumpFormats } from './dump-formats.ts';
import { PASSPHRASE, pgBackRestFormats } from './pgbackrest-formats.ts';
import { vaultFormat } from './vault-format.ts';
import { versionOf } from './vendor-tool.ts';

/** A server or tool with which artifacts of some formats are made. */
export interface FormatMaker {
  readonly name: string;
  /** Why it cannot be had here, or null. */
  readonly unavailable: () => string | null;
  /** @param directory an empty one, which whoever runs the tools can read */
  readonly make: (directory: string, cleanup: AsyncDisposableStack) => Promise<readonly DamagedFormat[]>;
  readonly version: () => Promise<string>;
}

export const FORMAT_MAKERS: readonly FormatMaker[] = [
  {
    name: 'PostgreSQL',
    unavailable: debianPostgresUnavailable,
    make: async (directory, cleanup) => {
      const server = cleanup.use(await startDebianPostgres());
      return [...(await dumpFormats(server, directory)), ...(await baseBackupFormats(server, directory))];
    },
    version: () => versionOf(debianPostgresTool('pg_restore'), '--version'),
  },
  {
    name: 'pgBackRest',
    unavailable: pgBackRestUnavailable,
    make: async (_, cleanup) => {
      const repositories = [{}, { 'cipher-type': 'aes-256-cbc', 'cipher-pass': PASSPHRASE }];
      return pgBackRestFormats(cleanup.use(await startBackedUpCluster({ stanza: 'main', repositories })));
    },
    version: () => versionOf('pgbackrest', 'version'),
  },
  {
    name: 'Barman',
    unavailable: barmanUnavailable,
    make: async (_, cleanup) => [await barmanFormat(cleanup.use(await startBarman()))],
    version: async () => `Barman ${(await versionOf('barman', '--version')).split(' ')[0]}`,
  },
  {
    name: 'Vault',
    unavailable: vaultUnavailable,
    make: async (directory, cleanup) => [await vaultFormat(cleanup.use(await startVault()), directory)],
    version: () => versionOf(cachedProgram(vaultRecipe) ?? 'vault', 'version'),
  },
];
