import { describe, expect, it } from 'vitest';
import { withNeeds } from '../../src/collect/backups/physical/base-backup/incremental-needs.ts';
import { readPgBackRestInfoJson } from '../../src/collect/backups/physical/pgbackrest-info-json.ts';
import type { PhysicalCopy } from '../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../src/collect/backups/physical/settle-copies.ts';
import { readWalGRepository } from '../../src/collect/backups/physical/wal-g-repository.ts';
import { memoryTree } from '../collect/memory-tree.ts';

const blindSpotOf = (error: unknown) => ({ reason: 'malformed', detail: String(error), remedy: '' }) as const;
const FULL = '20261122-020000F';
const label = (number: number, kind = 'I'): string =>
  `${FULL}_20261122-${String(30_000 + number).padStart(6, '0')}${kind}`;

/** Backups as `pgbackrest info` tells of them, each with the one that it says it builds on. */
function pgBackRest(priors: ReadonlyMap<string, string | null>): readonly PhysicalCopy[] {
  const backup = [...priors].map(([name, prior]) => ({
    label: name,
    type: prior === null ? 'full' : 'incr',
    prior,
    reference: prior === null ? null : [prior],
    timestamp: { start: 1_795_000_000, stop: 1_795_000_100 },
    database: { id: 1 },
    info: {},
  }));
  const text = JSON.stringify([{ name: 'main', status: { code: 0 }, backup }]);
  const modifiedAt = '2026-11-22T12:00:00.000Z';
  const { copies } = readPgBackRestInfoJson(text, {
    path: 'info',
    modifiedAt,
    declaredServer: null,
    repository: null,
    blindSpotOf,
  });
  return copies;
}

async function walG(deltas: ReadonlyMap<string, string>): Promise<readonly PhysicalCopy[]> {
  const files = new Map(
    [...deltas].flatMap(([name, from]) => {
      const sentinel = `{"LSN":33554472,"FinishLSN":50331648,"PgVersion":150020,"SystemIdentifier":1,"Version":2,
        "DeltaFrom":"${from}","DeltaFullName":"${from}","DeltaCount":1,"DeltaLSN":33554472}`;
      return [
        [`basebackups_005/${name}_backup_stop_sentinel.json`, Buffer.from(sentinel)],
        [`basebackups_005/${name}/tar_partitions/part_001.tar.lz4`, Buffer.from([4, 0x22, 0x4d, 0x18])],
        [`basebackups_005/${name}/tar_partitions/pg_control.tar.lz4`, Buffer.from([4, 0x22, 0x4d, 0x18])],
      ] as const;
    }),
  );
  const { signal } = new AbortController();
  const { copies } = await readWalGRepository(memoryTree(files), {
    depth: 'full',
    declaredServer: null,
    signal,
    blindSpotOf,
  });
  return copies;
}

/** Two incremental base backups, each of which says that it is one of the other. */
function baseBackups(copy: PhysicalCopy): readonly PhysicalCopy[] {
  const starts = ['0/2000028', '0/3000028'];
  return withNeeds(
    starts.map((startLsn, index) => ({
      copy: { ...copy, label: startLsn, kind: 'incremental', timeline: 1, needs: [] },
      startLsn,
      incrementalFrom: { lsn: starts[1 - index] ?? '', timeline: 1 },
    })),
  );
}

const states = (copies: readonly PhysicalCopy[]) =>
  settleCopies(
    copies.map((copy) => ({ ...copy, integrity: 'complete', wal: null })),
    [],
  ).map(({ integrity }) => integrity);

describe('chains of increments that go in a circle restore nothing', () => {
  const [a, b] = [label(1), label(2)];

  it('pgBackRest', () => {
    for (const priors of [
      new Map([[a, a]]),
      new Map([
        [a, b],
        [b, a],
      ]),
    ]) {
      const copies = pgBackRest(priors);
      expect(copies).toHaveLength(priors.size);
      expect(new Set(states(copies))).toEqual(new Set(['incomplete']));
    }
  });

  it('WAL-G', async () => {
    const [one, other] = [
      'base_000000010000000000000002_D_000000010000000000000003',
      'base_000000010000000000000003_D_000000010000000000000002',
    ];
    const copies = await walG(
      new Map([
        [one, other],
        [other, one],
      ]),
    );
    expect(copies).toHaveLength(2);
    expect(new Set(states(copies))).toEqual(new Set(['incomplete']));
  });

  it('pg_basebackup', () => {
    const [copy] = pgBackRest(new Map([[FULL, null]]));
    if (copy === undefined) expect.fail('there is no copy');
    const copies = baseBackups(copy);
    expect(copies.map(({ needs }) => needs)).toEqual([['0/3000028'], ['0/2000028']]);
    expect(new Set(states(copies))).toEqual(new Set(['incomplete']));
  });
});

it('a chain of 50,000 increments is settled link by link, from either end', () => {
  const [copy] = pgBackRest(new Map([[FULL, null]]));
  if (copy === undefined) expect.fail('there is no copy');
  const chain = Array.from({ length: 50_000 }, (_, index) => ({
    ...copy,
    label: `${index}`,
    needs: index === 0 ? [] : [`${index - 1}`],
  }));
  for (const copies of [chain, chain.toReversed()]) expect(new Set(states(copies))).toEqual(new Set(['complete']));
  expect(new Set(states(chain.slice(1).toReversed()))).toEqual(new Set(['incomplete']));
}, 300_000);
