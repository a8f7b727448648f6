import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { registerScan } from '../../src/cli/commands/scan.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

it('refuses a directory that holds something else before any source is asked', async () => {
  using scratch = scratchDirectory('scan-output');
  const [file, output, bundle] = ['recoverage.yaml', 'out', 'kept.ndjson'].map((name) => join(scratch.path, name));
  writeFileSync(
    file ?? '',
    JSON.stringify({
      version: 1,
      install: { host: 'h', database: { name: 'novantra', host: '127.0.0.1', port: 1, user: 'u', tls: 'disable' } },
    }),
  );
  mkdirSync(output ?? '');
  writeFileSync(join(output ?? '', 'notes.txt'), 'mine');
  const args = ['scan', '-c', file ?? '', '--output', output ?? '', '--bundle', bundle ?? ''];
  await expect(runCommand(registerScan, args)).rejects.toThrow(/the directory is not empty and holds no report/);
  expect(existsSync(bundle ?? '')).toBe(false);
});
