import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createReadingQueue, type Wish } from '../../../../src/collect/backups/verification/reading-queue.ts';
import { createBudget } from '../../../../src/collect/backups/verification/verification-budget.ts';
import { DAY, toInstant } from '../../../../src/model/instant.ts';
import { type ScratchDirectory, scratchDirectory } from '../../../services/scratch.ts';
import { WAL_SYSTEM_IDENTIFIER } from '../../formats/base-backup/wal.ts';
import { TAR } from '../physical/small-base-backups.ts';
import { auditClusters, type ClusterAuditOptions } from './audited-clusters.ts';

const PLAIN_DUMP = readFileSync(join(import.meta.dirname, '../../../fixtures/dumps/pg15-plain.sql'), 'latin1');
/** As pg_dumpall lays it out, with one database inside. */
const CLUSTER_DUMP = [
  '--\n-- PostgreSQL database cluster dump\n--\n\nCREATE ROLE keeper;\n\n',
  `--\n-- Database "globex" dump\n--\n\n${PLAIN_DUMP.replaceAll('tiny', 'globex')}`,
  '--\n-- PostgreSQL database cluster dump complete\n--\n\n',
].join('\n');
const ENCRYPTED = Buffer.concat([Buffer.from('Salted__'), Buffer.alloc(4096, 0x5a)]);
const SHA256 = createHash('sha256').update(ENCRYPTED).digest('hex');

let scratch: ScratchDirectory;
let dumps: ScratchDirectory;
let clusters: ScratchDirectory;
let age: number;
beforeEach(() => {
  scratch = scratchDirectory('one-order');
  dumps = scratchDirectory('one-order-dumps');
  clusters = scratchDirectory('one-order-clusters');
  age = 0;
  writeAll();
});
afterEach(() => {
  for (const directory of [scratch, dumps, clusters]) directory[Symbol.dispose]();
});

const KINDS = ['dumps/all.sql.gz', 'dumps/initech.dump.enc', 'dumps/tiny.sql.gz', 'clusters/a/base.tar.gz'];
/** Everything anew, under its old name. */
function writeAll(): void {
  age += 1;
  const files: readonly (readonly [string, Uint8Array])[] = [
    [join(dumps.path, 'tiny.sql.gz'), gzipSync(Buffer.from(PLAIN_DUMP, 'latin1'))],
    [join(dumps.path, 'all.sql.gz'), gzipSync(Buffer.from(CLUSTER_DUMP, 'latin1'))],
    [join(dumps.path, 'initech.dump.enc'), ENCRYPTED],
    ...[...TAR].map(([name, bytes]): readonly [string, Uint8Array] => {
      const isTar = name.endsWith('.tar');
      return [join(clusters.path, 'a', isTar ? `${name}.gz` : name), isTar ? gzipSync(bytes) : bytes];
    }),
  ];
  mkdirSync(join(clusters.path, 'a'), { recursive: true });
  for (const [path, bytes] of files) {
    writeFileSync(path, bytes);
    utimesSync(path, 1_764_000_000 + age, 1_764_000_000 + age);
  }
}

const run = (options: Partial<ClusterAuditOptions> = {}) =>
  auditClusters({
    places: {
      dumps: { root: dumps.path, purpose: 'dumps' },
      clusters: { root: clusters.path, purpose: 'base-backups' },
    },
    directory: scratch.path,
    servers: { main: WAL_SYSTEM_IDENTIFIER },
    databases: ['tiny', 'globex', 'initech'],
    sha256: { '/srv/initech.dump.enc': SHA256 },
    ...options,
  });
const kindsOf = (read: readonly string[]) => KINDS.filter((path) => read.includes(path));

