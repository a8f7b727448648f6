import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { registerControls } from '../../src/cli/commands/controls.ts';
import { catalogueMarkdown } from '../../src/cli/controls/control-markdown.ts';
import { catalogueText } from '../../src/cli/controls/control-text.ts';
import { UsageError } from '../../src/cli/io.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import { NOT_BUILT } from '../../src/report/not-evaluated.ts';
import { runCommand } from './run-command.ts';

const repository = join(import.meta.dirname, '../..');

describe('controls', () => {
  it('lists every control that is built and every one that is not', async () => {
    const { stdout, exitCode } = await runCommand(registerControls, ['controls']);
    expect(exitCode).toBe(0);
    for (const { id, title } of CONTROLS) expect(stdout).toMatch(new RegExp(`^${id} .*${literally(title)}$`, 'm'));
    for (const { controlId } of NOT_BUILT) expect(stdout).toContain(`  ${controlId} `);
  });

  it('prints everything about one control, in text and as JSON, whatever the case of its id', async () => {
    const { stdout } = await runCommand(registerControls, ['controls', 'key-8']);
    expect(stdout).toContain('KEY-8  The key provider can be unsealed without itself');
    expect(stdout).toContain('declaration of self (more-helps, at least declared: unseal-shares-held');
    const json = JSON.parse((await runCommand(registerControls, ['controls', 'DB-3', '--json'])).stdout);
    expect(json).toMatchObject({ id: 'DB-3', severity: 'critical', bears: 'recovery' });
    expect(json.limits).toContainEqual({ name: 'databaseRpoHours', default: 26, text: '26 h' });
    expect(json.parts[0].needs[0]).toHaveProperty('polarity');
  });

  it('names controls that are not built, where there are some', () => {
    const missing = { built: [], notBuilt: [{ controlId: 'XYZ-1', question: 'Is it so?' }] };
    expect(catalogueText(missing)).toContain('  XYZ-1  Is it so?');
    expect(catalogueMarkdown(missing)).toContain('| XYZ-1 | Is it so? |');
    const none = { built: [], notBuilt: [] };
    expect(catalogueText(none)).not.toContain('Not judged');
    expect(catalogueMarkdown(none)).not.toContain('## Not judged');
  });

  it('refuses an id that is none, and formats that exclude each other', async () => {
    await expect(runCommand(registerControls, ['controls', 'DB-99'])).rejects.toThrow(UsageError);
    await expect(runCommand(registerControls, ['controls', '--json', '--markdown'])).rejects.toThrow(UsageError);
    await expect(runCommand(registerControls, ['controls', 'DB-3', '--markdown'])).rejects.toThrow(UsageError);
  });

  it('gives examples in its help', async () => {
    const { stdout } = await runCommand(registerControls, ['controls', '--help']);
    expect(stdout).toContain('$ recoverage controls DB-3');
  });

  it('is what docs/controls.md holds; node scripts/generate-docs.ts writes it anew', async () => {
    const { stdout } = await runCommand(registerControls, ['controls', '--markdown']);
    expect(await readFile(join(repository, 'docs/controls.md'), 'utf8')).toBe(stdout);
  });
});

function literally(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
