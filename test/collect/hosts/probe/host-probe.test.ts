import { execFile } from 'node:child_process';
import { chmod, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { createHostProbe } from '../../../../src/collect/hosts/probe/host-probe.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const KEY = 'a key of the tests';
const { signal } = new AbortController();

/** A program that answers nothing, or not any more. */
async function programOf(directory: string, text: string): Promise<URL> {
  const file = join(directory, 'program.mjs');
  await writeFile(file, text);
  return pathToFileURL(file);
}

const SILENT = 'setInterval(() => {}, 1000);';

const reasonOf = (error: unknown) =>
  error instanceof SourceError ? `${error.reason}: ${error.message}` : String(error);

describe('looking at files of the host', () => {
  it('tells of files and directories, and that nothing is there', async () => {
    await using scratch = scratchDirectory('probe');
    await writeFile(join(scratch.path, 'file'), 'contents');
    await chmod(join(scratch.path, 'file'), 0o640);
    await symlink('file', join(scratch.path, 'link'));
    await mkdir(join(scratch.path, 'empty'));
    const probe = createHostProbe();
    const ask = (path: string) =>
      probe.ask({ ask: 'file', path: join(scratch.path, path), key: KEY, most: 100 }, signal);
    expect(await ask('link')).toMatchObject({ isFile: true, isLink: true, bytes: 8 });
    expect(await ask('file')).toMatchObject({
      isFile: true,
      isLink: false,
      mode: '0640',
      bytes: 8,
      digest: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(await ask('empty')).toMatchObject({ isDirectory: true, digest: null });
    expect(await ask('none')).toBeNull();
    expect(await ask('file/below')).toBeNull();
    const directory = (path: string) => probe.ask({ ask: 'directory', path: join(scratch.path, path) }, signal);
    expect(await directory('empty')).toMatchObject({ isDirectory: true, empty: true });
    expect(await directory('')).toMatchObject({ isDirectory: true, empty: false });
    await expect(directory('none')).rejects.toMatchObject({ reason: 'unreachable' });
    probe.close();
  });

  it('gives up a file system that does not answer, asks no more about what lies on it, and goes on with others', async () => {
    await using scratch = scratchDirectory('probe');
    const program = await programOf(scratch.path, SILENT);
    const probe = createHostProbe({ program, silence: 500 });
    const ask = (path: string) => probe.ask({ ask: 'directory', path }, signal).then(String, reasonOf);
    const begun = performance.now();
    expect(await ask('/proc/hanging/a')).toBe(
      'timeout: the file system did not answer about "/proc/hanging/a" in time',
    );
    const first = performance.now() - begun;
    // On the same mount: at once.
    expect(await ask('/proc/other')).toMatch(/^timeout/);
    expect(performance.now() - begun - first).toBeLessThan(400);
    // Elsewhere it is asked, and here it hangs, too.
    expect(await ask(join(scratch.path, 'x'))).toMatch(/^timeout/);
    expect(performance.now() - begun).toBeGreaterThan(990);
    probe.close();
  });

  it('counts silence and not time: what goes on reading may take longer', async () => {
    await using scratch = scratchDirectory('probe');
    const program = await programOf(
      scratch.path,
      `let n = 0;
       process.stdin.once('data', () => setInterval(() => {
         n += 1;
         console.log(n < 6 ? '{"alive":true}' : '{"answer":{"isDirectory":true,"empty":false}}');
       }, 500));`,
    );
    const probe = createHostProbe({ program, silence: 2500 });
    expect(await probe.ask({ ask: 'directory', path: '/x' }, signal)).toEqual({ isDirectory: true, empty: false });
    probe.close();
    const bounded = createHostProbe({ program, silence: 2500, longest: 300 });
    await expect(bounded.ask({ ask: 'directory', path: '/x' }, signal)).rejects.toMatchObject({ reason: 'timeout' });
    bounded.close();
  });

  it.each([
    ['CHANGING', 'malformed: a file below "/x" was another at each of three readings'],
    ['TOO_MANY', 'unsupported: "/x" holds more files than a state directory has'],
  ])('tells of a directory that could not be digested: %s', async (code, told) => {
    await using scratch = scratchDirectory('probe');
    const answer = JSON.stringify(JSON.stringify({ failure: { code } }));
    const program = await programOf(scratch.path, `process.stdin.once('data', () => console.log(${answer}));`);
    const probe = createHostProbe({ program });
    expect(await probe.ask({ ask: 'tree', path: '/x', key: KEY, except: null }, signal).then(String, reasonOf)).toBe(
      told,
    );
    probe.close();
  });

  it('outlives the end of its process', async () => {
    await using scratch = scratchDirectory('probe');
    const program = await programOf(scratch.path, "process.stdin.once('data', () => process.exit(7));");
    const probe = createHostProbe({ program });
    await expect(probe.ask({ ask: 'directory', path: '/x' }, signal)).rejects.toThrow(/ended \(exit code 7\)/);
    await expect(probe.ask({ ask: 'directory', path: '/y' }, signal)).rejects.toThrow(/ended \(exit code 7\)/);
  });

  it('ends at once where the run is interrupted', async () => {
    await using scratch = scratchDirectory('probe');
    const probe = createHostProbe({ program: await programOf(scratch.path, SILENT) });
    const abort = new AbortController();
    const asked = probe.ask({ ask: 'directory', path: '/x' }, abort.signal);
    setTimeout(() => abort.abort(), 50);
    await expect(asked).rejects.toBeInstanceOf(SourceError);
  });

  it('keeps no process waiting at the end', async () => {
    const program = pathToFileURL(join(import.meta.dirname, '../../../../src/collect/hosts/probe/host-probe.ts'));
    const script = `
      const { hostProbe } = await import(${JSON.stringify(program.href)});
      await hostProbe.ask({ ask: 'directory', path: '/' }, new AbortController().signal);
      console.log('done');`;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], {
      timeout: 10_000,
    });
    expect(stdout).toBe('done\n');
  });
});
