import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
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
