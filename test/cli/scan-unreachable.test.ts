import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { registerScan } from '../../src/cli/commands/scan.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

it('says of an install database that cannot be reached that nothing else could be asked for that reason', async () => {
  using scratch = scratchDirectory('scan-unreachable');
  const [file = '', output = '', dumps = ''] = ['recoverage.yaml', 'out', 'dumps'].map((name) =>
    join(scratch.path, name),
  );
  mkdirSync(dumps);
  const database = { name: 'novantra', host: '127.0.0.1', port: 1, user: 'u', tls: 'disable' };
  const locations = [{ name: 'dumps', kind: 'directory', path: dumps, purposes: ['dumps'] }];
  writeFileSync(file, JSON.stringify({ version: 1, install: { host: 'h', database }, locations }));
  const args = ['scan', '-c', file, '--output', output, '--format', 'json'];
  await runCommand(registerScan, args);
  const report = readFileSync(join(output, 'report.json'), 'utf8');
  expect(report).not.toContain('no location of copies of databases is configured');
  for (const what of ['recorded restore tests', 'the runbook', 'backup plans', 'the license']) {
    expect(report).not.toContain(`nobody asked for ${what}`);
  }
  expect(report).toContain('not asked, as the organizations could not be listed: 127.0.0.1:1/novantra');
});
