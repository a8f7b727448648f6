import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BUNDLE_VERSION } from '../../src/model/bundle.ts';
import { unfinishedPaths } from '../../src/model/unfinished.ts';
import { BundleError, type BundleLine, readBundle, writeBundle } from '../../src/pipeline/bundle-file.ts';
import { generateBundle } from '../bench/generate-bundle.ts';
import { generatedOrganization } from '../bench/generated-organization.ts';
import { collected } from '../collect/trees/collected.ts';
import { type ScratchDirectory, scratchDirectory } from '../services/scratch.ts';

const run = promisify(execFile);

let scratch: ScratchDirectory;
let good = '';
let lines: readonly string[] = [];
let made = 0;
beforeAll(async () => {
  scratch = scratchDirectory('bundle-file');
  const file = join(scratch.path, 'good.ndjson');
  await generateBundle({ file, organizations: 3, seed: 7 });
  good = await readFile(file, 'utf8');
  lines = good.trimEnd().split('\n');
});
afterAll(() => scratch?.[Symbol.dispose]());

async function reading(text: string | Uint8Array): Promise<readonly BundleLine[]> {
  made += 1;
  const file = join(scratch.path, `bundle-${made}.ndjson`);
  await writeFile(file, text);
  return collected(readBundle(file));
}

/** The message and hint with which a bundle is refused. */
async function refusal(text: string | Uint8Array): Promise<string> {
  try {
    await reading(text);
  } catch (error) {
    if (error instanceof BundleError) return `${error.message}. ${error.hint}`;
    throw error;
  }
  return 'it was read';
}

const joined = (changed: readonly string[]) => `${changed.join('\n')}\n`;
const changedAt = (index: number, change: (line: string) => string) =>
  joined(lines.map((line, position) => (position === index ? change(line) : line)));

describe('a bundle that cannot be written', () => {
  it('is called a bundle, with the option that names another place', async () => {
    const [header] = await reading(good);
    if (header?.type !== 'header') throw new Error('a bundle begins with its header');
    await expect(writeBundle(join(scratch.path, 'missing', 'x.ndjson'), header)).rejects.toMatchObject({
      message: expect.stringMatching(
        /^cannot write the bundle to ".*": the directory that shall hold it is not there$/,
      ),
      hint: 'Make it, or choose another file with --bundle.',
    });
  });

  it('on a full disk leaves nothing behind', async (context) => {
    const program = fileURLToPath(new URL('./bundle-on-full-disk.ts', import.meta.url));
    const child = run('unshare', ['-rm', process.execPath, program, scratch.path]);
    const { stdout } = await child.catch((error: { code?: unknown; stderr?: string }) => {
      if (error.code === 'ENOENT' || /unshare|mount/.test(error.stderr ?? ''))
        context.skip(`no file system of one's own can be mounted here: ${error.stderr ?? 'unshare is missing'}`);
      throw error;
    });
    expect(JSON.parse(stdout)).toEqual({
      message: expect.stringMatching(/^cannot write the bundle to ".*": no space is left$/),
      hint: 'Free space on that file system, or choose another file with --bundle.',
      left: [],
    });
  });
});

describe('a bundle', () => {
  it('is read back line by line, with the digest of its bytes', async () => {
    const file = join(scratch.path, 'good.ndjson');
    let digest = '';
    const read = await collected(
      readBundle(file, (sum) => {
        digest = sum;
      }),
    );
    expect(read.map(({ type }) => type)).toEqual([
      'header',
      'organization',
      'organization',
      'organization',
      'install',
      'trailer',
    ]);
    expect(digest).toBe(`sha256:${createHash('sha256').update(good).digest('hex')}`);
    expect(read).toEqual(lines.map((line) => JSON.parse(line)));
  });

  const renamed = (name: string) => {
    const part = JSON.parse(lines[1] ?? '') as { subjects: { subject: { name: string } }[] };
    for (const { subject } of part.subjects) subject.name = name;
    return changedAt(1, () => JSON.stringify(part));
  };

  it('may hold names of several megabytes, and end its lines as Windows does', async () => {
    expect(await reading(renamed('ä'.repeat(3 * 1024 * 1024)))).toHaveLength(lines.length);
    expect(await reading(good.replaceAll('\n', '\r\n'))).toHaveLength(lines.length);
  });

  it.each(['\u2028', '\u2029', '\u0085', '\r', '\n', '\v', '\f'])(
    'may hold a name with a separator of lines: %j',
    async (separator) => {
      const name = `Acme${separator}Limited`;
      const [, part] = await reading(renamed(name));
      expect(part).toMatchObject({ subjects: [{ subject: { name } }, {}, {}, {}] });
    },
  );
});

