import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { scratchDirectory } from '../services/scratch.ts';
import { renderSample } from './render-sample.ts';

const SAMPLE = fileURLToPath(new URL('../../reports/sample', import.meta.url));

// After a wanted change: node scripts/update-sample.ts, then read what changed.
test('the committed bundle of a demo run still gives the committed sample report, byte for byte', async () => {
  using scratch = scratchDirectory('sample');
  const directory = join(scratch.path, 'report');
  const files = await renderSample(directory);
  expect([...files].sort()).toEqual((await readdir(SAMPLE)).sort());
  for (const file of files) {
    const [made, committed] = await Promise.all([readFile(join(directory, file)), readFile(join(SAMPLE, file))]);
    expect(made.equals(committed), `${file} differs`).toBe(true);
  }
});
