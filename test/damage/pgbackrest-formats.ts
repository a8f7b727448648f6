import { join } from 'node:path';
import { readPgBackRestRepository } from '../../src/collect/backups/physical/pgbackrest-repository.ts';
import { Secret } from '../../src/model/secret.ts';
import { SourceError } from '../../src/model/source-error.ts';
import type { BackedUpCluster } from '../services/pgbackrest.ts';
import { located } from './cluster-formats.ts';
import type { DamagedFormat, VendorTool } from './damaged-format.ts';
import { filesBelow } from './read-files.ts';

export const PASSPHRASE = 'correct horse';
const { signal } = new AbortController();

/** A full backup in each of two repositories of one cluster: the first plain, the second encrypted. */
export async function pgBackRestFormats(cluster: BackedUpCluster): Promise<readonly DamagedFormat[]> {
  const formats: DamagedFormat[] = [];
  for (const [index, root] of cluster.repositories.entries()) {
    const repository = index + 1;
    const label = await cluster.backup('full', repository);
    const isStored = (path: string): boolean => path.startsWith(join('backup/main', label, 'pg_data'));
    const read: Parameters<typeof located>[3] = (tree, depth) =>
      readPgBackRestRepository(tree, {
        depth,
        passphrase: repository === 1 ? null : new Secret(PASSPHRASE),
        declaredServer: null,
        signal,
        blindSpotOf: (error) => {
          if (!(error instanceof SourceError)) throw error;
          return { reason: error.reason, detail: error.message, remedy: error.remedy };
        },
      });
    const kind = repository === 1 ? 'plain' : 'encrypted';
    formats.push(
      located(`pgBackRest, ${kind}: stored files of a backup`, root, filesBelow(root, isStored), read, [
        verify(cluster, repository),
      ]),
    );
  }
  return formats;
}

/** `pgbackrest verify` ends with 0 whatever it finds, and tells it in its text. */
function verify(cluster: BackedUpCluster, repository: number): VendorTool {
  return {
    name: 'pgbackrest verify',
    ask: async () => {
      const told = await cluster
        .command('verify', `--repo=${repository}`, '--output=text', '--verbose')
        .catch(() => 'error');
      const findsMore = /error|(?:missing|invalid|other): [1-9]/i.test(told.replaceAll(/errors?: (?:0|none)/gi, ''));
      return findsMore ? 'refused' : 'accepted';
    },
  };
}