describe('a bundle is refused', () => {
  it.each([
    ['that is cut off after a line', () => joined(lines.slice(0, 3)), /cut off after line 3/],
    ['that is cut off inside a line', () => good.slice(0, good.length - 200), /line \d+: it is no JSON|cut off/],
    ['that is empty', () => '', /cut off after line 0/],
    ['without its header', () => joined(lines.slice(1)), /line 1: the header is not its first line/],
    ['with a second header', () => joined([lines[0] ?? '', ...lines]), /line 2: the header is not its first line/],
    ['that lacks an organization', () => joined(lines.toSpliced(1, 1)), /3 organizations were written and 2 are there/],
    [
      'with one organization twice',
      () => joined(lines.toSpliced(1, 0, lines[1] ?? '')),
      /an organization is there twice/,
    ],
    ['with something after its end', () => `${good}{}\n`, /there is something after its end/],
    ['with a second trailer', () => joined([...lines, lines.at(-1) ?? '']), /there is something after its end/],
    ['with an unknown word', () => changedAt(1, (line) => line.replace('"subjects"', '"topics"')), /line 2: /],
    [
      'with an unknown kind of fact',
      () => changedAt(1, (line) => line.replace('"kind":"copy"', '"kind":"copies"')),
      /line 2: /,
    ],
    [
      'with a number where text belongs',
      () => changedAt(1, (line) => line.replace(/"collectedAt":"[^"]*"/, '"collectedAt":7')),
      /line 2: .*collectedAt/,
    ],
    ['that is another file', () => 'PGDMP\u0001\u000e', /line 1: it is no JSON/],
    ['that is JSON of another kind', () => '[1, 2]\n', /line 1: /],
    ['that is null', () => 'null\n', /line 1: /],
  ])('%s', async (_, text, message) => {
    const refused = await refusal(text());
    expect(refused).toMatch(message);
    expect(refused).toMatch(/[Cc]ollect again/);
  });

  it('that a newer version wrote, with the version that can read it', async () => {
    const newer = changedAt(0, (line) =>
      line.replace(`"bundleVersion":${BUNDLE_VERSION}`, `"bundleVersion":${BUNDLE_VERSION + 1}`),
    );
    expect(await refusal(newer)).toMatch(
      new RegExp(`has version ${BUNDLE_VERSION + 1}, and this program reads up to ${BUNDLE_VERSION}\\. Judge it with`),
    );
  });

  it('that does not exist, or is a directory', async () => {
    await expect(collected(readBundle(join(scratch.path, 'nowhere')))).rejects.toThrow(/cannot be read \(ENOENT\)/);
    await expect(collected(readBundle(scratch.path))).rejects.toThrow(BundleError);
  });

  it('cut at any byte before its last line ends', async () => {
    const bytes = Buffer.from(good);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: bytes.length - 3 }), async (end) => {
        expect(await refusal(bytes.subarray(0, end))).not.toBe('it was read');
      }),
      { numRuns: 40 },
    );
  });
});

