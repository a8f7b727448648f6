import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrganizationRow, TenantDatabaseRow } from '../../../src/collect/organizations/dataset-contracts.ts';
import { mergeByOrganization } from '../../../src/collect/organizations/merge-by-organization.ts';
import { compareKeys, organizationKey } from '../../../src/collect/organizations/organization-key.ts';
import { openSpool, readSpool, readWholeSpool } from '../../../src/collect/organizations/spool.ts';
import { scratchDirectory } from '../../services/scratch.ts';

const CREATED = '2026-01-01T00:00:00.000Z';

function organizationRow(organizationId: string): OrganizationRow {
  return {
    organizationId,
    slug: 's',
    name: 'n',
    state: 'active',
    createdAt: CREATED,
    locale: null,
    timezone: null,
    allowedRegions: null,
  };
}

function databaseRow(organizationId: string, databaseName: string): TenantDatabaseRow {
  return { organizationId, databaseName, host: null, port: null, schemaName: null, createdAt: null };
}

function inKeyOrder<T>(values: readonly T[], id: (value: T) => string | null): readonly T[] {
  const key = (value: T) => organizationKey(id(value) ?? '');
  return [...values].sort((a, b) => Number(id(a) !== null) - Number(id(b) !== null) || compareKeys(key(a), key(b)));
}

describe('spool', () => {
  it('gives back what was written, whatever the text', async () => {
    using scratch = scratchDirectory('spool');
    let file = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'grapheme' })),
        fc.constantFrom('', '\u2028\n\r\0'),
        async (names, suffix) => {
          file += 1;
          const path = join(scratch.path, `${file}.ndjson`);
          const spool = openSpool<string>(path);
          for (const name of names) await spool.write(null, { ok: true, row: name + suffix });
          await spool.close();
          expect((await readWholeSpool<string>(path)).rows).toEqual(names.map((name) => name + suffix));
        },
      ),
      { numRuns: 50 },
    );
  });

  it('reads lines longer than a chunk', async () => {
    using scratch = scratchDirectory('spool');
    const path = join(scratch.path, 'long.ndjson');
    const spool = openSpool<string>(path);
    const rows = ['é'.repeat(200_000), 'short', '🏢'.repeat(50_000)];
    for (const row of rows) await spool.write('org', { ok: true, row });
    await spool.close();
    expect((await readWholeSpool<string>(path)).rows).toEqual(rows);
  });

  it('says so when it cannot be written', async () => {
    using scratch = scratchDirectory('spool');
    const path = join(scratch.path, 'taken.ndjson');
    await writeFile(path, '');
    const spool = openSpool<string>(path);
    await spool.write(null, { ok: true, row: 'x' });
    await expect(spool.close()).rejects.toMatchObject({ remedy: expect.stringContaining('scratch directory') });
    const full = openSpool<string>('/dev/full/x');
    await full.write(null, { ok: true, row: 'x' });
    await expect(full.close()).rejects.toMatchObject({ name: 'SourceError' });
  });
});

describe('organization keys', () => {
  it('are ordered as UTF-8 bytes are', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(Math.sign(compareKeys(a, b))).toBe(Buffer.compare(Buffer.from(a), Buffer.from(b)));
      }),
    );
    expect(compareKeys('\uffff', '\u{10000}')).toBeLessThan(0);
  });

  it('fold A to Z and nothing else', () => {
    expect(organizationKey('ORG_01Ä\u212A')).toBe('org_01Ä\u212A');
  });
});

describe('mergeByOrganization', () => {
  const id = fc.constantFrom('a', 'A', 'b', 'B', 'bb', 'c', 'é', 'É', '\uffff', '🏢');

  it('loses no row, gives each to those it names, and keeps every entry', async () => {
    using scratch = scratchDirectory('merge');
    let run = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(id), fc.array(fc.option(id)), async (organizationIds, ownerIds) => {
        run += 1;
        const files = { organizations: join(scratch.path, `${run}-o`), databases: join(scratch.path, `${run}-d`) };
        const organizations = openSpool<OrganizationRow>(files.organizations);
        for (const one of inKeyOrder(organizationIds, (value) => value))
          await organizations.write(one, { ok: true, row: organizationRow(one) });
        await organizations.close();
        const databases = openSpool<TenantDatabaseRow>(files.databases);
        const owned = inKeyOrder(
          ownerIds.map((owner, index) => ({ owner, name: `d${index}` })),
          ({ owner }) => owner,
        );
        for (const { owner, name } of owned)
          await databases.write(owner, { ok: true, row: databaseRow(owner ?? '', name) });
        await databases.close();

        const entries: string[] = [];
        const given = new Map<string, string[]>();
        const outside: string[] = [];
        const nameOf = ({ record }: { record: unknown }) =>
          outside.push((record as { row: TenantDatabaseRow }).row.databaseName);
        for await (const entry of mergeByOrganization(
          { organizations: files.organizations, owned: { tenant_databases: files.databases } },
          { unowned: nameOf, orphan: nameOf },
        )) {
          entries.push(entry.organizationId);
          expect(entry.entriesWithKey).toBe(
            organizationIds.filter((other) => organizationKey(other) === entry.key).length,
          );
          for (const row of entry.rows.tenant_databases) {
            given.set(row.databaseName, [...(given.get(row.databaseName) ?? []), entry.organizationId]);
            expect(organizationKey(row.organizationId)).toBe(entry.key);
          }
        }
        expect([...entries].sort()).toEqual([...organizationIds].sort());
        for (const { owner, name } of owned) {
          const exact = organizationIds.filter((other) => other === owner);
          const sameKey = organizationIds.filter(
            (other) => owner !== null && organizationKey(other) === organizationKey(owner),
          );
          const expected = exact.length > 0 ? exact : sameKey;
          expect([...(given.get(name) ?? [])].sort()).toEqual([...expected].sort());
          expect(outside.includes(name)).toBe(expected.length === 0);
        }
      }),
      { numRuns: 150 },
    );
  });

  it('fails when a spool file is gone', async () => {
    await expect(async () => {
      for await (const record of readSpool('/nowhere/x')) void record;
    }).rejects.toThrow('ENOENT');
  });
});
