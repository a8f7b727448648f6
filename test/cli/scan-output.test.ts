import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { registerScan } from '../../src/cli/commands/scan.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const CONFIGURATION = JSON.stringify({
  version: 1,
  install: { host: 'h', database: { name: 'novantra', host: '127.0.0.1', port: 1, user: 'u', tls: 'disable' } },
});

it('refuses a directory that holds something else before any source is asked', async () => {
  using scratch = scratchDirectory('scan-output');
  const [file, output, bundle] = ['recoverage.yaml', 'out', 'kept.ndjson'].map((name) => join(scratch.path, name));
  writeFileSync(file ?? '', CONFIGURATION);
  mkdirSync(output ?? '');
  writeFileSync(join(output ?? '', 'notes.txt'), 'mine');
  const args = ['scan', '-c', file ?? '', '--output', output ?? '', '--bundle', bundle ?? ''];
  await expect(runCommand(registerScan, args)).rejects.toThrow(/the directory is not empty and holds no report/);
  expect(existsSync(bundle ?? '')).toBe(false);
});

it.each(['out', 'out/kept.ndjson', 'out/../out/below/kept.ndjson'])(
  'refuses to keep the bundle in the directory of the report (%s) before any source is asked',
  async (kept) => {
    using scratch = scratchDirectory('scan-output');
    const file = join(scratch.path, 'recoverage.yaml');
    writeFileSync(file, CONFIGURATION);
    mkdirSync(join(scratch.path, 'out'));
    const args = ['scan', '-c', file, '--output', join(scratch.path, 'out'), '--bundle', `${scratch.path}/${kept}`];
    await expect(runCommand(registerScan, args)).rejects.toThrow(/lies in the directory of the report/);
    expect(readdirSync(join(scratch.path, 'out'))).toEqual([]);
  },
);