describe('a bundle being written', () => {
  const header = () => JSON.parse(lines[0] ?? '') as Parameters<typeof writeBundle>[1];

  it('is nowhere under its own name until it is committed, and readable for its owner only', async () => {
    const directory = scratchDirectory('bundle-writing');
    const file = join(directory.path, 'evidence.ndjson');
    const writer = await writeBundle(file, header());
    await writer.sink.organization(generatedOrganization(0, 1));
    expect(existsSync(file)).toBe(false);
    expect(unfinishedPaths()).toHaveLength(1);
    await writer.sink.finish({
      type: 'trailer',
      organizationParts: 1,
      total: 1,
      finishedAt: '2026-11-22T18:00:00.000Z',
    });
    await writer.commit();
    expect(await collected(readBundle(file))).toHaveLength(3);
    expect(await readdir(directory.path)).toEqual(['evidence.ndjson']);
    expect(unfinishedPaths()).toEqual([]);
    directory[Symbol.dispose]();
  });

  it('leaves an earlier one as it was when it is given up', async () => {
    const directory = scratchDirectory('bundle-abort');
    const file = join(directory.path, 'evidence.ndjson');
    await writeFile(file, good);
    const writer = await writeBundle(file, header());
    await writer.sink.organization(generatedOrganization(0, 1));
    await writer.abort();
    expect(await readdir(directory.path)).toEqual(['evidence.ndjson']);
    expect(await readFile(file, 'utf8')).toBe(good);
    expect(unfinishedPaths()).toEqual([]);
    directory[Symbol.dispose]();
  });

  it.each([
    ['a dump', 'PGDMP\u0001\u000e'],
    ['a configuration', 'version: 1\ninstall:\n  host: install-host\n'],
    ['another JSON document', '{"type":"header"}\n'],
    ['lines of JSON that only begin like a bundle', '{"verified": \n'],
  ])('leaves %s alone', async (_, text) => {
    const directory = scratchDirectory('bundle-other');
    const file = join(directory.path, 'named-by-mistake');
    await writeFile(file, text);
    await expect(writeBundle(file, header())).rejects.toMatchObject({
      name: 'OutputError',
      message: expect.stringMatching(
        /named-by-mistake": something is there that is no bundle, and it is left as it is$/,
      ),
      hint: 'Choose another file with --bundle; only a bundle or an empty file is replaced.',
    });
    expect(await readFile(file, 'utf8')).toBe(text);
    expect(await readdir(directory.path)).toEqual(['named-by-mistake']);
    expect(unfinishedPaths()).toEqual([]);
    directory[Symbol.dispose]();
  });

  it('leaves alone what was put there while it was collected', async () => {
    const directory = scratchDirectory('bundle-meanwhile');
    const file = join(directory.path, 'evidence.ndjson');
    const writer = await writeBundle(file, header());
    await writeFile(file, 'meanwhile');
    await expect(writer.commit()).rejects.toThrow(/no bundle/);
    await writer.abort();
    expect(await readFile(file, 'utf8')).toBe('meanwhile');
    expect(await readdir(directory.path)).toEqual(['evidence.ndjson']);
    directory[Symbol.dispose]();
  });

  it.each([
    ['an empty file', () => ''],
    ['a bundle of an older version', () => good.replace(/"bundleVersion":\d+/, '"bundleVersion":1')],
    ['a bundle that is cut off', () => `${lines[0]}\n{"type":"org`],
  ])('replaces %s', async (_, text) => {
    const directory = scratchDirectory('bundle-replaced');
    const file = join(directory.path, 'evidence.ndjson');
    await writeFile(file, text());
    const writer = await writeBundle(file, header());
    await writer.commit();
    expect(await readFile(file, 'utf8')).toBe(`${JSON.stringify(header())}\n`);
    directory[Symbol.dispose]();
  });

  it('does not open what is no regular file', async () => {
    await expect(writeBundle('/dev/null', header())).rejects.toThrow(/no bundle/);
  });

  it('says where it cannot be written', async () => {
    await expect(writeBundle(join(scratch.path, 'nowhere', 'evidence.ndjson'), header())).rejects.toThrow(/nowhere/);
    expect(unfinishedPaths()).toEqual([]);
  });
});
