import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { tellOfReplaced } from '../../src/cli/replaced-file.ts';
import { scratchDirectory } from '../services/scratch.ts';

it('an empty file that gives way to a bundle is told of, and nothing else is', async () => {
  using scratch = scratchDirectory('replaced');
  const said: string[] = [];
  const io = { stderr: { isTerminal: false, write: (text: string) => void said.push(text) } };
  const [empty, full, directory] = ['acme.dump', 'evidence.ndjson', 'folder'].map((name) => join(scratch.path, name));
  writeFileSync(empty ?? '', '');
  writeFileSync(full ?? '', 'x');
  mkdirSync(directory ?? '');
  for (const file of [empty, full, directory, join(scratch.path, 'none')]) await tellOfReplaced(io, file ?? '');
  expect(said).toEqual([`The empty file ${empty} is replaced.\n`]);
});
