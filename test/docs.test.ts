import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { repository } from '../scripts/package-program.ts';
import { EXIT } from '../src/cli/io.ts';
import { createProgram } from '../src/cli/program.ts';
import { locationSchema } from '../src/config/location-schema.ts';
import { SHIPPED_PROFILES } from '../src/config/profile.ts';
import { providerSchema } from '../src/config/provider-schema.ts';
import { configSchema } from '../src/config/schema.ts';

/* What the documents claim and a machine can check: links, commands, options, kinds, messages, files. */

const documents = [
  'README.md',
  'CHANGELOG.md',
  ...readdirSync(join(repository, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];
const texts = new Map(documents.map((name) => [name, readFileSync(join(repository, name), 'utf8')]));
const text = (name: string) => texts.get(name) ?? '';

/** Fenced blocks of one language, without their fences. */
function blocks(name: string, language: string): readonly string[] {
  return [...text(name).matchAll(/^ *```(\w*)\n([\s\S]*?)^ *```$/gm)]
    .filter((match) => match[1] === language)
    .map((match) => match[2] ?? '');
}

/** Anchors as GitHub makes them: lower case, no punctuation, dashes for spaces. */
function anchors(markdown: string): ReadonlySet<string> {
  return new Set(
    [...markdown.matchAll(/^#{1,6} (.+)$/gm)].map((match) =>
      (match[1] ?? '')
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    ),
  );
}

/** Every file below a directory of the repository, by its path from the root. */
function filesBelow(directory: string): readonly string[] {
  return readdirSync(join(repository, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(repository, join(entry.parentPath, entry.name)).replaceAll('\\', '/'));
}

function brokenLinks(name: string): readonly string[] {
  return [...text(name).matchAll(/\]\(([^)\s]+)\)/g)]
    .map((match) => match[1] ?? '')
    .filter((target) => !/^https?:/.test(target))
    .filter((target) => {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? name : join(dirname(name), path).replaceAll('\\', '/');
      const markdown = path === '' || path.endsWith('.md') ? readIfThere(file) : '';
      if (markdown === null || (markdown === '' && readIfThere(file) === null)) return true;
      return anchor !== undefined && !anchors(markdown).has(anchor);
    });
}

function readIfThere(file: string): string | null {
  try {
    return readFileSync(join(repository, file), 'utf8');
  } catch {
    return null;
  }
}

const program = await createProgram(
  {
    stdout: { write: () => undefined },
    stderr: { isTerminal: false, write: () => undefined },
    environment: {},
    workingDirectory: repository,
    signal: new AbortController().signal,
    isInteractive: false,
    ask: () => Promise.resolve(''),
  },
  () => undefined,
);

/** What is wrong with one call of the program as a document shows it; null where it could be typed. */
function mistakeIn(call: string): string | null {
  const words = call.trim().split(/\s+/).slice(1);
  const [first = ''] = words;
  const command: Command | undefined = first.startsWith('-')
    ? program
    : program.commands.find((one) => one.name() === first);
  if (command === undefined) return `no command ${first}`;
  const options = new Set(command.options.flatMap((option) => [option.long, option.short]));
  const unknown = words.find((word) => /^--?[a-z]/.test(word) && !options.has(word) && word !== '--help');
  return unknown === undefined ? null : `${first} has no option ${unknown}`;
}

/** Calls of the program in the shell blocks of a document, and those in running text. */
function calls(name: string): readonly string[] {
  const inBlocks = blocks(name, 'sh')
    .join('\n')
    .replaceAll(/\\\n/g, ' ')
    .split('\n')
    .map((line) => line.replace(/^\$ /, '').trim())
    .filter((line) => line.startsWith('recoverage '));
  const inText = [...text(name).matchAll(/`(recoverage [^`]+)`/g)].map((match) => match[1] ?? '');
  return [...inBlocks, ...inText.filter((call) => /^recoverage [a-z-]+/.test(call))].map(
    (call) => call.split(/ [|>] /)[0] ?? '',
  );
}

describe.each(documents)('%s', (name) => {
  it('has no broken link', () => {
    expect(brokenLinks(name)).toEqual([]);
  });

  it('shows only commands and options that exist', () => {
    const mistakes = calls(name)
      .filter((call) => !/^recoverage(-| needs)/.test(call))
      .flatMap((call) => mistakeIn(call) ?? []);
    expect(mistakes).toEqual([]);
  });

  it('shows YAML that can be parsed', () => {
    const errors = blocks(name, 'yaml').flatMap((yaml) => parseAllDocuments(yaml).flatMap((one) => one.errors));
    expect(errors).toEqual([]);
  });

  it('names files of the repository that are there', () => {
    const known = new Set(['src', 'test', 'config', 'scripts', 'docs'].flatMap(filesBelow));
    const folders = new Set([...known].map(dirname));
    const named = [...text(name).matchAll(/`((?:src|test|config|scripts|docs)\/[\w./-]+)`/g)].map(
      (match) => match[1] ?? '',
    );
    expect(named.filter((path) => !known.has(path) && !isFolder(path, folders))).toEqual([]);
  });
});

function isFolder(path: string, folders: ReadonlySet<string>): boolean {
  const wanted = path.replace(/\/$/, '');
  return [...folders].some((folder) => folder === wanted || folder.startsWith(`${wanted}/`));
}

it('the checks see what is wrong', () => {
  expect(mistakeIn('recoverage scan --profile default')).toBe('scan has no option --profile');
  expect(mistakeIn('recoverage verify')).toBe('no command verify');
  expect(calls('docs/operator-guide.md').length).toBeGreaterThan(10);
  expect(anchors('# A, b `c`?\n').has('a-b-c')).toBe(true);
});

describe('README', () => {
  const table = text('README.md').split('## What is supported')[1]?.split('\n## ')[0] ?? '';
  const kinds = [
    ...locationSchema.options.map((option) => option.shape.kind.value),
    ...locationSchema.options[0].shape.purposes.element.options,
    ...providerSchema.options.map((option) => option.shape.kind.value),
    ...configSchema.shape.report.unwrap().shape.formats.unwrap().element.options,
    // What a storage binding may name; the collector answers any other kind as unsupported.
    ...['bundled', 's3', 'local_filesystem_dedicated'],
  ];

  it.each([...new Set(kinds)])('says of %s what it was run against', (kind) => {
    const row = table.split('\n').find((line) => line.startsWith('| ') && line.includes(`\`${kind}\``));
    expect(row, `no row of the support table names ${kind}`).toBeDefined();
  });

  it.each([
    ...['pg_dump', 'directory', 'tar', 'plain', 'pg_dumpall', 'gzip', 'zstd', 'lz4', 'bzip2', 'xz', 'age', 'OpenPGP'],
    ...['pg_basebackup', 'incremental', 'pgBackRest', 'Barman', 'WAL-G', 'restic', 'Borg', 'ZFS', 'LVM', 'Btrfs'],
    ...['RDS', 'Aurora', 'AWS Backup', 'recovery points', 'EBS', 'inventory', 'CSV, JSON'],
  ])('has copies by %s among its sources, with what they were run against', (source) => {
    const section = table.split('| **Locations of copies**')[1]?.split('| **Key providers**')[0] ?? '';
    // What was run against is no claim of support: a name there does not count.
    const rows = section
      .split('\n')
      .map((line) => line.split(' | '))
      .filter((cells) => new RegExp(`(?<![\\w-])${source}(?![\\w-])`).test(cells.slice(0, 3).join(' | ')));
    expect(rows, `no row of the support table names ${source}`).not.toEqual([]);
    for (const cells of rows) expect(cells[3]?.replace(/\|$/, '').trim(), cells[0]).toMatch(/\w/);
  });

  it('shows the two commands', () => {
    expect(blocks('README.md', 'sh').map((block) => block.trim())).toEqual([
      'npm ci && npm run demo',
      'npm ci && npm test',
    ]);
  });

  it('and the page on exit codes name every code', () => {
    for (const code of Object.values(EXIT)) {
      expect(text('README.md')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
      expect(text('docs/exit-codes.md')).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
    }
  });
});

describe('operator guide', () => {
  const guide = text('docs/operator-guide.md');
  const source = filesBelow('src')
    .filter((file) => file.endsWith('.ts'))
    .map((file) => readFileSync(join(repository, file), 'utf8'))
    .join('\n');

  it('names every profile', () => {
    for (const name of SHIPPED_PROFILES) expect(guide).toContain(`- \`${name}\`:`);
  });

  it('explains messages that the program really gives', () => {
    const rows = (guide.split('## Troubleshooting')[1] ?? '').split('\n').filter((line) => line.startsWith('| '));
    const messages = rows.flatMap((row) =>
      [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map((m) => m[1] ?? ''),
    );
    expect(messages.length).toBeGreaterThan(12);
    const pieces = messages
      .flatMap((message) => message.split(/\b[NS] |NAME|…|22\.13/))
      .map((piece) => piece.replace(/^:? /, '').trim());
    expect(pieces.filter((piece) => piece !== '' && !source.includes(piece))).toEqual([]);
  });
});
