import { join } from 'node:path';
import { readPgBackRestRepository } from '../../src/collect/backups/physical/pgbackrest-repository.ts';
import { Secret } from '../../src/model/secret.ts';
import { type BackedUpCluster, startBackedUpCluster } from '../services/pgbackrest.ts';
import type { DamagedFormat, VendorTool } from './damaged-format.ts';
import { located, READING } from './memory-copy.ts';
import { leaveOneDatabase, SMALL_CLUSTER } from './small-cluster.ts';

const PASSPHRASE = 'correct horse';

interface Kind {
  readonly name: string;
  readonly passphrase: string | null;
  readonly backup: readonly string[];
}
const KINDS: readonly Kind[] = [
  { name: 'uncompressed', passphrase: null, backup: ['--compress-type=none'] },
  { name: 'gzip', passphrase: null, backup: [] },
  { name: 'gzip, encrypted', passphrase: PASSPHRASE, backup: [] },
];
const nameOf = ({ name }: Kind): string => `pgBackRest, ${name}: stored files of a backup`;

export const PGBACKREST_FORMATS = KINDS.map(nameOf);

/** A full backup in each of some repositories of one cluster. */
export async function pgBackRestFormats(cleanup: AsyncDisposableStack): Promise<readonly DamagedFormat[]> {
  const repositories = KINDS.map(({ passphrase }) =>
    passphrase === null ? {} : { 'cipher-type': 'aes-256-cbc', 'cipher-pass': passphrase },
  );
  const { walSegmentMebibytes } = SMALL_CLUSTER;
  const cluster = cleanup.use(await startBackedUpCluster({ stanza: 'main', repositories, walSegmentMebibytes }));
  await leaveOneDatabase(cluster.server);
  const labels: string[] = [];
  for (const [index, { backup }] of KINDS.entries()) labels.push(await cluster.backup('full', index + 1, ...backup));
  // Then nothing of the backups is on its way into the archives any more.
  await cluster.archiveSegment();
  return KINDS.map((kind, index) => {
    const passphrase = kind.passphrase === null ? null : new Secret(kind.passphrase);
    const stored = join('backup/main', labels[index] ?? '', 'pg_data');
    return located({
      name: nameOf(kind),
      root: cluster.repositories[index] ?? '',
      isDamaged: (path) => path.startsWith(stored),
      read: (tree, depth) => readPgBackRestRepository(tree, { ...READING, depth, passphrase }),
      tools: [verify(cluster, index + 1)],
    });
  });
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
