import { describe, expect, it } from 'vitest';
import { registerCollect } from '../../src/cli/commands/collect.ts';
import { registerGate } from '../../src/cli/commands/gate.ts';
import { UsageError } from '../../src/cli/io.ts';
import { BundleError } from '../../src/pipeline/bundle-file.ts';
import { runCommand } from './run-command.ts';

const collect = (...args: readonly string[]) => runCommand(registerCollect, ['collect', ...args]);

describe('collect on another host', () => {
  it.each([
    ['nothing to write', [], /name what to write: --bundle FILE, or --plan FILE with --out FILE/],
    ['a plan without a file', ['--plan', 'plan.json'], /name the host bundle to write: --out FILE/],
    ['a file without a plan', ['--out', 'host.ndjson'], /--out goes with --plan/],
    ['a plan and a bundle', ['--plan', 'p', '--out', 'o', '--bundle', 'b'], /leave out --bundle and --with/],
    ['a plan and a bundle to join', ['--plan', 'p', '--out', 'o', '--with', 'b'], /leave out --bundle and --with/],
  ])('is refused with %s', async (_, args, message) => {
    const refused = collect(...args);
    await expect(refused).rejects.toBeInstanceOf(UsageError);
    await expect(refused).rejects.toThrow(message);
  });

  it('says which plan is not there', async () => {
    const refused = collect('--plan', '/nowhere/plan.json', '--out', '/nowhere/host.ndjson');
    await expect(refused).rejects.toBeInstanceOf(BundleError);
    await expect(refused).rejects.toThrow(/plan "\/nowhere\/plan.json" cannot be read \(ENOENT\)/);
  });
});

describe('a gate', () => {
  it('joins host bundles to a fresh scan, not to a saved bundle', async () => {
    const refused = runCommand(registerGate, ['gate', '--bundle', 'b.ndjson', '--with', 'host.ndjson']);
    await expect(refused).rejects.toThrow(/cannot be used with option/);
  });
});
