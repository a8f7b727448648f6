import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { MINUTE, toInstant, toMillis } from '../../src/model/instant.ts';
import { readBundle } from '../../src/pipeline/bundle-file.ts';
import { judgeBundle } from '../../src/pipeline/judging/judge-bundle.ts';
import { generateBundle } from '../bench/generate-bundle.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const ORGANIZATIONS = 300;

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('generated');
});
afterEach(() => scratch[Symbol.dispose]());

test('a generated bundle fits its schema, and its organizations get every verdict', async () => {
  const file = join(scratch.path, 'bundle.ndjson');
  await generateBundle({ file, organizations: ORGANIZATIONS, seed: 1 });
  let parts = 0;
  for await (const line of readBundle(file)) if (line.type === 'organization') parts += 1;
  expect(parts).toBe(ORGANIZATIONS);
  const { report } = await judgeBundle(file, { scratch: join(scratch.path, 'judged') });
  const { verdicts } = report.head.install;
  expect(verdicts.recoverable).toBeGreaterThan(ORGANIZATIONS / 2);
  expect(verdicts['at-risk'].gap).toBeGreaterThan(0);
  expect(verdicts.unknown).toBeGreaterThan(0);
  expect(verdicts['not-recoverable']).toBeGreaterThan(0);
});

test('the same seed gives the same bytes, another seed others', async () => {
  const bytes = async (name: string, seed: number): Promise<string> => {
    const file = join(scratch.path, name);
    await generateBundle({ file, organizations: 20, seed });
    return readFile(file, 'utf8');
  };
  const first = await bytes('first.ndjson', 7);
  expect(await bytes('again.ndjson', 7)).toBe(first);
  expect(await bytes('other.ndjson', 8)).not.toBe(first);
});

test('evidence of a clock that runs ahead by as little as clocks may is judged as of its own moment', async () => {
  const first = join(scratch.path, 'first.ndjson');
  await generateBundle({ file: first, organizations: 1, seed: 1 });
  let newest = '';
  for await (const line of readBundle(first)) {
    if (line.type !== 'organization' && line.type !== 'install') continue;
    for (const { collectedAt } of line.evidence) if (collectedAt > newest) newest = collectedAt;
  }
  const judgedAt = async (minutesBehind: number) => {
    const file = join(scratch.path, `${minutesBehind}.ndjson`);
    const finishedAt = toInstant(toMillis(newest) - minutesBehind * MINUTE);
    await generateBundle({ file, organizations: 1, seed: 1, finishedAt });
    return (await judgeBundle(file, { scratch: join(scratch.path, `${minutesBehind}`) })).report.head.run.asOf;
  };
  expect(await judgedAt(4)).toBe(newest);
  await expect(judgedAt(6)).rejects.toThrow('is before the newest evidence');
});
