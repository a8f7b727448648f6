import { createHash } from 'node:crypto';
import { deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { readDumpFile } from '../../../../src/collect/formats/pg-dump/read-dump.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';
import {
  directoryFixture,
  fixture,
  readingOf,
  recognizeBytes,
  recognizeFiles,
  unpackedFixture,
  verdictOf,
} from './fixtures.ts';

const TABLES = [
  { oid: 16438, schema: 'public', name: 'members', hasData: true, partitioned: false },
  { oid: 16445, schema: 'public', name: 'visits', hasData: false, partitioned: true },
  { oid: 16448, schema: 'public', name: 'visits_1', hasData: true, partitioned: false },
];
const CUSTOM = [
  ['pg15-custom.dump', '15.20 (Debian 15.20-0+deb12u1)', 'complete'],
  ['pg15-custom-pipe.dump', '15.20 (Debian 15.20-0+deb12u1)', 'unproven'],
  ['pg16-custom.dump', '16.14', 'complete'],
  ['pg18-custom.dump', '18.4', 'complete'],
] as const;

describe('a custom archive', () => {
  for (const [name, toolVersion, atStructure] of CUSTOM) {
    it(`${name} tells what is inside, and whether it is whole`, async () => {
      const bytes = fixture(name);
      const facts = {
        format: 'pg_dump-custom',
        compression: 'gzip',
        wrapped: 'none',
        databaseName: 'tiny',
        databaseOid: 16437,
        serverVersion: '15.20 (Debian 15.20-0+deb12u1)',
        toolVersion,
        startedLocal: expect.stringMatching(/^2026-11-22T19:06:\d\d$/),
        startedAt: null,
        scope: 'full',
        tables: TABLES,
        objects: [
          { schema: '', kind: 'large object', count: expect.any(Number) },
          { schema: 'public', kind: 'constraint', count: 1 },
        ],
      };
      const full = readingOf(await recognizeBytes(bytes, 'full', 100));
      expect(full).toMatchObject({ ...facts, integrity: { state: 'complete' }, bytesRead: bytes.length });
      expect(full.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
      const structure = readingOf(await recognizeBytes(bytes, 'structure'));
      expect(structure).toMatchObject({ ...facts, integrity: { state: atStructure }, sha256: null });
    });
  }

  it('is recognized inside gzip, where only reading all of it shows its end', async () => {
    const bytes = gzipSync(fixture('pg15-custom.dump'));
    const structure = readingOf(await recognizeBytes(bytes, 'structure'));
    expect(structure).toMatchObject({ wrapped: 'gzip', databaseName: 'tiny', tables: TABLES });
    expect(structure.integrity.state).toBe('unproven');
    expect(verdictOf(await recognizeBytes(bytes, 'full'))).toBe('complete');
  });

  it('of a version from the future is read as far as its header', async () => {
    const bytes = Buffer.from(fixture('pg18-custom.dump'));
    bytes[6] = 17;
    for (const depth of ['structure', 'full'] as const) {
      const reading = readingOf(await recognizeBytes(bytes, depth));
      expect(reading).toMatchObject({ databaseName: 'tiny', databaseOid: null, tables: null, scope: 'unknown' });
      expect(reading.integrity).toMatchObject({ state: 'unproven', because: expect.stringContaining('1.17') });
    }
  });

  it('is found damaged when other bytes follow it, though pg_restore takes no notice', async () => {
    const bytes = Buffer.concat([fixture('pg15-custom.dump'), Buffer.from('garbage')]);
    for (const depth of ['structure', 'full'] as const) {
      expect(verdictOf(await recognizeBytes(bytes, depth))).toBe('incomplete');
    }
  });

  it('names the table inside which it ends', async () => {
    const whole = fixture('pg15-custom-pipe.dump');
    const at = whole.indexOf(deflateSync('').subarray(0, 2));
    const { integrity, sha256 } = readingOf(await recognizeBytes(whole.subarray(0, at + 10), 'full'));
    expect(integrity).toEqual({
      state: 'incomplete',
      because: 'the file ends inside the data of table public.members',
    });
    expect(sha256).not.toBeNull();
  });
});

describe('a tar archive', () => {
  for (const name of ['pg15-tar.tar.gz', 'pg18-tar.tar.gz']) {
    it(`${name} tells what is inside, bare and in gzip`, async () => {
      const bare = unpackedFixture(name);
      for (const depth of ['structure', 'full'] as const) {
        const reading = readingOf(await recognizeBytes(bare, depth));
        expect(reading).toMatchObject({ format: 'pg_dump-tar', databaseOid: 16437, tables: TABLES, scope: 'full' });
        expect(reading.integrity.state).toBe('complete');
      }
      expect(verdictOf(await recognizeBytes(fixture(name), 'structure'))).toBe('unproven');
      expect(verdictOf(await recognizeBytes(fixture(name), 'full'))).toBe('complete');
    });
  }
});

describe('a directory archive', () => {
  const whole = directoryFixture('pg18-directory');

  it('tells what is inside; its compressed files must be read', async () => {
    const structure = readingOf(await recognizeFiles(whole, 'structure'));
    expect(structure).toMatchObject({ format: 'pg_dump-directory', databaseOid: 16437, tables: TABLES, scope: 'full' });
    expect(structure.integrity.state).toBe('unproven');
    expect(verdictOf(await recognizeFiles(whole, 'full'))).toBe('complete');
  });

  it('is incomplete at any depth when a file is missing or empty', async () => {
    for (const name of whole.keys()) {
      const without = new Map([...whole].filter(([other]) => other !== name));
      const emptied = new Map(whole).set(name, Buffer.alloc(0));
      for (const depth of ['structure', 'full'] as const) {
        expect(verdictOf(await recognizeFiles(without, depth))).toBe(name === 'toc.dat' ? 'foreign' : 'incomplete');
        expect(verdictOf(await recognizeFiles(emptied, depth))).toBe('incomplete');
      }
    }
  });

  it('never opens what its table of contents names outside the listed files', async () => {
    const hostile = Buffer.from(whole.get('toc.dat') ?? []);
    hostile.write('../../x', hostile.indexOf('3349.dat'));
    const verdict = await recognizeFiles(new Map(whole).set('toc.dat', hostile), 'full');
    expect(readingOf(verdict).integrity.state).toBe('incomplete');
  });

  it('is not judged by its toc.dat alone', async () => {
    const toc = whole.get('toc.dat') ?? Buffer.alloc(0);
    for (const depth of ['structure', 'full'] as const) {
      expect(await recognizeBytes(toc, depth)).toMatchObject({
        kind: 'foreign',
        what: expect.stringContaining('toc.dat'),
      });
    }
  });
});

describe('a plain dump', () => {
  it('with --verbose and --create tells name, oids and a start in UTC', async () => {
    const bytes = fixture('pg15-plain.sql');
    const facts = { databaseName: 'tiny', databaseOid: 16437, startedAt: '2026-11-22T19:06:50.000Z' };
    const structure = readingOf(await recognizeBytes(bytes, 'structure'));
    expect(structure).toMatchObject({ format: 'pg_dump-plain', ...facts, tables: null, scope: 'unknown' });
    expect(structure.integrity.state).toBe('unproven');
    for (const stored of [bytes, gzipSync(bytes), Buffer.from(bytes.toString('utf8').replaceAll('\n', '\r\n'))]) {
      const full = readingOf(await recognizeBytes(stored, 'full', 7));
      expect(full).toMatchObject({ ...facts, tables: TABLES, scope: 'full', integrity: { state: 'complete' } });
    }
  });
});

describe.each([
  { by: '13', release: '13.4', oids: [16385, 16393, 16396] },
  { by: '14', release: '14.1', oids: [16385, 16392, 16395] },
])('dumps by PostgreSQL $by', ({ by, release, oids }) => {
  const tables = TABLES.map((table, at) => ({ ...table, oid: oids[at] }));
  const common = { databaseName: 'tiny', toolVersion: release, serverVersion: release, scope: 'full', tables };

  it.each([
    ['custom', 'pg_dump-custom', 'complete'],
    ['tar', 'pg_dump-tar', 'complete'],
    ['plain', 'pg_dump-plain', 'unproven'],
  ] as const)('%s: what is inside, whole and cut', async (name, format, atStructure) => {
    const bytes = {
      custom: () => fixture(`pg${by}-custom.dump`),
      tar: () => unpackedFixture(`pg${by}-tar.tar.gz`),
      plain: () => fixture(`pg${by}-plain.sql`),
    }[name]();
    const full = readingOf(await recognizeBytes(bytes, 'full', 100));
    expect(full).toMatchObject({ ...common, format, databaseOid: 16384, integrity: { state: 'complete' } });
    expect(verdictOf(await recognizeBytes(bytes, 'structure'))).toBe(atStructure);
    for (const part of [0.5, 0.9]) {
      const cut = bytes.subarray(0, Math.floor(bytes.length * part));
      expect(verdictOf(await recognizeBytes(cut, 'full')), `cut at ${part}`).toBe('incomplete');
    }
  });

  it('directory: what is inside, whole and with a file missing', async () => {
    const whole = directoryFixture(`pg${by}-directory`);
    const full = readingOf(await recognizeFiles(whole, 'full'));
    expect(full).toMatchObject({ ...common, format: 'pg_dump-directory', integrity: { state: 'complete' } });
    expect(whole.size).toBe(5);
    for (const name of whole.keys()) {
      const without = new Map([...whole].filter(([other]) => other !== name));
      expect(verdictOf(await recognizeFiles(without, 'full')), name).toBe(
        name === 'toc.dat' ? 'foreign' : 'incomplete',
      );
    }
  });
});

it('a dump of a server of PostgreSQL 12, by pg_dump 13, tells both', async () => {
  const bytes = fixture('pg12-by-13-custom.dump');
  const tables = TABLES.map((table, at) => ({ ...table, oid: [16385, 16393, 16396][at] }));
  const told = { serverVersion: '12.22', toolVersion: '13.4', databaseOid: 16384, scope: 'full', tables };
  for (const depth of ['structure', 'full'] as const) {
    expect(readingOf(await recognizeBytes(bytes, depth))).toMatchObject({ ...told, integrity: { state: 'complete' } });
  }
});

describe('what fails outside the dump', () => {
  it('lets the error of the storage through and stops when interrupted', async () => {
    const failure = new SourceError('unreachable', 'gone', 'Mount it.');
    const broken = {
      ...memoryByteReader(fixture('pg15-custom.dump')),
      read: () => Promise.reject(failure),
      // biome-ignore lint/correctness/useYield: it fails before its first chunk
      async *stream() {
        throw failure;
      },
    };
    for (const depth of ['structure', 'full'] as const) {
      await expect(readDumpFile(broken, { depth, signal: new AbortController().signal })).rejects.toBe(failure);
      const stopped = readDumpFile(memoryByteReader(fixture('pg15-custom.dump')), {
        depth,
        signal: AbortSignal.abort(),
      });
      await expect(stopped).rejects.toMatchObject({ name: 'SourceError', reason: 'not-asked' });
    }
  });
});
