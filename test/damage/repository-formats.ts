import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PhysicalContents } from '../../src/collect/backups/physical/physical-copy.ts';
import { readResticRepository } from '../../src/collect/backups/repositories/restic-repository.ts';
import { seededRandom } from '../bench/random.ts';
import { NAMES, readRepository } from '../collect/backups/repositories/reading.ts';
import { fixture } from '../collect/formats/pg-dump/dump-fixtures.ts';
import { memoryTree } from '../collect/memory-tree.ts';
import { BORG_PASSPHRASE, borgRepository } from '../services/borg.ts';
import { RESTIC_PASSWORD, resticRepository } from '../services/restic.ts';
import type { Damaged } from './damage-place.ts';
import type { DamagedFormat, Reading } from './damaged-format.ts';
import { READING, withDamage } from './memory-copy.ts';
import { filesBelow } from './read-files.ts';
import { vendorTool } from './vendor-tool.ts';

export const RESTIC_FORMAT = 'restic: all files of a repository';
export const BORG_FORMAT = 'Borg: config and segments of a repository';

const PICTURE_BYTES = 256 * 1024;
/** A check takes seconds where others want the processors, too. */
const CHECK_LIMIT_MS = 20_000;
/** Dumps inside are not opened: the most that is said of a repository is nothing. */
const NOTHING_SAID = 'nothing said';

/** A repository of restic with a snapshot of a few dumps. */
export async function resticFormat(directory: string): Promise<DamagedFormat> {
  const repository = await resticRepository(directory);
  await repository.backup(dumpsBelow(directory), '2026-11-21 02:00:00');
  const { root } = repository;
  const files = filesBelow(root);
  const environment = [`RESTIC_PASSWORD=${RESTIC_PASSWORD}`, `HOME=${directory}`];
  const check = ['restic', '--repo', root, '--no-cache', '--no-lock', 'check', '--read-data'];
  return {
    name: RESTIC_FORMAT,
    root,
    files,
    read: async (depth, damaged) => {
      if (depth === 'structure') {
        return damagedOnDisk(root, files, damaged, async () =>
          saidOf(await readRepository('restic', { root, secret: RESTIC_PASSWORD })),
        );
      }
      const tree = memoryTree(withDamage(files, damaged));
      const { unmatched } = await readResticRepository(tree, { ...READING, ...UNASKED, depth, root });
      const isDamaged = unmatched.some(({ what }) => what.endsWith('damaged'));
      return { verdict: isDamaged ? 'damaged' : NOTHING_SAID, sha256: null };
    },
    tools: [vendorTool('restic check --read-data', 'env', [...environment, ...check], directory, CHECK_LIMIT_MS)],
    hasRecordedSum: false,
    soundVerdict: NOTHING_SAID,
    slow: 'program at structure',
    note: `What snapshots hold is asked of restic; dumps inside are not opened and never taken to be whole. *Found* at depth
structure is what restic itself stumbles over when it lists; in full, every file but
\`config\` is compared with its name, which is its SHA-256: measured here without restic and password. A pack that is cut
off restic tries to read again and again, and refuses it after some 45 s. Copies of files in a repository with such damage are
unknown: which snapshots need what is damaged is not known.`,
  };
}

const UNASKED = { secret: null, program: null, databaseNames: NAMES } as const;

/** A repository of Borg with an archive of a few dumps. */
export async function borgFormat(directory: string): Promise<DamagedFormat> {
  const repository = await borgRepository(directory);
  dumpsBelow(directory);
  await repository.create('nightly', directory, 'backups', '2026-11-21T02:00:00');
  const { root } = repository;
  const files = filesBelow(root, (path) => path === 'config' || path.startsWith('data/'));
  const environment = [
    `BORG_PASSPHRASE=${BORG_PASSPHRASE}`,
    `BORG_BASE_DIR=${join(directory, 'borg')}`,
    'LC_ALL=C.UTF-8',
  ];
  return {
    name: BORG_FORMAT,
    root,
    files,
    read: (_, damaged) =>
      damagedOnDisk(root, files, damaged, async () =>
        saidOf(await readRepository('borg', { root, secret: BORG_PASSPHRASE })),
      ),
    tools: [
      vendorTool(
        'borg check --verify-data',
        'env',
        [...environment, 'borg', 'check', '--verify-data', root],
        directory,
        CHECK_LIMIT_MS,
      ),
    ],
    hasRecordedSum: false,
    soundVerdict: NOTHING_SAID,
    hasOneDepth: true,
    slow: 'program at every depth',
    note: `What archives hold is asked of Borg, at both depths alike; dumps inside are not opened and never taken to be whole.
*Found* is what Borg itself stumbles over when it lists: whether their data are whole, only \`borg check\` tells.`,
  };
}

function dumpsBelow(directory: string): string {
  const backups = join(directory, 'backups');
  mkdirSync(backups);
  writeFileSync(join(backups, 'tenant_acme.dump'), fixture('pg15-custom.dump'));
  writeFileSync(join(backups, 'tenant_beta.sql'), fixture('pg15-plain.sql'));
  writeFileSync(join(backups, 'picture.jpg'), incompressible(PICTURE_BYTES));
  return backups;
}

/** The same bytes in each run. */
function incompressible(bytes: number): Buffer {
  const random = seededRandom(bytes);
  return Buffer.from(Array.from({ length: bytes }, () => random.whole(256)));
}

function saidOf({ blindSpot, files = [] }: PhysicalContents): Reading {
  if (blindSpot !== null) return { verdict: 'blind spot', sha256: null };
  return { verdict: files.length === 2 ? NOTHING_SAID : 'dumps are missing', sha256: null };
}

/** Has a program look at damage, and puts the file back. */
async function damagedOnDisk(
  root: string,
  files: DamagedFormat['files'],
  damaged: Damaged | null,
  read: () => Promise<Reading>,
): Promise<Reading> {
  if (damaged === null) return read();
  const file = join(root, damaged.path);
  writeFileSync(file, damaged.bytes);
  try {
    return await read();
  } finally {
    writeFileSync(file, files.get(damaged.path) ?? '');
  }
}
