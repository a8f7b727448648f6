import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundleLineSchema } from '../../src/model/bundle.ts';
import { HOUR, toInstant, toMillis } from '../../src/model/instant.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { buildInstall, type Install } from './install.ts';
import { organizationsOf } from './organizations.ts';
import { readReport, verdictsOf } from './read-report.ts';
import { type CliResult, runCli } from './run-cli.ts';

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

describe.skipIf(embeddedPostgresUnavailable())('reports and bundles as files', () => {
  let install: Install;
  let bundle: string;
  let finishedAt: string;
  beforeAll(async () => {
    install = await buildInstall({ organizations: organizationsOf(3) });
    bundle = join(install.directories.root, 'evidence.ndjson');
    const collected = await runCli(['collect', '--config', install.configFile, '--bundle', bundle], install);
    expect(collected).toMatchObject({ exitCode: 0, stdout: '' });
    const trailer = bundleLineSchema.parse(
      JSON.parse((await readFile(bundle, 'utf8')).trim().split('\n').at(-1) ?? ''),
    );
    finishedAt = trailer.type === 'trailer' ? trailer.finishedAt : '';
  });
  afterAll(() => install?.[Symbol.asyncDispose]());
  const place = (name: string) => join(install.directories.root, name);
  const after = (hours: number) => toInstant(toMillis(finishedAt) + hours * HOUR);
  const render = (from: string, to: string, ...more: readonly string[]): Promise<CliResult> =>
    runCli(['render', '--bundle', from, '--output', to, ...more], install);
  async function bytesOf(directory: string): Promise<ReadonlyMap<string, string>> {
    const names = (await readdir(directory)).sort();
    const contents = await Promise.all(names.map((name) => readFile(join(directory, name), 'base64')));
    return new Map(names.map((name, index) => [name, contents[index] ?? '']));
  }

  it('the same bundle and clock give the same bytes in every format', async () => {
    const asOf = ['--as-of', after(1)];
    await render(bundle, place('once'), ...asOf);
    await render(bundle, place('twice'), ...asOf);
    const [once, twice] = await Promise.all([bytesOf(place('once')), bytesOf(place('twice'))]);
    expect([...once.keys()]).toEqual(expect.arrayContaining(['report.json', 'report.html', 'report.pdf']));
    expect(twice).toEqual(once);
    expect((await stat(bundle)).mode & 0o077).toBe(0);
  });

  it('a scan that keeps its bundle reports what that bundle gives', async () => {
    const kept = place('kept.ndjson');
    const args = ['scan', '--config', install.configFile, '--output', place('scanned'), '--bundle', kept];
    const scanned = await runCli([...args, '--format', 'json'], install);
    const rendered = await render(kept, place('rendered'), '--format', 'json');
    expect(rendered.exitCode).toBe(scanned.exitCode);
    expect(await readFile(join(place('rendered'), 'report.json'))).toEqual(
      await readFile(join(place('scanned'), 'report.json')),
    );
  });

  it.each(['scan', 'collect'])('%s: a bundle replaces no configuration and no dump', async (command) => {
    const dump = place('named-by-mistake.dump');
    await writeFile(dump, 'PGDMP');
    for (const file of [install.configFile, dump]) {
      const before = await readFile(file);
      const { exitCode, stdout, stderr } = await runCli(
        [command, '--config', install.configFile, '--bundle', file],
        install,
      );
      expect({ exitCode, stdout }).toEqual({ exitCode: 4, stdout: '' });
      expect(stderr).toContain('something is there that is no bundle, and it is left as it is');
      expect(await readFile(file)).toEqual(before);
    }
  });

  it('evidence that is too old is stale: unknown, never pass, and the gate by the wall clock is closed', async () => {
    await render(bundle, place('stale'), '--format', 'json', '--as-of', after(30));
    const stale = await readReport(place('stale'));
    expect(new Set(Object.values(verdictsOf(stale)))).toEqual(new Set(['unknown']));
    expect(stale.blindSpots.map(({ reason }) => reason)).toContain('stale');
    expect(stale.bundleAgeSeconds).toBe(30 * 3600);
    const isAboutData = (id: string) => /^(?:DB|KEY|FILE|REC|INV)-/.test(id);
    // An attestation has an end of its own.
    const passes = stale.findings.filter(({ status, grade }) => status === 'pass' && grade !== 'declared');
    expect(passes.filter(({ controlId }) => isAboutData(controlId))).toEqual([]);
    const gate = await runCli(['gate', '--bundle', bundle, '--as-of', after(30), '--json'], install);
    expect(JSON.parse(gate.stdout)).toMatchObject({ open: false });
    expect(gate.exitCode).toBeGreaterThan(0);
  });

  it('a clock before the evidence is refused', async () => {
    const { exitCode, stderr } = await render(bundle, place('before'), '--as-of', after(-1));
    expect(exitCode).toBe(3);
    expect(stderr).toMatch(/before the newest evidence/);
    await expect(stat(place('before'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('a bundle that was cut off or altered is refused, with what is wrong, and nothing is written', async () => {
    const text = await readFile(bundle, 'utf8');
    const lines = text.trimEnd().split('\n');
    const broken: Readonly<Record<string, string>> = {
      'in-a-line': text.slice(0, Math.floor(text.length / 2)),
      'before-its-trailer': `${lines.slice(0, -1).join('\n')}\n`,
      'an-organization-less': `${lines.filter((_, index) => index !== 1).join('\n')}\n`,
      'without-header': `${lines.slice(1).join('\n')}\n`,
      empty: '',
      'a-line-more': `${text}{}\n`,
      'another-type': text.replace('"complete"', '"Complete"').replace('"items":[', '"items":[7,'),
      newer: text.replace(/"bundleVersion":\d+/, '"bundleVersion":99'),
    };
    for (const [name, contents] of Object.entries(broken)) {
      const file = place(`broken-${name}.ndjson`);
      await writeFile(file, contents);
      const { exitCode, stderr, stdout } = await render(file, place(`from-${name}`), '--format', 'json');
      expect({ name, exitCode, stdout }).toEqual({ name, exitCode: 3, stdout: '' });
      expect(stderr).toContain(file);
      expect(stderr).not.toMatch(/^\s+at |defect/m);
      await expect(stat(place(`from-${name}`))).rejects.toMatchObject({ code: 'ENOENT' });
    }
  });

  it('a report that is there is replaced as a whole, and is kept where the new one cannot be made', async () => {
    const there = place('there');
    await render(bundle, there, '--format', 'json,csv');
    const before = await bytesOf(there);
    const failed = await render(place('broken-empty.ndjson'), there);
    expect(failed.exitCode).toBe(3);
    expect(await bytesOf(there)).toEqual(before);
    await render(bundle, there, '--format', 'json');
    expect((await readdir(there)).filter((name) => name.endsWith('.csv'))).toEqual([]);
    expect((await readdir(install.directories.root)).filter((name) => /part|tmp|old/i.test(name))).toEqual([]);
  });

  it('a directory that is no report is not replaced', async () => {
    const precious = place('precious');
    await mkdir(precious);
    await writeFile(join(precious, 'thesis.txt'), 'years of work');
    const { exitCode, stderr } = await render(bundle, precious, '--format', 'json');
    expect(await readFile(join(precious, 'thesis.txt'), 'utf8')).toBe('years of work');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(precious);
  });

  it('an output directory that cannot be written is named', async () => {
    const closed = place('closed');
    await mkdir(closed);
    await chmod(closed, 0o500);
    // Root may write where nobody else may, but not here.
    const parent = isRoot ? '/proc/self' : closed;
    const { exitCode, stderr } = await render(bundle, join(parent, 'report'), '--format', 'json');
    expect(exitCode).toBe(4);
    expect(stderr).toContain(parent);
    expect(stderr).not.toContain('defect');
  });

  it.skipIf(!isRoot || process.platform !== 'linux')(
    'a full disk: exit 4, what to do, and nothing half-written',
    async () => {
      const small = place('small');
      await mkdir(small);
      // A mount namespace of its own: the file system is gone with the last process in it.
      const inside = join(import.meta.dirname, 'on-full-disk.ts');
      const { stdout } = await run('unshare', ['--mount', process.execPath, inside, small, bundle], {
        timeout: 60_000,
      });
      const seen = JSON.parse(stdout) as { readonly render: CliResult; readonly left: string[] };
      expect(seen.render).toMatchObject({ exitCode: 4, stdout: '' });
      expect(seen.render.stderr).toMatch(/space|full|ENOSPC/i);
      expect(seen.render.stderr).not.toContain('defect');
      expect(seen.left).toEqual(['filler']);
    },
  );

  it('the bundle of one install is no place to look up secrets', async () => {
    const copy = place('copy.ndjson');
    await copyFile(bundle, copy);
    const text = await readFile(copy, 'utf8');
    for (const secret of Object.values(install.environment)) expect(text).not.toContain(secret);
    expect(text).not.toContain('member@example.test');
    expect(text).not.toContain('NOVANTRA_INSTALL=');
  });
});
