import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { BundleError, readAgain } from '../../src/pipeline/bundle-file.ts';
import { judgeBundle } from '../../src/pipeline/judging/judge-bundle.ts';
import { generateBundle } from '../bench/generate-bundle.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const ORGANIZATIONS = 120;

let scratch: ScratchDirectory;
let bundle: string;
beforeAll(async () => {
  scratch = scratchDirectory('judging');
  bundle = join(scratch.path, 'bundle.ndjson');
  await generateBundle({ file: bundle, organizations: ORGANIZATIONS, seed: 3 });
});
afterAll(() => scratch[Symbol.dispose]());

async function judgedBy(threads: number, file = bundle) {
  const directory = join(scratch.path, `judged-${threads}`);
  const { report, unmatched } = await judgeBundle(file, { scratch: directory, threads });
  const { head, installFindings, installEvidence } = report;
  const spools = ['summaries.ndjson', 'chapters.ndjson'].map((name) => readFile(join(directory, name), 'utf8'));
  return {
    head,
    installFindings,
    installEvidence,
    worst: report.worst(50),
    unmatched,
    spools: await Promise.all(spools),
  };
}

describe('judging in threads', () => {
  test('gives the report that judging without any gives, to the byte', async () => {
    const alone = await judgedBy(0);
    expect(alone.spools[0]?.match(/\n/gu)).toHaveLength(ORGANIZATIONS);
    expect(await judgedBy(1)).toEqual(alone);
    expect(await judgedBy(3)).toEqual(alone);
  });

  test.each([0, 2])('an altered part is named by its line (threads: %s)', async (threads) => {
    const lines = (await readFile(bundle, 'utf8')).split('\n');
    const altered = lines.map((line, index) =>
      index === 40 ? line.replace('"grade":"observed"', '"grade":"seen"') : line,
    );
    expect(altered).not.toEqual(lines);
    const file = join(scratch.path, 'altered.ndjson');
    await writeFile(file, altered.join('\n'));
    await expect(judgedBy(threads, file)).rejects.toThrow(BundleError);
    await expect(judgedBy(threads, file)).rejects.toThrow(/altered\.ndjson, line 41: .*grade/u);
  });

  test.each([0, 2])('ends with the reason of its signal (threads: %s)', async (threads) => {
    const ended = new AbortController();
    const judging = judgeBundle(bundle, { scratch: join(scratch.path, 'ended'), threads, signal: ended.signal });
    ended.abort(new Error('enough'));
    await expect(judging).rejects.toThrow('enough');
  });
});

test('a bundle that is another one when it is read again is refused', async () => {
  const never = (): never => {
    throw new Error('its digest was told');
  };
  const read = async () => {
    for await (const line of readAgain(bundle, { bytes: 1, crc32: 0 }, never)) expect(line.length).toBeGreaterThan(0);
  };
  await expect(read()).rejects.toThrow(/was changed while it was judged/u);
});
