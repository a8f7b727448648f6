import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { readBundle } from '../../src/pipeline/bundle-file.ts';
import { judgeBundle } from '../../src/pipeline/judge-bundle.ts';
import { type Figure, median, spread } from './figure.ts';

const ROUNDS = 3;

/**
 * Judging a bundle, both passes with the judged parts spooled and nothing rendered, against reading the same bundle
 * twice with every line checked, once with its digest, as judging does. In turn; the median of the ratios.
 */
export async function judgeFigure(bundle: string, organizations: number, scratch: string): Promise<Figure> {
  const ours: number[] = [];
  const peer: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(await seconds(() => readTwice(bundle)));
    const judged = join(scratch, 'judged');
    ours.push(await seconds(() => judgeBundle(bundle, { scratch: judged })));
    await rm(judged, { recursive: true, force: true });
  }
  const ratios = ours.map((value, round) => value / (peer[round] ?? Number.NaN));
  return {
    name: `judging ${organizations} organizations / parsing their bundle twice`,
    ours: `${median(ours).toFixed(1)} s`,
    peer: `${median(peer).toFixed(1)} s`,
    value: median(ratios),
    unit: 'times',
    limit: { kind: 'at most', value: 3 },
    note: `${ROUNDS} rounds in turn, ${spread(ratios)}`,
  };
}

async function readTwice(bundle: string): Promise<void> {
  for (const onDigest of [() => undefined, undefined]) {
    for await (const line of readBundle(bundle, onDigest)) if (line.type === 'trailer') break;
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
