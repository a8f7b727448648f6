import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PhysicalCopy, WalArchive } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import { type ReadCopies, verifiedCopies } from '../../../../src/collect/backups/physical/verified-copies.ts';
import type { ClusterVerification } from '../../../../src/collect/backups/verification/verification-memory.ts';
import { DAY, toInstant } from '../../../../src/model/instant.ts';

const STATES = ['complete', 'unproven', 'incomplete'] as const;
type State = (typeof STATES)[number];

function copy(index: number, integrity: State, readToEnd = false): PhysicalCopy {
  return {
    label: `c${index}`,
    path: `base/c${index}`,
    method: 'pgbackrest',
    format: 'repository',
    kind: index === 0 ? 'full' : 'incremental',
    needs: Array.from({ length: index }, (_, at) => `c${index - 1 - at}`),
    cluster: { systemIdentifier: '42', endpoints: [], declaredServer: null },
    timeline: 1,
    databases: null,
    startedAt: toInstant(index * DAY),
    stoppedAt: toInstant(index * DAY + 1000),
    timesFrom: 'backup.info',
    wal: { startLsn: '0/0', stopLsn: '0/1', firstSegment: SEGMENT, lastSegment: SEGMENT, inside: false },
    serverVersion: '15',
    toolVersion: null,
    bytes: 1,
    modifiedAt: toInstant(index * DAY),
    integrity,
    integrityBecause: `${integrity} by ${readToEnd ? 'reading' : 'structure'}`,
    readToEnd,
    encrypted: false,
    lockedUntil: null,
    domain: null,
  };
}
const SEGMENT = '000000010000000000000001';
const ARCHIVE: WalArchive = {
  path: 'archive',
  method: 'pgbackrest',
  cluster: { systemIdentifier: '42', endpoints: [], declaredServer: null },
  segmentBytes: 16 * 2 ** 20,
  timelines: [
    {
      timeline: 1,
      firstSegment: SEGMENT,
      lastSegment: '000000010000000000000004',
      gaps: [],
      missing: 0,
      lastArchivedAt: toInstant(DAY),
      previousArchivedAt: null,
    },
  ],
  window: null,
};
const read = (
  index: number,
  integrity: State,
  day: number,
  readToEnd = integrity === 'complete',
  walDamage: string | null = null,
) =>
  [
    `c${index}`,
    { copy: copy(index, integrity, readToEnd), walDamage, verifiedAt: toInstant(day * DAY), isNew: day === 0 },
  ] satisfies readonly [string, ClusterVerification];

const reading = fc.option(
  fc.record({ integrity: fc.constantFrom(...STATES), day: fc.integer({ min: 0, max: 9 }), isWhole: fc.boolean() }),
);
const chain = fc.array(fc.record({ structure: fc.constantFrom(...STATES), reading }), { minLength: 1, maxLength: 5 });

test('a reading vouches only where all that a copy builds on was read, and never for more than was found', async () => {
  await fc.assert(
    fc.property(chain, fc.boolean(), (links, isArchiveRead) => {
      const copies = links.map(({ structure }, index) => copy(index, structure));
      const found: ReadCopies = new Map(
        links.flatMap(({ reading }, index) => {
          if (reading === null) return [];
          const { integrity, day, isWhole } = reading;
          return [read(index, integrity, day, integrity === 'complete' && isWhole)];
        }),
      );
      const archives = [{ ...ARCHIVE, readToEnd: isArchiveRead }];
      const structure = settleCopies(copies, archives);
      for (const { settled, vouching } of verifiedCopies({ copies, archives }, [], found)) {
        const own = [settled.copy.label, ...settled.copy.needs];
        const readings = own.map((label) => found.get(label));
        const isAllRead = readings.every((one) => one?.copy.integrity === 'complete');
        const before = structure.find((one) => one.kind === settled.kind && one.label === settled.label);
        if (vouching !== null) {
          expect(isAllRead).toBe(true);
          expect(settled.integrity).toBe('complete');
          expect(vouching.at).toBe(readings.map((one) => one?.verifiedAt ?? '').sort()[0]);
          const isContinuous = settled.kind === 'continuous';
          const isWhole = readings.every((one) => one?.copy.readToEnd === true) && (!isContinuous || isArchiveRead);
          expect(vouching.isWhole).toBe(isWhole);
          // At last it is what it was without the reading.
          if (before !== undefined) expect(vouching.byStructure.integrity).toBe(before.integrity);
          continue;
        }
        // Without a reading that vouches it is no better than by its structure.
        if (settled.kind !== 'continuous')
          expect(rank(settled.integrity)).toBeGreaterThanOrEqual(rank(before?.integrity));
        if (readings.some((one) => one?.copy.integrity === 'incomplete')) expect(settled.integrity).toBe('incomplete');
        if (readings.some((one) => one?.copy.integrity === 'unproven')) expect(settled.integrity).not.toBe('complete');
      }
    }),
    { numRuns: 2000 },
  );
});

function rank(state: State | undefined): number {
  return state === undefined ? -1 : STATES.indexOf(state);
}

