import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutputError, REPORT_OUTPUT, toOutputError } from '../../src/report/output-error.ts';
import { directorySink, type ReportOutput } from '../../src/report/sink.ts';
import { unprivilegedUser } from '../services/run-as.ts';

const run = promisify(execFile);
let scratch: string;
let target: string;

beforeEach(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'recoverage-sink-'));
  target = join(scratch, 'reports', 'today');
});
afterEach(async () => {
  await rm(scratch, { recursive: true, force: true });
});

async function write(output: ReportOutput, name: string, text: string): Promise<void> {
  const file = await output.sink.file(name);
  await file.write(text);
  await file.close();
}

async function writeReport(text: string): Promise<void> {
  const output = await directorySink(target);
  await write(output, 'report.html', text);
  await write(output, 'organizations/0001.html', text);
  await output.commit();
}

describe('directorySink', () => {
  it('puts the whole report in its place, with a manifest that sha256sum accepts', async () => {
    const output = await directorySink(target);
    await write(output, 'report.html', 'x'.repeat(1_000_000));
    await write(output, 'organizations/0001.html', 'page');
    expect(await readdir(join(scratch, 'reports'))).toEqual([expect.stringMatching(/^\.today\.part-/)]);
    expect(await output.commit()).toEqual(['manifest.sha256', 'organizations/0001.html', 'report.html']);
    expect(await readdir(join(scratch, 'reports'))).toEqual(['today']);
    expect((await stat(join(target, 'report.html'))).size).toBe(1_000_000);
    const { stdout } = await run('sha256sum', ['--check', '--strict', 'manifest.sha256'], { cwd: target });
    expect(stdout).toBe('organizations/0001.html: OK\nreport.html: OK\n');
  });

  it('lets only the owner write and others not read', async () => {
    await writeReport('first');
    const modes = await Promise.all(
      [target, join(target, 'report.html')].map(async (path) => (await stat(path)).mode & 0o777),
    );
    expect(modes).toEqual([0o750 & ~process.umask(), 0o640 & ~process.umask()]);
  });

  it('replaces an earlier report as a whole, and only once the new one is complete', async () => {
    await writeReport('first');
    const output = await directorySink(target);
    await write(output, 'report.html', 'second');
    expect(await readFile(join(target, 'report.html'), 'utf8')).toBe('first');
    await output.commit();
    expect(await readFile(join(target, 'report.html'), 'utf8')).toBe('second');
    expect((await readdir(target)).toSorted()).toEqual(['manifest.sha256', 'report.html']);
    expect(await readdir(join(scratch, 'reports'))).toEqual(['today']);
  });

  it('leaves nothing behind when it is aborted, and the earlier report where it was', async () => {
    await writeReport('first');
    const output = await directorySink(target);
    const file = await output.sink.file('report.html');
    await file.write('half');
    await output.abort();
    await output.abort();
    expect(await readdir(join(scratch, 'reports'))).toEqual(['today']);
    expect(await readFile(join(target, 'report.html'), 'utf8')).toBe('first');
    await expect(output.sink.file('report.json')).rejects.toThrow(RangeError);
  });

  it('does not commit a file that was not closed', async () => {
    const output = await directorySink(target);
    await output.sink.file('report.html');
    await expect(output.commit()).rejects.toThrow('report.html was not closed');
    await output.abort();
    expect(await readdir(join(scratch, 'reports'))).toEqual([]);
  });

  it('never replaces a directory that is not a report', async () => {
    await mkdir(target, { recursive: true });
    await writeFile(join(target, 'thesis.odt'), 'ten years of work');
    await expect(directorySink(target)).rejects.toThrow(OutputError);
    await rm(join(target, 'thesis.odt'));
    await writeReport('first');
    await writeFile(join(target, 'notes.txt'), 'my notes');
    await expect(directorySink(target)).rejects.toThrow(/"notes\.txt", which is not part of one/);
    expect((await readdir(target)).includes('notes.txt')).toBe(true);
  });

  it('checks again before it replaces', async () => {
    const output = await directorySink(target);
    await write(output, 'report.html', 'new');
    await mkdir(target);
    await writeFile(join(target, 'thesis.odt'), 'ten years of work');
    await expect(output.commit()).rejects.toThrow(OutputError);
    await output.abort();
    expect(await readdir(target)).toEqual(['thesis.odt']);
    expect(await readdir(join(scratch, 'reports'))).toEqual(['today']);
  });

  it('follows a link to a report instead of replacing the link', async () => {
    await writeReport('first');
    const link = join(scratch, 'latest');
    await symlink(target, link);
    const output = await directorySink(link);
    await write(output, 'report.html', 'second');
    await output.commit();
    expect(await readFile(join(target, 'report.html'), 'utf8')).toBe('second');
  });

  it('refuses names that are not its own', async () => {
    const output = await directorySink(target);
    for (const name of ['../x.html', '/etc/x.html', 'a/b/c.html', 'UPPER.html', '.hidden', 'x', 'a\nb.html', '..'])
      await expect(output.sink.file(name)).rejects.toThrow('not a file name');
    await write(output, 'report.html', '');
    await expect(output.sink.file('report.html')).rejects.toThrow('not a file name');
    await output.abort();
  });

  it('says what to change where it cannot write', async () => {
    await writeFile(join(scratch, 'reports'), 'a file');
    const error = await directorySink(target).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(OutputError);
    expect(error).toMatchObject({
      message: expect.stringContaining('a part of the path is a file'),
      hint: expect.stringContaining('--output'),
    });
  });

  it('says so where it may not write', async () => {
    // Root may write anywhere, so the program becomes another user first.
    const user = unprivilegedUser();
    if (user !== null) await chown(scratch, user.uid, user.gid);
    const program = fileURLToPath(new URL('./refused-directory.ts', import.meta.url));
    const { stdout } = await run(process.execPath, [
      program,
      scratch,
      ...(user === null ? [] : [String(user.uid), String(user.gid)]),
    ]);
    await chmod(scratch, 0o700);
    expect(JSON.parse(stdout)).toEqual({
      name: 'OutputError',
      message: expect.stringContaining('permission denied'),
      user: user?.uid ?? process.getuid?.() ?? null,
    });
    expect(await readdir(scratch)).toEqual([]);
  });

  it('reports a full disk and leaves nothing behind', async (context) => {
    const child = run('unshare', [
      '-rm',
      process.execPath,
      fileURLToPath(new URL('./full-disk.ts', import.meta.url)),
      scratch,
    ]);
    const { stdout } = await child.catch((error: { code?: unknown; stderr?: string }) => {
      if (error.code === 'ENOENT' || /unshare|mount/.test(error.stderr ?? ''))
        context.skip(`no file system of one's own can be mounted here: ${error.stderr ?? 'unshare is missing'}`);
      throw error;
    });
    expect(JSON.parse(stdout)).toEqual({
      name: 'OutputError',
      message: expect.stringMatching(/^cannot write the report to ".*": no space is left$/),
      left: [],
    });
  });

  it('passes a defect on as what it is', () => {
    const defect = new TypeError('defect');
    expect(toOutputError(defect, '/x', REPORT_OUTPUT)).toBe(defect);
  });
});
