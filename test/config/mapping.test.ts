import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { postgresGrants } from '../../src/collect/organizations/postgres-grants.ts';
import { ConfigurationError } from '../../src/config/configuration-error.ts';
import { loadMapping, mappingDigest, parseMapping } from '../../src/config/mapping.ts';

const REFERENCE = join(import.meta.dirname, '../../config/mappings/reference.yaml');

function mistakesOf(yaml: string): readonly { path: string; problem: string; hint: string }[] {
  try {
    parseMapping('mapping.yaml', yaml);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.mistakes;
    throw error;
  }
  return [];
}

describe('mapping file', () => {
  it('is the shipped one, whole', async () => {
    const mapping = await loadMapping(REFERENCE);
    expect(Object.values({ ...mapping.install, ...mapping.tenant }).every(({ kind }) => kind === 'sql')).toBe(true);
    expect(mapping.directory).toBe(join(REFERENCE, '..'));
  });

  it('has a digest of what it says, not of how it is laid out', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const digest = mappingDigest(parseMapping('/a/x.yaml', text));
    expect(digest).toMatch(/^[0-9a-f]{64}$/);
    expect(mappingDigest(parseMapping('/b/y.yaml', `# a comment\n${text}`))).toBe(digest);
    expect(
      mappingDigest(parseMapping('/a/x.yaml', text.replace('FROM novantra.license', 'FROM novantra.licence'))),
    ).not.toBe(digest);
  });

  it('reports every mistake at once, with its path and a hint', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const broken = text
      .replace('FROM novantra.organizations', 'FROM novantra.organizations; DROP TABLE x')
      .replace('tables: [novantra.key_providers]', 'tables: [key_providers]\n    colour: red')
      .replace('tables: [novantra.license]', 'absent: true')
      .replace(/ {2}audit_head:\n {4}sql: \|[\s\S]*?audit_log\]\n/, '')
      .replace('version: 1', 'version: 7');
    const mistakes = mistakesOf(broken);
    expect(mistakes.map(({ path }) => path).sort()).toEqual([
      'install.audit_head',
      'install.key_providers.colour',
      'install.key_providers.tables.0',
      'install.license',
      'install.organizations.sql',
      'version',
    ]);
    expect(mistakes.every(({ problem, hint }) => problem !== '' && hint.endsWith('.'))).toBe(true);
  });

  it('does not let the audit have nothing to audit', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    expect(
      mistakesOf(
        text.replace(/ {2}organizations:\n {4}sql: \|[\s\S]*?organizations\]\n/, '  organizations: {absent: true}\n'),
      ),
    ).toMatchObject([{ path: 'install.organizations', problem: expect.stringContaining('cannot be absent') }]);
    expect(mistakesOf('{')).toMatchObject([{ hint: 'Mend the YAML syntax.' }]);
    expect(mistakesOf('a: &a [x]\nb: [*a,*a]').length).toBeGreaterThan(0);
  });

  it('takes exports for install datasets, and none for tenants', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const file = 'file: {path: members.csv, format: csv}';
    expect(mistakesOf(text.replace(/ {4}sql: \|\n {6}SELECT customer_id[\s\S]*?license\]\n/, `    ${file}\n`))).toEqual(
      [],
    );
    expect(mistakesOf(text.replace(/ {4}sql: SELECT count[\s\S]*$/, `    ${file}\n`))).toMatchObject([
      { path: 'tenant.members.file' },
      { path: 'tenant.members' },
    ]);
  });

  it('may name wrapped samples, whose grants are given where keys are to be proven', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const without = parseMapping('/a/x.yaml', text.replace(/\nsamples:[\s\S]*$/, '\n'));
    expect(without.samples).toEqual({ install: { kind: 'absent' }, tenant: { kind: 'absent' } });
    expect(
      mistakesOf(text.replace('samples:\n  install:\n    sql: |', 'samples:\n  install:\n    mysql: |')),
    ).not.toEqual([]);
    const mapping = await loadMapping(REFERENCE);
    const asked = { role: 'auditor', mapping, installDatabase: 'novantra', tenantDatabases: ['t'] };
    expect(postgresGrants(asked)).not.toContain('wrapped_sample');
    const proving = postgresGrants({ ...asked, prove: true });
    expect(proving).toContain('GRANT SELECT (key_ref, version, wrapped_sample) ON novantra.key_versions TO "auditor";');
    expect(proving).toContain(
      'GRANT SELECT (key_ref, current_version, wrapped_sample, organization_id) ON novantra.keyrings TO "auditor";',
    );
    const readOnly = postgresGrants({ ...asked, mapping: without, prove: true });
    expect(readOnly).toBe(postgresGrants({ ...asked, mapping: without }));
  });

  it('leaves the grants in tenant databases as a comment where none is named, so that psql gets to the end', async () => {
    const mapping = await loadMapping(REFERENCE);
    const script = postgresGrants({ role: 'auditor', mapping, installDatabase: 'novantra', tenantDatabases: [] });
    expect(script).toContain('-- GRANT SELECT (last_sign_in_at) ON novantra.members TO "auditor";');
    const statements = script.split('\n').filter((line) => !line.startsWith('--'));
    expect(statements.filter((line) => line.startsWith('\\connect'))).toEqual(['\\connect "novantra"']);
    expect(statements.join('\n')).not.toContain('TENANT_DATABASE');
  });

  it('gives the grants it needs and no others', async () => {
    const script = postgresGrants({
      role: 'Audit"or',
      mapping: await loadMapping(REFERENCE),
      installDatabase: 'novantra',
      tenantDatabases: ['t 1'],
    });
    expect(script).toContain(
      'CREATE ROLE "Audit""or" LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS NOINHERIT;',
    );
    expect(script).toContain(
      '\\connect -reuse-previous=on "dbname=\'t 1\'"\nGRANT CONNECT ON DATABASE "t 1" TO "Audit""or";\nGRANT USAGE ON SCHEMA novantra TO "Audit""or";',
    );
    expect(script).toContain('GRANT SELECT (last_sign_in_at) ON novantra.members TO "Audit""or";');
    const allowed =
      /^(?:--|CREATE ROLE|ALTER ROLE|\\connect|GRANT (?:CONNECT ON DATABASE|USAGE ON SCHEMA|SELECT(?: \([\w, ]+\))? ON) |$)/;
    expect(script.split('\n').filter((line) => !allowed.test(line))).toEqual([]);
  });
});