describe('a chain of two', () => {
  const copies = [copy(0, 'complete'), copy(1, 'complete')];
  const look = (found: ReadCopies, archive = ARCHIVE) =>
    verifiedCopies({ copies, archives: [archive] }, [], found).map(({ settled, vouching }) => ({
      label: settled.label,
      integrity: settled.integrity,
      because: settled.integrityBecause,
      at: vouching?.at ?? null,
      isWhole: vouching?.isWhole ?? null,
    }));

  test('of which the base was not read is not vouched for', () => {
    const [base, next] = look(new Map([read(1, 'complete', 2)]));
    expect(base).toMatchObject({ integrity: 'complete', at: null });
    expect(next).toMatchObject({ integrity: 'complete', at: null, because: expect.stringMatching(/by structure/) });
  });

  test('is as old as its oldest reading', () => {
    const [base, next] = look(new Map([read(0, 'complete', 1), read(1, 'complete', 5)]));
    expect([base?.at, next?.at]).toEqual([toInstant(DAY), toInstant(DAY)]);
  });

  test('whose base is damaged inside restores nothing, and says when that was read', () => {
    const [, next] = look(new Map([read(0, 'incomplete', 1), read(1, 'complete', 5)]));
    expect(next).toMatchObject({ integrity: 'incomplete', at: null });
    expect(next?.because).toMatch(/^it builds on c0, which is damaged: .*, as it was read in full on 1970-01-02$/);
  });

  test('whose base needs WAL that is damaged restores without it, and the base does not', () => {
    const found = new Map([read(0, 'complete', 1, true, 'its WAL is damaged'), read(1, 'complete', 5)]);
    const [base, next, continuous] = look(found);
    expect(base).toMatchObject({ integrity: 'incomplete', at: null });
    expect(base?.because).toBe('its WAL is damaged, as it was read in full on 1970-01-02');
    expect(next).toMatchObject({ integrity: 'complete', at: toInstant(DAY) });
    expect(continuous?.integrity).toBe('complete');
    const [, , broken] = look(new Map([read(0, 'complete', 1), read(1, 'complete', 5, true, 'its WAL is damaged')]));
    expect(broken).toMatchObject({ integrity: 'incomplete', at: null });
  });

  test('with all WAL after it counts as long as its base does, and is not called read where its WAL was not', () => {
    const both = new Map([read(0, 'complete', 1), read(1, 'complete', 5)]);
    const continuous = (archive: WalArchive) => look(both, archive).at(-1);
    expect(continuous(ARCHIVE)).toMatchObject({ label: expect.stringContaining('WAL up to'), at: toInstant(DAY) });
    expect(continuous(ARCHIVE)?.isWhole).toBe(false);
    expect(continuous({ ...ARCHIVE, readToEnd: true })?.isWhole).toBe(true);
  });
});

test('a chain of increments that each name only the one before is not vouched for before every link was read', () => {
  const copies = [0, 1, 2].map((index) => ({
    ...copy(index, 'complete'),
    needs: index === 0 ? [] : [`c${index - 1}`],
  }));
  const last = (found: ReadCopies) => verifiedCopies({ copies, archives: [ARCHIVE] }, [], found)[2];
  const two = last(new Map([read(1, 'complete', 2), read(2, 'complete', 3)]));
  expect(two).toMatchObject({ vouching: null, settled: { integrity: 'complete' } });
  expect(two?.settled.integrityBecause).toMatch(/by structure/);
  const three = last(new Map([read(0, 'complete', 1), read(1, 'complete', 2), read(2, 'complete', 3)]));
  expect(three?.vouching?.at).toBe(toInstant(DAY));
});

describe('a copy that could not be read in full', () => {
  const copies = [copy(0, 'complete'), copy(1, 'complete'), copy(2, 'complete')];
  const look = (failed: readonly string[], found: ReadCopies = new Map(), of = copies) =>
    verifiedCopies({ copies: of, archives: [ARCHIVE] }, [], found, new Set(failed)).map(({ settled, vouching }) => ({
      label: settled.label,
      integrity: settled.integrity,
      because: settled.integrityBecause,
      at: vouching?.at ?? null,
      structure: vouching?.byStructure.integrity ?? null,
    }));

  test('is unproven, as is all that is built on it, and its WAL brings nothing back', () => {
    for (const one of look(['c0'])) expect(one, one.label).toMatchObject({ integrity: 'unproven', at: null });
    const [base, next] = look(['c0']);
    expect(base?.because).toMatch(/^it could not be read in full/);
    expect(next?.because).toMatch(/^it builds on c0, which is not proven: it could not be read in full/);
  });

  test('leaves those complete that do not need it, and their WAL', () => {
    const [base, next, last, continuous] = look(['c1']);
    expect([base, next, last].map((one) => one?.integrity)).toEqual(['complete', 'unproven', 'unproven']);
    expect(continuous).toMatchObject({ integrity: 'complete', because: expect.stringContaining('from c0 on') });
  });

  test('that an earlier run read counts by that, and by nothing once that has grown too old', () => {
    const all = new Map([read(0, 'complete', 1), read(1, 'complete', 2), read(2, 'complete', 3)]);
    for (const one of look(['c0'], all)) {
      expect(one, one.label).toMatchObject({ integrity: 'complete', at: toInstant(DAY), structure: 'unproven' });
    }
  });

  test('and is damaged by its structure stays so', () => {
    const [base, next] = look(['c0'], new Map(), [copy(0, 'incomplete'), copy(1, 'complete')]);
    expect([base?.integrity, next?.integrity]).toEqual(['incomplete', 'incomplete']);
  });

  test('of WAL leaves unproven what is to be replayed from it', () => {
    const [base, , , continuous] = look(['archive']);
    expect(base?.integrity).toBe('complete');
    expect(continuous).toMatchObject({ integrity: 'unproven', because: 'the WAL in it could not be read in full' });
  });
});
