import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Figure } from './figure.ts';
import { inTurn } from './in-turn.ts';
import { measuredProcess } from './measured-process.ts';

const SERVER = fileURLToPath(new URL('bucket-server.mjs', import.meta.url));
const LOOP = fileURLToPath(new URL('inventory-loop.ts', import.meta.url));
const MEGABYTE = 1_000_000;

/** An inventory of a bucket with as many rows, against a bare listing loop; and the most memory its process takes. */
export async function inventoryFigures(objects: number): Promise<readonly Figure[]> {
  await using cleanup = new AsyncDisposableStack();
  const server = spawn(process.execPath, [SERVER, String(objects)], { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanup.defer(() => void server.kill());
  const [port] = await once(server.stdout, 'data');
  const endpoint = `http://127.0.0.1:${String(port).trim()}`;
  let peak = 0;
  const seconds = async (mode: 'ours' | 'bare'): Promise<number> => {
    const measured = await measuredProcess([LOOP, mode, endpoint, String(objects)]);
    if (mode === 'ours') peak = Math.max(peak, measured.peak);
    return Number(measured.output);
  };
  const speed = await inTurn({
    name: `inventory of ${objects} objects and as many rows / bare ListObjectsV2 loop`,
    least: 0.9,
    ours: () => seconds('ours'),
    peer: () => seconds('bare'),
    rate: (taken) => `${(objects / taken).toFixed(0)} objects/s`,
    note: 'pages of 1,000 from a small server of this machine, both with the AWS SDK; rows made in place of a database',
  });
  return [
    speed,
    {
      name: `peak memory, inventory of ${objects} objects and as many rows`,
      ours: speed.ours,
      peer: null,
      value: peak / MEGABYTE,
      unit: 'MB',
      limit: { kind: 'at most', value: 200 },
      note: 'largest resident set of the process',
    },
  ];
}