describe('the table of key versions in copies', () => {
  it('is named with its columns, as the catalogue spells them', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const columns = ['key_ref', 'version', 'state', 'created_at', 'retired_at'];
    expect(parseMapping('mapping.yaml', text).keyVersionsInCopies).toEqual({
      schema: null,
      table: 'key_versions',
      columns: Object.fromEntries(columns.map((column) => [column, column])),
    });
    const other = text.replace(
      /table: key_versions\n.*\n/,
      `table: 'App."Key ""Versions"""'\n    columns: { key_ref: Ref, created_at: '"Made At"' }\n`,
    );
    expect(parseMapping('mapping.yaml', other).keyVersionsInCopies).toEqual({
      schema: 'app',
      table: 'Key "Versions"',
      columns: { key_ref: 'ref', created_at: 'Made At' },
    });
    const digests = [text, other].map((yaml) => mappingDigest(parseMapping('mapping.yaml', yaml)));
    expect(digests[0]).not.toBe(digests[1]);
  });

  it('may be left out, and is refused where it is no table', async () => {
    const text = await readFile(REFERENCE, 'utf8');
    const without = text.slice(0, text.indexOf('\ncopies:'));
    expect(parseMapping('mapping.yaml', without).keyVersionsInCopies).toBeUndefined();
    expect(mistakesOf(text.replace('table: key_versions', 'table: SELECT 1')).map(({ path }) => path)).toEqual([
      'copies.key_versions.table',
    ]);
    expect(mistakesOf(text.replace('created_at: created_at, ', '')).map(({ path }) => path)).toContain(
      'copies.key_versions.columns.created_at',
    );
  });
});
