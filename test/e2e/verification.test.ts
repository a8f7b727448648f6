import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { buildInstall, type Install } from './install.ts';
import { findingsOf, scan } from './read-report.ts';
import { runCli } from './run-cli.ts';

// Each test starts the program several times.
describe.skipIf(embeddedPostgresUnavailable())('how far copies are read', { timeout: 300_000 }, () => {
  let install: Install;
  beforeAll(async () => {
    install = await buildInstall();
  });
  afterAll(() => install?.[Symbol.asyncDispose]());

  const configured = (verification: object) =>
    install.variant((configuration) => ({
      ...configuration,
      collect: {
        ...configuration.collect,
        verification: { file: join(install.directories.root, 'seen.ndjson'), ...verification },
      },
    }));
  /** Scans and tells DB-6 of every database, and what the trailer of the bundle says of reading. */
  const look = async (name: string, verification: object, args: readonly string[] = []) => {
    const bundle = join(install.directories.root, `${name}.ndjson`);
    const directory = join(install.directories.reports, name);
    const patient = { environment: install.environment, timeoutMillis: 150_000 };
    const { report } = await scan(await configured(verification), directory, patient, ['--bundle', bundle, ...args]);
    const trailer = JSON.parse((await readFile(bundle, 'utf8')).trimEnd().split('\n').at(-1) ?? '');
    const copies = report.evidence.flatMap((one) => one.copies ?? []);
    return { report, reading: trailer.reading, db6: findingsOf(report, 'DB-6'), copies };
  };

  it('is what --depth says, and what was read is remembered', async () => {
    const databases = install.organizations.length + 1;
    const structure = await look('structure', {}, ['--depth', 'structure']);
    expect(structure.reading).toMatchObject({ depth: 'structure', read: 0, left: 0 });
    for (const one of structure.db6) expect(one).toMatch(/unknown, .*its recorded checksum was not compared/);
    expect(structure.db6).toHaveLength(databases);

    const mixed = await look('mixed', {});
    expect(mixed.reading).toMatchObject({ depth: 'mixed', read: databases, left: 0, notes: [] });
    for (const one of mixed.db6) expect(one).toMatch(/pass, .*last read in full on 20\d\d-/);
    expect(mixed.report.findings.filter(({ controlId }) => controlId === 'DB-6').map(({ grade }) => grade)).toEqual(
      Array(databases).fill('verified'),
    );
    expect((await stat(join(install.directories.root, 'seen.ndjson'))).mode & 0o777).toBe(0o600);

    const again = await look('again', {});
    expect(again.reading).toMatchObject({ read: 0, readBytes: 0 });
    expect(again.db6).toEqual(mixed.db6);
    const dates = ({ copies }: typeof again) => copies.map(({ path, verifiedAt, grade }) => [path, verifiedAt, grade]);
    expect(dates(again)).toEqual(dates(mixed));

    const full = await look('full', {}, ['--depth', 'full']);
    expect(full.reading).toMatchObject({ depth: 'full', read: databases });
  });

  it('is bounded by the budget; the rest stays unknown, and a notice counts it', async () => {
    await install.dump();
    const databases = install.organizations.length + 1;
    const least = { gibibytes: 1e-9 };
    const first = await look('budget', least);
    expect(first.reading).toMatchObject({ read: 1, left: databases - 1, leftUnproven: databases - 1 });
    expect(first.db6.filter((one) => one.includes(': unknown, '))).toHaveLength(databases - 1);
    expect(first.report.notices.map(({ text }) => text).join()).toContain(
      `${databases - 1} copies were left for a later run to read to the end`,
    );
    const second = await look('second', least);
    expect(second.reading).toMatchObject({ read: 1, left: databases - 2 });
    const last = await look('last', {});
    expect(last.reading).toMatchObject({ read: databases - 2, left: 0 });
    for (const one of last.db6) expect(one).toContain(': pass, ');
  });

  it('says where it cannot write down what it read, and refuses a file that holds something else', async () => {
    const unwritable = await look('unwritable', { file: join(install.directories.root, 'nowhere', 'seen.ndjson') });
    expect(unwritable.report.notices.map(({ text }) => text).join()).toContain('could not be written down (ENOENT)');
    const foreign = join(install.directories.root, 'foreign.txt');
    await writeFile(foreign, 'a letter\n');
    const { exitCode, stderr } = await runCli(['scan', '--config', await configured({ file: foreign })], {
      ...install,
      timeoutMillis: 150_000,
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining(foreign) });
    expect(await readFile(foreign, 'utf8')).toBe('a letter\n');
  });

  it('knows no other depth', async () => {
    const { exitCode, stderr } = await runCli(['scan', '--depth', 'deep'], { timeoutMillis: 150_000 });
    expect({ exitCode, stderr }).toEqual({ exitCode: 3, stderr: expect.stringContaining('structure, mixed, full') });
  });
});
