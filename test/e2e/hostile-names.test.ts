import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { buildInstall, type Install } from './install.ts';
import { type InstallOrganization, organizationNamed } from './organizations.ts';
import { pdfText } from './pdf-text.ts';
import { readReport, type Scanned, scan } from './read-report.ts';
import { runCli } from './run-cli.ts';

const FORMATS = ['--format', 'json,html,pdf,csv'];
const LONG = `${'long '.repeat(1999)}name!`;
const HOSTILE_FILE = '=1+1|<script>alert(3)<!--\u202e\n.dump';
/** What a name must never do, by what it is made of. */
const HOSTILE: Readonly<Record<string, string>> = {
  rtl: 'شركة النور \u202egnp.exe\u202c المحدودة',
  emoji: '👩‍👩‍👧‍👦 Family & Söhne 🚀',
  newline: 'Two\nlines\r\u0007and a bell\u001b[31m',
  script: '<script>alert(1)</script><img src=x onerror=alert(2)>',
  formula: "=cmd|' /C calc'!A0",
  plus: '+1+1|quote"comma,semicolon;',
  long: LONG,
  path: '../../etc/passwd',
  template: '{{constructor.constructor "return process"}}',
};
const ORGANIZATIONS: readonly InstallOrganization[] = Object.entries(HOSTILE).map(([slug, name]) =>
  organizationNamed(slug, { name, ...(slug === 'path' ? { slug: '../../root' } : {}) }),
);

describe.skipIf(embeddedPostgresUnavailable())('names from the outside', () => {
  let install: Install;
  let scanned: Scanned;
  let directory: string;
  beforeAll(async () => {
    install = await buildInstall({ organizations: ORGANIZATIONS, secondDumps: true });
    directory = join(install.directories.reports, 'hostile');
    await writeFile(join(install.directories.dumps, HOSTILE_FILE), 'no dump');
    scanned = await scan(install.configFile, directory, install, FORMATS);
  });
  afterAll(() => install?.[Symbol.asyncDispose]());

  it('break no judgement: every organization is judged under its own name', () => {
    expect(scanned.report.denominator.organizations).toMatchObject({ total: ORGANIZATIONS.length, blind: 0 });
    const names = scanned.report.organizations.map(({ name }) => name);
    expect(names).toHaveLength(ORGANIZATIONS.length);
    for (const harmless of ['emoji', 'script', 'formula']) expect(names).toContain(HOSTILE[harmless]);
  });

  it('break no page: the HTML runs nothing, asks nobody and is text where names are', async () => {
    const html = await readFile(join(directory, 'report.html'), 'utf8');
    expect(html).toContain('alert(3)');
    expect(html).not.toMatch(/<script>alert|<img src=x|onerror=alert\(2\)>/);
    expect(html).toContain('&lt;script&gt;alert(1)');
    expect(html).not.toContain('\u202e');
    expect(html).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
  });

  it('break no spreadsheet: no cell begins as a formula', async () => {
    for (const file of (await readdir(directory)).filter((name) => name.endsWith('.csv'))) {
      const text = await readFile(join(directory, file), 'utf8');
      expect(text).not.toMatch(/(?:^|[\n,;"])[=+@]\S/);
      expect(text).not.toContain('\u001b');
    }
  });

  it('break no PDF', async () => {
    const text = await pdfText(join(directory, 'report.pdf'));
    expect(text).toContain('<script>alert(1)</script>'.replaceAll(' ', ''));
    expect(text).toContain('Söhne');
  });

  it('break no terminal', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not come through
    expect(scanned.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/);
    for (const line of scanned.stderr.split('\n')) expect(line.length).toBeLessThan(1000);
  });

  it("an organization's own report names no other organization, database or path, in any format", async () => {
    for (const own of [organizationNamed('script'), organizationNamed('formula')]) {
      const place = join(install.directories.reports, `own-${own.slug}`);
      const args = ['scan', '--config', install.configFile, '--organization', own.id.toUpperCase(), '--output', place];
      const { exitCode, stderr, stdout } = await runCli([...args, ...FORMATS, '--json'], install);
      expect(exitCode).toBe(2);
      const report = await readReport(place);
      expect(report.scope).toEqual({ kind: 'organization', organizationId: own.id });
      expect(report.organizations.map(({ organizationId }) => organizationId)).toEqual([own.id]);
      expect(report.denominator.organizations.total).toBe(1);
      const files = await readdir(place, { recursive: true, withFileTypes: true });
      const texts = await Promise.all(
        files
          .filter((file) => file.isFile())
          .map(({ parentPath, name }) =>
            name.endsWith('.pdf') ? pdfText(join(parentPath, name)) : readFile(join(parentPath, name), 'utf8'),
          ),
      );
      const everything = [...texts, stderr, stdout].join('\n');
      expect(everything).toContain(own.database);
      for (const other of ORGANIZATIONS.filter(({ id }) => id !== own.id)) {
        for (const word of [other.id, other.database, other.keyRef])
          expect(everything.toLowerCase()).not.toContain(word);
        expect(everything).not.toContain(other.name.slice(0, 20));
      }
    }
  });

  it('an exclusion is named with its reason, and prevents exit 0 unless it is accepted', async () => {
    const [left] = ORGANIZATIONS;
    const file = await install.variant((configuration) => ({
      ...configuration,
      exclusions: [
        {
          organization: left?.id.toUpperCase() ?? '',
          reason: 'A sandbox',
          approver: 'The owner',
          expires: '2999-01-01',
        },
      ],
    }));
    const excluding = await scan(file, join(directory, '..', 'excluding'), install);
    expect(excluding.report.denominator.organizations).toMatchObject({ total: ORGANIZATIONS.length, excluded: 1 });
    expect(excluding.report.exclusions).toMatchObject([{ organizationId: left?.id, reason: 'A sandbox' }]);
    const row = excluding.report.organizations.find(({ organizationId }) => organizationId === left?.id);
    expect(row).toMatchObject({ verdict: null, recoveryPoint: null });
    expect(excluding.report.exit.reasons.join()).toMatch(/1 organizations? (?:is|are) excluded; --accept-excluded/);
    const accepted = await scan(file, join(directory, '..', 'accepted'), install, ['--accept-excluded']);
    expect(accepted.report.exit.reasons.join()).not.toContain('excluded');
  });
});
