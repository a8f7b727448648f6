import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  askForBytes,
  askProgram,
  askUntil,
  digestOfAnswer,
  findProgram,
} from '../../../../src/collect/backups/repositories/vendor-program.ts';
import {
  argumentsOf,
  VENDOR_QUESTIONS,
  type VendorQuestion,
} from '../../../../src/collect/backups/repositories/vendor-questions.ts';
import { Secret } from '../../../../src/model/secret.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const signal = new AbortController().signal;
const ID = 'a'.repeat(64);

/** A stand-in for restic that does what the text says. */
function program(directory: string, script: string): string {
  const file = join(directory, 'restic-stand-in');
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  return file;
}

async function ask(script: string, options: { timeLimit?: number; signal?: AbortSignal } = {}) {
  using directory = scratchDirectory('program');
  const lines: string[] = [];
  const end = await askProgram(
    {
      executable: program(directory.path, script),
      question: { ask: 'restic snapshots', repository: '/srv/repo' },
      secret: new Secret('secret-value'),
      home: directory.path,
      signal,
      ...options,
    },
    (line) => lines.push(line),
  );
  return { end, lines };
}

describe('a program of a vendor', () => {
  test('is ended where the rest of its answer is not wanted, and what it complained of before is told', async () => {
    using directory = scratchDirectory('program');
    const script = 'echo load; echo "pack gone" >&2; echo enough; exec sleep 60';
    const run = {
      executable: program(directory.path, script),
      question: { ask: 'restic check', repository: '/srv/repo' },
      secret: null,
      home: directory.path,
      signal,
      timeLimit: 20_000,
    } as const;
    expect(await askUntil(run, (line) => line === 'enough')).toMatchObject({ isCut: true, complaint: 'pack gone\n' });
    const all = { ...run, executable: program(directory.path, 'echo load; exit 3') };
    expect(await askUntil(all, (line) => line === 'enough')).toMatchObject({ isCut: false, exitCode: 3 });
  });

  test('is asked with these arguments and no others', () => {
    const repository = '/srv/a b;$(id)';
    expect(argumentsOf({ ask: 'restic snapshots', repository })).toEqual([
      '--repo',
      repository,
      '--no-lock',
      '--no-cache',
      '--json',
      'snapshots',
    ]);
    expect(argumentsOf({ ask: 'restic ls', repository, snapshot: ID }).slice(-2)).toEqual(['ls', ID]);
    expect(argumentsOf({ ask: 'borg list', repository })).toEqual([
      '--log-json',
      '--bypass-lock',
      'list',
      '--json',
      '--format',
      '{hostname}{command_line}',
      repository,
    ]);
    expect(argumentsOf({ ask: 'borg list archive', repository, archive: '{now}' }).at(-1)).toBe(
      `${repository}::{{now}}`,
    );
    const directories = ['/srv/$(id)', '/srv/--x'];
    expect(argumentsOf({ ask: 'restic ls', repository, snapshot: ID, directories }).slice(-4)).toEqual([
      'ls',
      ID,
      ...directories,
    ]);
    expect(argumentsOf({ ask: 'restic dump', repository, snapshot: ID, path: '/srv/a b' })).toEqual([
      '--repo',
      repository,
      '--no-lock',
      '--no-cache',
      'dump',
      ID,
      '/srv/a b',
    ]);
    const paths = ['srv/*', '-rf', 're:.*'];
    expect(argumentsOf({ ask: 'borg list archive', repository, archive: 'a', paths }).slice(-4)).toEqual([
      `${repository}::a`,
      'pf:srv/*',
      'pf:-rf',
      'pf:re:.*',
    ]);
    expect(argumentsOf({ ask: 'borg extract', repository, archive: 'a', path: 'srv/1' })).toEqual([
      '--log-json',
      '--bypass-lock',
      'extract',
      '--stdout',
      `${repository}::a`,
      'pp:srv/1',
    ]);
  });

  test('is told in the policy of its user with the words that it is asked with', () => {
    const question = { repository: '/r', snapshot: ID, archive: 'a', path: '/srv/1' };
    for (const [ask, { arguments: told, program }] of Object.entries(VENDOR_QUESTIONS)) {
      const path = program === 'borg' ? 'srv/1' : '/srv/1';
      const given = argumentsOf({ ...question, ask, path } as VendorQuestion);
      const words = told.split(' ').filter((word) => /^[a-z-]+$/.test(word));
      expect(given, ask).toEqual(expect.arrayContaining(words));
      const [command] = words.filter((word) => !word.startsWith('-'));
      expect(ask.split(' ')[1], ask).toBe(command);
    }
  });

  test.each([
    { ask: 'restic snapshots', repository: 's3:bucket' },
    { ask: 'restic snapshots', repository: '--password-command=id' },
    { ask: 'restic ls', repository: '/r', snapshot: 'latest' },
    { ask: 'restic ls', repository: '/r', snapshot: `${ID} --x` },
    { ask: 'borg list', repository: 'ssh://host/r' },
    { ask: 'borg list archive', repository: '/r', archive: 'a/b' },
    { ask: 'borg list archive', repository: '/r', archive: '' },
    { ask: 'restic ls', repository: '/r', snapshot: ID, directories: ['--password-command=id'] },
    { ask: 'restic dump', repository: '/r', snapshot: ID, path: 'relative' },
    { ask: 'restic dump', repository: '/r', snapshot: 'latest', path: '/a' },
    { ask: 'borg list archive', repository: '/r', archive: 'a', paths: ['/absolute'] },
    { ask: 'borg extract', repository: '/r', archive: 'a', path: '' },
  ] as const)('is never asked $ask of $repository $snapshot $archive', (question) => {
    expect(() => argumentsOf(question)).toThrow(RangeError);
  });

  test('has the secret in its own environment, and nothing of the environment of the audit', async () => {
    process.env['RECOVERAGE_TEST_MARK'] = 'seen';
    const { lines } = await ask('env');
    delete process.env['RECOVERAGE_TEST_MARK'];
    const names = lines.map((line) => line.split('=')[0]).filter((name) => !/^(PWD|SHLVL|_|OLDPWD)$/.test(name ?? ''));
    expect(names.sort()).toEqual(['HOME', 'LC_ALL', 'PATH', 'RESTIC_PASSWORD', 'TMPDIR', 'TZ']);
    expect(lines).toContain('RESTIC_PASSWORD=secret-value');
  });

  test('that takes too long is ended', async () => {
    const started = performance.now();
    await expect(ask('exec sleep 30', { timeLimit: 200 })).rejects.toMatchObject({ reason: 'timeout' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('is left, too, where what it started itself keeps its output open', async () => {
    const started = performance.now();
    await expect(ask('sleep 15; true', { timeLimit: 200 })).rejects.toMatchObject({ reason: 'timeout' });
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  test('is ended with the run', async () => {
    const controller = new AbortController();
    const asked = ask('exec sleep 30', { signal: controller.signal });
    setTimeout(() => controller.abort(new Error('stopped')), 100);
    await expect(asked).rejects.toThrow('stopped');
  });

  test('that writes one endless line is a blind spot', async () => {
    await expect(ask('exec head -c 70000000 /dev/zero')).rejects.toMatchObject({ reason: 'unsupported' });
  });

  test('gives its lines, its exit code and the end of what it complained of', async () => {
    const { end, lines } = await ask('printf "a\\n\\303\\251"; head -c 100000 /dev/zero >&2; echo wrong >&2; exit 7');
    expect(lines).toEqual(['a', 'é']);
    expect(end.exitCode).toBe(7);
    expect(end.complaint.endsWith('wrong\n')).toBe(true);
    expect(end.complaint.length).toBeLessThan(20_000);
  });

  test('gives the digest of all that it answers, byte by byte', async () => {
    using directory = scratchDirectory('program');
    const question = { ask: 'restic dump', repository: '/r', snapshot: ID, path: '/a' } as const;
    const executable = program(directory.path, 'printf "a\\000\\377\\n\\nb"');
    const run = { executable, question, secret: null, home: directory.path, signal };
    const { sha256, end } = await digestOfAnswer(run);
    expect(end.exitCode).toBe(0);
    expect(sha256).toBe(createHash('sha256').update(Buffer.from('a\0\xff\n\nb', 'latin1')).digest('hex'));
  });

  test('that ends early tells why, and not whoever read half of its answer', async () => {
    using directory = scratchDirectory('program');
    const question = { ask: 'restic dump', repository: '/r', snapshot: ID, path: '/a' } as const;
    const half = async (output: AsyncIterable<Uint8Array>) => {
      for await (const _chunk of output);
      throw new RangeError('the archive is cut off');
    };
    const run = (code: number) => ({
      executable: program(directory.path, `printf half; echo wrong >&2; exit ${code}`),
      question,
      secret: null,
      home: directory.path,
      signal,
    });
    expect(await askForBytes(run(1), half)).toMatchObject({ exitCode: 1, complaint: 'wrong\n' });
    await expect(askForBytes(run(0), half)).rejects.toThrow('the archive is cut off');
  });

  test('that cannot be started is a blind spot', async () => {
    using directory = scratchDirectory('program');
    const executable = join(directory.path, 'restic');
    writeFileSync(executable, '#!/no/such/interpreter\n', { mode: 0o755 });
    const question = { ask: 'restic snapshots', repository: '/r' } as const;
    const run = { executable, question, secret: null, home: directory.path, signal };
    await expect(askProgram(run, () => undefined)).rejects.toMatchObject({ reason: 'not-asked' });
    await expect(findProgram('restic', 'restic')).rejects.toMatchObject({ reason: 'not-asked' });
    await expect(findProgram('borg', '/bin/sh')).rejects.toMatchObject({ reason: 'not-asked' });
  });
});
