import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { registerGate } from '../../src/cli/commands/gate.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';
import { runCommand } from './run-command.ts';

const DEMO = new URL('../fixtures/bundles/demo.ndjson', import.meta.url).pathname;
const CONFIGURATION = {
  version: 1,
  install: { host: 'spare-host', database: { name: 'novantra', host: 'db1', user: 'recoverage' } },
};

let scratch: ScratchDirectory;
beforeEach(() => {
  scratch = scratchDirectory('gate');
});
afterEach(() => scratch[Symbol.dispose]());

/** The end of the demo's collection. */
async function bundleEnd(): Promise<string> {
  const last = (await readFile(DEMO, 'utf8')).trimEnd().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { finishedAt: string }).finishedAt;
}

async function configuration(content: object | string): Promise<string> {
  const file = join(scratch.path, 'other.yaml');
  await writeFile(file, typeof content === 'string' ? content : stringify(content));
  return file;
}

function gate(...more: readonly string[]) {
  return runCommand(registerGate, ['gate', '--bundle', DEMO, ...more], { workingDirectory: scratch.path });
}

describe('gate of a saved bundle', () => {
  it('is judged by its own policy where no configuration is named, even if one has the usual name', async () => {
    await writeFile(join(scratch.path, 'recoverage.yaml'), 'no configuration');
    const { stdout } = await gate('--json');
    expect(JSON.parse(stdout)).toMatchObject({
      judged: {
        runId: 'run-demo',
        isWallClock: true,
        policy: { from: 'bundle', file: null },
        loss: { level: 'host', name: 'demo-install' },
        failOn: 'high',
      },
    });
  });

  it('is judged by the policy of the configuration that is named', async () => {
    const file = await configuration(CONFIGURATION);
    const { stdout } = await gate('--config', file, '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      judged: { policy: { from: 'configuration', file }, loss: { level: 'host', name: 'spare-host' } },
    });
  });

  it.each([
    ['there is none of that name', null],
    ['it has mistakes', 'version: 1\n'],
  ])('is refused where %s', async (_, content) => {
    const file = content === null ? 'missing.yaml' : await configuration(content);
    await expect(gate('--config', file)).rejects.toThrow(ConfigurationError);
  });

  it('says what was judged, and that a given clock is not the wall clock', async () => {
    const asOf = await bundleEnd();
    const { stdout } = await gate('--as-of', asOf);
    const at = `${asOf.slice(0, 10)} ${asOf.slice(11, 16)} UTC`;
    expect(stdout).toMatch(
      new RegExp(
        `^Judged: install \\S+, run run-demo, as of ${at}, evidence 0 min old, for the loss of the host demo-install\\.$`,
        'm',
      ),
    );
    expect(stdout).toMatch(/^Policy of the bundle; findings of severity high or worse close the gate\.$/m);
    expect(stdout).toContain('The clock is that of --as-of, not the wall clock');
  });

  it('says nothing of another clock where the wall clock was used, given or not', async () => {
    for (const more of [[], ['--as-of', new Date().toISOString()]])
      expect((await gate(...more)).stdout).not.toContain('--as-of');
  });

  it('marks each thing to do as a gap or as unknown', async () => {
    const { stdout } = await gate('--as-of', await bundleEnd());
    const steps = stdout.split('\n').filter((line) => /^\d+\. /.test(line));
    expect(steps.length).toBeGreaterThan(0);
    for (const step of steps) expect(step).toMatch(/^\d+\. (gap|unknown) [A-Z]+-\d+ /);
  });
});
