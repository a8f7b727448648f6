import { execFile } from 'node:child_process';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { readLocation, readToEnd } from '../../src/collect/backups/artifact-index.ts';
import { localDirectoryTree } from '../../src/collect/trees/local-directory.ts';
import { programOnPath } from '../services/availability.ts';
import { debianPostgresTool } from '../services/postgres-debian.ts';
import type { Figure, Unmeasured } from './figure.ts';
import { inTurn, secondsOf } from './in-turn.ts';
import type { LargeDumps } from './large-dumps.ts';

export const DUMP_FIGURES = ['sha256', 'custom-dump', 'gzip-dump'] as const;
type DumpFigure = (typeof DUMP_FIGURES)[number];

const run = promisify(execFile);

interface Peer {
  readonly dump: keyof LargeDumps;
  readonly what: string;
  readonly program: string | null;
  readonly args: readonly string[];
  readonly least: number;
}

const PEERS: Readonly<Record<DumpFigure, Peer>> = {
  sha256: {
    dump: 'plain',
    what: 'SHA-256, and full verification, of SQL text / sha256sum',
    program: programOnPath(['sha256sum']),
    args: [],
    least: 0.8,
  },
  'custom-dump': {
    dump: 'custom',
    what: 'full verification of a custom dump / pg_restore -f /dev/null',
    program: debianPostgresTool('pg_restore'),
    args: ['-f', '/dev/null'],
    least: 1,
  },
  'gzip-dump': {
    dump: 'gzipped',
    what: 'full verification of SQL text in gzip / gzip -t',
    program: programOnPath(['gzip']),
    args: ['-t'],
    least: 0.7,
  },
};

/**
 * Reading a dump to its last byte, its SHA-256 included, as the program does it, against the tool of its format, which
 * starts anew each time. @throws Error where the dump is not found whole, or its SHA-256 is not the peer's
 */
export async function dumpFigure(name: DumpFigure, dumps: LargeDumps, directory: string): Promise<Figure | Unmeasured> {
  const { dump, what, program, args, least } = PEERS[name];
  const { path, bytes } = dumps[dump];
  if (program === null) return { name: what, why: `${name === 'sha256' ? 'sha256sum' : 'gzip'} not found` };
  const { signal } = new AbortController();
  const location = { name: 'bench', tree: localDirectoryTree({ root: directory }), timeZone: null, servers: null };
  const refuse = (error: unknown): never => {
    throw error;
  };
  const { dumpsByPath } = await readLocation(location, new Set(), refuse, signal);
  const artifact = dumpsByPath.get(basename(path));
  if (artifact === undefined) throw new Error(`${path} was not read as a dump`);
  let [sha256, answer] = ['', ''];
  const ours = async (): Promise<void> => {
    const recognition = await readToEnd(artifact, signal);
    if (recognition.kind !== 'dump' || recognition.reading.integrity.state !== 'complete') {
      throw new Error(`${path} was not found whole: ${JSON.stringify(recognition)}`);
    }
    sha256 = recognition.reading.sha256 ?? '';
  };
  const peer = async (): Promise<void> => {
    answer = (await run(program, [...args, path])).stdout;
  };
  const figure = await inTurn({
    name: what,
    least,
    ours: () => secondsOf(ours),
    peer: () => secondsOf(peer),
    rate: (seconds) => `${(bytes / 1e6 / seconds).toFixed(0)} MB/s`,
    note: `${(bytes / 2 ** 20).toFixed(0)} MiB, ${program}`,
  });
  if (name === 'sha256' && !answer.startsWith(`${sha256} `)) throw new Error(`sha256sum of ${path} is another`);
  return figure;
}
