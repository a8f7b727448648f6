import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { programOnPath } from '../services/availability.ts';
import type { Figure, Unmeasured } from './figure.ts';
import { inTurn, secondsOf } from './in-turn.ts';
import { makeLargeSnapshot } from './large-snapshot.ts';
import { measuredProcess } from './measured-process.ts';

const OURS = fileURLToPath(new URL('read-snapshot.mjs', import.meta.url));
const MEBIBYTE = 2 ** 20;
const MEGABYTE = 1_000_000;

/** Reading a snapshot of Vault, checksums, keys and all, against decompressing it; and the most memory that takes. */
export async function snapshotFigures(file: string, mebibytes: number, seed: number): Promise<(Figure | Unmeasured)[]> {
  const gzip = programOnPath(['gzip']);
  if (gzip === null) return [{ name: 'snapshot', why: 'gzip not found' }];
  const keys = await makeLargeSnapshot(file, mebibytes * MEBIBYTE, seed);
  let peak = 0;
  const ours = async (): Promise<number> => {
    const measured = await measuredProcess([OURS, file, String(keys)]);
    peak = Math.max(peak, measured.peak);
    return Number(measured.output);
  };
  const speed = await inTurn({
    name: `reading a Vault snapshot of ${mebibytes} MiB / gzip -dc`,
    least: 0.5,
    ours,
    peer: () => secondsOf(() => decompress(gzip, file)),
    rate: (taken) => `${((mebibytes * MEBIBYTE) / MEGABYTE / taken).toFixed(0)} MB/s`,
    note: `${keys} transit keys; values are noise, as ciphertext is`,
  });
  return [
    speed,
    {
      name: `peak memory, reading a Vault snapshot of ${mebibytes} MiB`,
      ours: speed.ours,
      peer: null,
      value: peak / MEGABYTE,
      unit: 'MB',
      limit: { kind: 'at most', value: 150 },
      note: 'largest resident set of the process, the largest of its runs',
    },
  ];
}

async function decompress(gzip: string, file: string): Promise<void> {
  const child = spawn(gzip, ['-dc', file], { stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`gzip ended with ${code}`);
}
