import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { stripTypeScriptTypes } from 'node:module';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RUN_DIRECTORY_VARIABLE } from '../services/run-record.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const REPOSITORY = join(import.meta.dirname, '..', '..');

/** The first Node.js on PATH that the program refuses; null where there is none. */
function olderNode(): { readonly program: string; readonly version: string } | null {
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const program = join(directory, 'node');
    if (!existsSync(program)) continue;
    const version = execFileSync(program, ['--version'], { encoding: 'utf8', timeout: 10_000 }).trim().slice(1);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < 22 || (major === 22 && minor < 13)) return { program, version };
  }
  return null;
}

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, [...args], { timeout: 30_000 }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}

describe('a Node.js that is too old', () => {
  let scratch: ScratchDirectory;
  let cli = join(REPOSITORY, 'dist', 'cli.js');
  beforeAll(async () => {
    scratch = scratchDirectory('old-node');
    // The build that `npm test` begins with; by hand the entry point alone, without its types, as a build would have it.
    if (process.env[RUN_DIRECTORY_VARIABLE] !== undefined && existsSync(cli)) return;
    const source = await readFile(join(REPOSITORY, 'src', 'cli.ts'), 'utf8');
    cli = join(scratch.path, 'cli.mjs');
    await writeFile(cli, stripTypeScriptTypes(source));
  });
  afterAll(() => scratch?.[Symbol.dispose]());

  const older = olderNode();
  it.skipIf(older === null)(`is refused in one line: ${older?.version ?? 'none on PATH'}`, async () => {
    expect(await run(older?.program ?? '', [cli, 'scan'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `recoverage needs Node.js 22.13 or newer, and this is ${older?.version}.\n`,
    });
  });

  it.each(['22.12.0', '20.19.0', '18.0.0'])('is refused as %s says it is', async (version) => {
    const pretending = join(scratch.path, 'pretend.cjs');
    const versions = `{ ...process.versions, node: '${version}' }`;
    await writeFile(pretending, `Object.defineProperty(process, 'versions', { value: ${versions} });\n`);
    expect(await run(process.execPath, ['--require', pretending, cli, 'scan'])).toEqual({
      exitCode: 3,
      stdout: '',
      stderr: `recoverage needs Node.js 22.13 or newer, and this is ${version}.\n`,
    });
  });
});
