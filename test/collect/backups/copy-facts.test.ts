import { describe, expect, it } from 'vitest';
import type { DumpArtifact } from '../../../src/collect/backups/artifact-index.ts';
import { type CopySurroundings, copyFact } from '../../../src/collect/backups/copy-facts.ts';
import type { DumpReading } from '../../../src/collect/formats/pg-dump/dump-reading.ts';
import { DEFAULT_FACTS } from '../../evaluate/default-facts.ts';

const READING: DumpReading = {
  format: 'pg_dump-custom',
  compression: 'gzip',
  wrapped: 'none',
  databaseName: 'tenant_acme',
  databaseOid: 16_400,
  databases: [],
  holdsRoles: false,
  serverVersion: '15.4',
  toolVersion: '15.4',
  startedLocal: '2026-11-22T02:00:00',
  startedAt: null,
  scope: 'full',
  tables: [{ oid: 16_402, schema: 'public', name: 'items', hasData: true, partitioned: false }],
  objects: [{ schema: 'public', kind: 'view', count: 1 }],
  integrity: { state: 'complete', because: 'it ends where it must' },
  bytesRead: 10,
  sha256: 'abc',
};
const AROUND: CopySurroundings = {
  databaseName: 'tenant_acme',
  sameNameDatabases: 1,
  planTimeZone: null,
  recordedRun: null,
  claimedByRun: null,
  listsAll: true,
};

function fact(
  reading: Partial<DumpReading> = {},
  around: Partial<CopySurroundings> = {},
  timeZone: string | null = 'UTC',
) {
  const artifact = {
    location: { name: 'dumps', timeZone, servers: null, tree: {} },
    path: 'tenant_acme/2026.dump',
    bytes: 10,
    modifiedAt: '2026-11-22T02:10:00.000Z',
    files: null,
    reading: READING,
    claimedName: 'tenant_acme',
  } as unknown as DumpArtifact;
  return copyFact(artifact, { ...READING, ...reading }, { ...AROUND, ...around });
}

