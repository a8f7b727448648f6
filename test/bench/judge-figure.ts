import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figure, median, spread } from './figure.ts';

const ROUNDS = 3;

/** The built program: as it is run, without a thread stripping types from every file it loads. */
const built = async <M>(path: string): Promise<M> => import(new URL(`../../dist/${path}`, import.meta.url).href);
const { readBundle } = await built<typeof import('../../src/pipeline/bundle-file.ts')>('pipeline/bundle-file.js');
const { judgeBundle } = await built<typeof import('../../src/pipeline/judging/judge-bundle.ts')>(
  'pipeline/judging/judge-bundle.js',
);
const { chunksOf, linesOf } = await built<typeof import('../../src/pipeline/lines.ts')>('pipeline/lines.js');

/**
 * Judging a bundle, both passes with the judged parts spooled and nothing rendered, against reading the same bundle
 * twice with every line checked by its schema, once with its digest, as judging must: whatever is read back is parsed
 * by schemas. In turn; the median of the ratios. The note also gives the ratio to JSON.parse of the same lines alone,
 * without any check, which is no way for the program to read them.
 */
export async function judgeFigure(bundle: string, organizations: number, scratch: string): Promise<Figure> {
  const ours: number[] = [];
  const peer: number[] = [];
  const bare: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    peer.push(await seconds(() => readTwice(bundle)));
    bare.push(await seconds(() => parseTwice(bundle)));
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
    note: `${ROUNDS} rounds in turn, ${spread(ratios)}; JSON.parse alone, without schemas, took ${median(bare).toFixed(1)} s (${(median(ours) / median(bare)).toFixed(1)} times)`,
  };
}

async function readTwice(bundle: string): Promise<void> {
  for (const onDigest of [() => undefined, undefined]) {
    for await (const line of readBundle(bundle, onDigest)) if (line.type === 'trailer') break;
  }
}

/** What no reader that checks its lines can be faster than. */
async function parseTwice(bundle: string): Promise<void> {
  for (let pass = 0; pass < 2; pass += 1) {
    for await (const line of linesOf(chunksOf(bundle))) JSON.parse(line);
  }
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  globalThis.gc?.();
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
