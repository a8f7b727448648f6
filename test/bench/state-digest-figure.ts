import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programOnPath } from '../services/availability.ts';
import type { Figure, Unmeasured } from './figure.ts';
import { inTurn, secondsOf } from './in-turn.ts';
import { measuredProcess } from './measured-process.ts';

const OURS = fileURLToPath(new URL('state-digest.mjs', import.meta.url));
const FILES = 50_000;
const FILES_A_DIRECTORY = 100;
/** Sizes of files in a state directory: settings, small databases, keys. In bytes. */
const SIZES = [120, 700, 2_000, 4_000, 9_000];

/** Digesting a state directory of many small files, against the usual way to get a checksum of each. */
export async function stateDigestFigure(root: string): Promise<Figure | Unmeasured> {
  const missing = ['find', 'xargs', 'sha256sum'].filter((name) => programOnPath([name]) === null);
  if (missing.length > 0) return { name: 'state-digest', why: `${missing.join(' and ')} not found` };
  await makeStateTree(root);
  return inTurn({
    name: `digest of a state directory of ${FILES} small files / find | xargs sha256sum`,
    least: 0.7,
    ours: async () => Number((await measuredProcess([OURS, root, String(FILES)])).output),
    peer: () => secondsOf(() => sumsOf(root)),
    rate: (taken) => `${(FILES / taken).toFixed(0)} files/s`,
    note: 'ours with the start of the process that reads; all in the cache of the system',
  });
}

async function makeStateTree(root: string): Promise<void> {
  for (let made = 0; made < FILES; made += FILES_A_DIRECTORY) {
    const directory = join(root, String(Math.floor(made / 10_000)), String(made));
    await mkdir(directory, { recursive: true });
    await Promise.all(
      Array.from({ length: FILES_A_DIRECTORY }, (_, index) => {
        const bytes = SIZES[(made + index) % SIZES.length] ?? 0;
        return writeFile(join(directory, `${index}.json`), Buffer.alloc(bytes, `${made + index} `));
      }),
    );
  }
}

/** `find -type f -print0 | xargs -0 sha256sum`, without a shell. */
async function sumsOf(root: string): Promise<void> {
  const find = spawn('find', [root, '-type', 'f', '-print0'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sums = spawn('xargs', ['-0', 'sha256sum'], { stdio: [find.stdout, 'ignore', 'inherit'] });
  // The end of the pipe here is the child's alone now.
  find.stdout.destroy();
  const [found] = await Promise.all([once(find, 'exit'), once(sums, 'exit')]);
  if (found[0] !== 0 || sums.exitCode !== 0)
    throw new Error(`find and sha256sum failed (${found[0]}, ${sums.exitCode})`);
}
