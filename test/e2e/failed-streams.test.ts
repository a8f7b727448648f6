import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generateBundle } from '../bench/generate-bundle.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { cliFile, runCli } from './run-cli.ts';

const FULL = '/dev/full';

interface Ended {
  readonly exitCode: number | null;
  readonly said: string;
}

/** Runs the command with one stream on a device that has no space, and keeps what it wrote to the other. */
async function onFullDevice(args: readonly string[], stream: 'stdout' | 'stderr'): Promise<Ended> {
  await using full = await open(FULL, 'w');
  const outputs = stream === 'stdout' ? [full.fd, 'pipe' as const] : ['pipe' as const, full.fd];
  const child = spawn(process.execPath, [cliFile(), ...args], { stdio: ['ignore', ...outputs] });
  let said = '';
  (child.stdout ?? child.stderr)?.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (exitCode) => resolve({ exitCode, said }));
  });
}

describe.skipIf(!existsSync(FULL))('an output that fails', () => {
  let scratch: ScratchDirectory;
  let bundle = '';
  /** What the verdict alone gives. */
  const verdict: Record<'judge' | 'nagios' | 'gate', number | null> = { judge: null, nagios: null, gate: null };
  let commands: Record<'judge' | 'nagios' | 'gate', readonly string[]>;
  beforeAll(async () => {
    scratch = scratchDirectory('failed-streams');
    bundle = join(scratch.path, 'evidence.ndjson');
    await generateBundle({ file: bundle, organizations: 3, seed: 5 });
    const judge = ['judge', '--bundle', bundle, '--output', join(scratch.path, 'report')];
    commands = {
      judge: [...judge, '--json'],
      nagios: [...judge, '--exit-style', 'nagios'],
      gate: ['gate', '--bundle', bundle],
    };
    for (const name of ['judge', 'nagios', 'gate'] as const) verdict[name] = (await runCli(commands[name])).exitCode;
  });
  afterAll(() => scratch?.[Symbol.dispose]());

  it.each([
    ['judge', 4],
    ['nagios', 3],
    ['gate', 4],
  ] as const)('%s: standard output that cannot be written is told by the exit code', async (name, exitCode) => {
    const ended = await onFullDevice(commands[name], 'stdout');
    expect(ended.exitCode).toBe(exitCode);
    expect(ended.said).toMatch(/Standard output could not be written \(ENOSPC\)\. Free space/);
    expect(ended.said).not.toMatch(/^\s+at |defect/m);
  });

  it.each(['judge', 'nagios', 'gate'] as const)('%s: standard error that fails changes no verdict', async (name) => {
    const { exitCode, said } = await onFullDevice(commands[name], 'stderr');
    expect({ exitCode, isPrinted: said.length > 0 }).toEqual({ exitCode: verdict[name], isPrinted: true });
    expect([0, 1, 2, 3]).toContain(exitCode);
  });

  it('usage that cannot be printed is no help', async () => {
    expect((await onFullDevice(['scan', '--help'], 'stdout')).exitCode).toBe(4);
  });

  it.each(['judge', 'nagios', 'gate'] as const)('%s: a reader that leaves early is no crash', async (name) => {
    const child = spawn(process.execPath, [cliFile(), ...commands[name]], { stdio: ['ignore', 'pipe', 'ignore'] });
    child.stdout.destroy();
    const exitCode = await new Promise((resolve) => child.once('close', resolve));
    expect(exitCode).toBe(verdict[name]);
  });

  const faults = {
    'an exception': 'throw new Error("nobody foresaw this")',
    'a rejection': 'void Promise.reject(new Error("nobody foresaw this"))',
  };
  const injected = (fault: string) =>
    `const write = process.stderr.write.bind(process.stderr);
     process.stderr.write = (...args) => { process.stderr.write = write; setImmediate(() => { ${fault} }); return write(...args); };`;
  for (const [what, fault] of Object.entries(faults)) {
    it.each([
      ['judge', 4],
      ['nagios', 3],
    ] as const)(`${what} that nobody caught is a defect, never a gap: %s`, async (name, expected) => {
      const url = `data:text/javascript,${encodeURIComponent(injected(fault))}`;
      const { exitCode, stderr } = await runCli(commands[name], { environment: { NODE_OPTIONS: `--import=${url}` } });
      expect(exitCode).toBe(expected);
      expect(stderr).toMatch(/This is a defect of recoverage;[\s\S]*nobody foresaw this/);
    });
  }
});