describe('dumps, outputs of pg_dumpall, encrypted files and copies of clusters', () => {
  test('take turns in one order: with a budget for one a night each is read once in four nights', async () => {
    const nights: string[][] = [];
    for (let night = 0; night < 8; night += 1) {
      const { read, summary } = await run({ budgetBytes: 1 });
      nights.push(kindsOf(read));
      expect(summary).toMatchObject({ read: 1, left: 3 });
      writeAll();
    }
    for (const night of nights) expect(night).toHaveLength(1);
    expect(nights.slice(0, 4).flat().toSorted()).toEqual(KINDS.toSorted());
    expect(nights.slice(4)).toEqual(nights.slice(0, 4));
  }, 120_000);

  test('are all remembered, and told as in the run that read them', async () => {
    const first = await run();
    expect(kindsOf(first.read)).toEqual(KINDS);
    expect(first.copies.get('dumps/all.sql.gz')).toMatchObject({
      foundName: 'globex',
      integrity: 'complete',
      verifiedAt: expect.any(String),
      byStructure: { integrity: 'unproven' },
    });
    expect(first.copies.get('dumps/initech.dump.enc')).toMatchObject({ sha256: SHA256 });
    const second = await run();
    expect(second.summary).toMatchObject({ read: 0, left: 0 });
    expect(kindsOf(second.read)).toEqual([]);
    expect(second.copies).toEqual(first.copies);
  });

  test('stay unknown where the budget is used up, and say so', async () => {
    const { copies, summary } = await run({ budgetBytes: 0 });
    expect(summary).toMatchObject({ read: 0, left: 4, leftUnproven: 4 });
    expect([...copies.values()].map(({ path }) => path).toSorted()).toEqual(
      ['a', 'all.sql.gz', 'initech.dump.enc', 'tiny.sql.gz'].toSorted(),
    );
    for (const copy of copies.values()) {
      expect({ ...copy, verifiedAt: copy.verifiedAt ?? null }).toMatchObject({
        integrity: 'unproven',
        verifiedAt: null,
        sha256: null,
      });
      expect(copy.integrityBecause, copy.path).toMatch(/the budget of this one was used up$/);
    }
  });

  test('are read anew where they changed under their size and time', async () => {
    await run();
    const written = 1_764_000_000 + age;
    for (const path of KINDS) {
      const file = path.startsWith('dumps/')
        ? join(dumps.path, path.slice('dumps/'.length))
        : join(clusters.path, path.slice('clusters/'.length));
      writeFileSync(file, readFileSync(file));
      utimesSync(file, written, written);
    }
    expect(kindsOf((await run()).read)).toEqual(KINDS);
  });

  test('are read at depth full every time, and by a share each once in so many nights, however often they are replaced', async () => {
    for (let time = 0; time < 2; time += 1) {
      expect(kindsOf((await run({ depth: 'full' })).read)).toEqual(KINDS);
    }
    const counts = new Map(KINDS.map((path) => [path, 0]));
    for (let night = 0; night < 12; night += 1) {
      writeAll();
      const { read } = await run({ depth: 'full', everyDays: 4 });
      expect(kindsOf(read).length).toBeLessThan(KINDS.length);
      for (const path of kindsOf(read)) counts.set(path, (counts.get(path) ?? 0) + 1);
    }
    // A share is exceeded by its last copy, so that some have more than their turn, and none has less.
    for (const [path, count] of counts) expect(count, path).toBeGreaterThanOrEqual(3);
  }, 120_000);
});

test('whatever the kinds, sizes and budgets: none is read twice while another that nothing decides waits', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.record({ bytes: fc.integer({ min: 1, max: 50 }), hasLinks: fc.boolean() }), {
        minLength: 1,
        maxLength: 10,
      }),
      fc.integer({ min: 1, max: 120 }),
      fc.integer({ min: 1, max: 4 }),
      async (copies, bytes, atOnce) => {
        const lastReadAt: (string | null)[] = copies.map(() => null);
        const readings: number[] = [];
        let tick = 0;
        for (let night = 0; readings.length < copies.length * 3; night += 1) {
          const wishes = copies.map(
            (copy, index): Wish => ({
              key: index,
              bytes: copy.bytes,
              isDecided: false,
              lastReadAt: lastReadAt[index] ?? null,
              read: async () => {
                readings.push(index);
                await Promise.resolve();
                // What was read already is not taken again.
                return copy.hasLinks ? Math.ceil(copy.bytes / 2) : copy.bytes;
              },
              noteTurn: () => {
                tick += 1;
                lastReadAt[index] = toInstant(night * DAY + tick);
              },
              next: async () => null,
            }),
          );
          const queue = createReadingQueue(new AbortController().signal);
          const budget = createBudget({ bytes, millis: null }, () => 0);
          await queue.serve(wishes, budget, atOnce, () => undefined);
          const { read, left, leftUnproven } = queue.summary();
          expect([read + left, leftUnproven]).toEqual([copies.length, left]);
        }
        for (let at = 0; atOnce === 1 && at + copies.length <= readings.length; at += 1) {
          expect(new Set(readings.slice(at, at + copies.length)).size).toBe(copies.length);
        }
        const counts = copies.map((_, index) => readings.filter((one) => one === index).length);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      },
    ),
  );
});