describe('a dump in the vocabulary', () => {
  it('agrees in name only with what is inside', () => {
    expect(fact().nameAgrees).toBe(true);
    expect(fact({ databaseName: 'tenant_globex' })).toMatchObject({ nameAgrees: false, claimedName: 'tenant_acme' });
    expect(fact({ databaseName: null }).nameAgrees).toBeNull();
  });

  it('tells why the time inside it proves no moment, where its file is older', () => {
    const younger = fact({ startedLocal: '2026-11-23T02:00:00' });
    expect(younger.moment).toBeNull();
    expect(younger.momentBecause).toContain('is later than the time of its file (2026-11-22T02:10:00.000Z)');
    expect(fact()).not.toHaveProperty('momentBecause');
  });

  it('is not proven complete where files of a directory are from before its start, or all much younger than its contents', () => {
    const directory = (toc: string, ...data: readonly string[]) => {
      const files = [
        { path: 'toc.dat', bytes: 1, modifiedAt: toc },
        { path: 'README', bytes: 1, modifiedAt: '2020-01-01T00:00:00.000Z' },
        ...data.map((modifiedAt, index) => ({ path: `${3349 + index}.dat.gz`, bytes: 1, modifiedAt })),
      ];
      const artifact = {
        location: { name: 'dumps', timeZone: 'UTC', servers: null, tree: {} },
        path: 'tenant_acme',
        bytes: 10,
        modifiedAt: files
          .map((file) => file.modifiedAt)
          .sort()
          .at(-1),
        files,
        reading: READING,
        claimedName: 'tenant_acme',
      } as unknown as DumpArtifact;
      return copyFact(artifact, { ...READING, format: 'pg_dump-directory' }, AROUND);
    };
    const [start, end] = ['2026-11-22T02:00:01.000Z', '2026-11-22T02:10:00.000Z'];
    expect(directory(start, start, end).integrity).toBe('complete');
    // Copied without its times.
    expect(directory('2026-11-25T02:00:00.000Z', '2026-11-25T02:00:00.000Z').integrity).toBe('complete');
    const old = directory(end, '2026-11-19T02:00:00.000Z', end);
    expect(old.integrity).toBe('unproven');
    expect(old.integrityBecause).toContain('3349.dat.gz was written on 2026-11-19T02:00:00.000Z, before the start');
    const young = directory(start, '2026-11-24T02:00:00.000Z', '2026-11-24T02:10:00.000Z');
    expect(young.integrity).toBe('unproven');
    expect(young.integrityBecause).toContain('no data file in it is from less than a day after its toc.dat');
    expect(directory(start).integrity).toBe('complete');
  });

  it('that names no database is of the one whose run recorded these bytes, and never against what it names', () => {
    const recordedRun = DEFAULT_FACTS['backup-run'];
    expect(fact({ databaseName: null }, { recordedRun }).nameAgrees).toBe(true);
    expect(fact({ databaseName: 'tenant_globex' }, { recordedRun }).nameAgrees).toBe(false);
    expect(fact({ databaseName: null }, { claimedByRun: 'tenant_acme' }).nameAgrees).toBeNull();
  });

  it('has its moment in the zone of the location before that of the plan', () => {
    expect(fact({}, { planTimeZone: 'Asia/Tokyo' }).moment?.notBefore).toBe('2026-11-22T02:00:00.000Z');
    expect(fact({}, { planTimeZone: 'Europe/Berlin' }, null).moment?.notBefore).toBe('2026-11-22T01:00:00.000Z');
  });

  it('lists all tables only where it was read to its end', () => {
    expect(fact()).toMatchObject({ tablesComplete: true, tableOids: [16_402], tableNames: ['public.items'] });
    expect(fact({}, { listsAll: false })).toMatchObject({ tablesComplete: false, readToEnd: false });
    expect(fact({ tables: null })).toMatchObject({ tablesComplete: false, tableOids: null });
    const named = [{ oid: null, schema: 'public', name: 'items', hasData: true, partitioned: false }];
    expect(fact({ tables: named })).toMatchObject({ tableOids: null, tableNames: ['public.items'] });
    expect(fact({ tables: named }, { listsAll: false }).tableNames).toBeNull();
  });

  it('keeps a sample of object ids of one whose structure alone was read', () => {
    const tables = Array.from({ length: 100 }, (_, index) => ({
      oid: 20_000 - index,
      schema: 'public',
      name: `t${index}`,
      hasData: true,
      partitioned: false,
    }));
    expect(fact({ tables }, { listsAll: false }).tableOids).toHaveLength(64);
    expect(fact({ tables }).tableOids).toHaveLength(100);
  });

  it('names tables without rows, but not partitioned parents, nor all of a dump of definitions', () => {
    const empty = (name: string, partitioned: boolean) => ({
      oid: 1,
      schema: 'public',
      name,
      hasData: false,
      partitioned,
    });
    const tables = [empty('parent', true), empty('left_out', false)];
    expect(fact({ tables }).tablesWithoutRows).toEqual(['public.left_out']);
    expect(fact({ tables, scope: 'schema-only' })).toMatchObject({ tablesWithoutRows: [], scope: 'schema-only' });
    expect(fact({ tables })).not.toHaveProperty('unloggedLeftOut');
    const cache = { ...empty('cache', false), unlogged: true } as const;
    const sequence = (name: string, unlogged: boolean) => ({ schema: 'public', name, unlogged });
    const sequencesWithoutValues = [sequence('numbers', false), sequence('cache_id_seq', true)];
    expect(fact({ tables: [...tables, cache], sequencesWithoutValues })).toMatchObject({
      tablesWithoutRows: ['public.left_out'],
      sequencesWithoutValues: ['public.numbers'],
      unloggedLeftOut: ['public.cache', 'public.cache_id_seq'],
    });
  });

  it.each([
    [
      { format: 'pg_dump-plain', wrapped: 'gzip' },
      { method: 'pg_dump', format: 'pg_dump-plain, gzip' },
    ],
    [{ format: 'pg_dumpall-plain' }, { method: 'pg_dumpall', format: 'pg_dumpall-plain' }],
    [{ scope: 'partial-sections' }, { scope: 'partial' }],
  ] as const)('%o: %o', (reading, expected) => {
    expect(fact(reading)).toMatchObject(expected);
  });
});
