import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { PhysicalContents } from '../../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../../src/collect/backups/physical/settle-copies.ts';
import { verifiedCopies } from '../../../../../src/collect/backups/physical/verified-copies.ts';
import { signed } from '../../../formats/base-backup/manifests.ts';
import { SWITCH, writeWal } from '../../../formats/base-backup/wal.ts';
import { memoryTree } from '../../../memory-tree.ts';
import { readTree } from '../read-location.ts';
import { PLAIN, SINGLE, TAR } from '../small-base-backups.ts';

const name = (number: number): string => `0000000100000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
const LAST = name(3);
/** The segment that the base backup ends in as its own server went on to write it, and as a clone of that did. */
const OWN = writeWal(3, [100, 9000, 20, 60, SWITCH]).bytes;
const OF_A_CLONE = writeWal(3, [100, 9008, 20, 60, SWITCH]).bytes;

const below = (directory: string, files: ReadonlyMap<string, Buffer>) =>
  [...files].map(([path, bytes]) => [`${directory}/${path}`, bytes] as const);

function read(base: ReadonlyMap<string, Buffer>, segment: Buffer, ending = ''): Promise<PhysicalContents> {
  const wal = [2, 4, 5].map((number) => [`wal/${name(number)}`, writeWal(number, [100, SWITCH]).bytes] as const);
  // What archiving leaves beside it is named like it.
  const history = [`wal/${LAST}.00000028.backup`, Buffer.from('START WAL LOCATION: ')] as const;
  const files = new Map([...below('base', base), ...wal, [`wal/${LAST}${ending}`, segment] as const, history]);
  return readTree(memoryTree(files), 'structure');
}

const ZIPPED: ReadonlyMap<string, Buffer> = new Map([
  ...[...TAR].filter(([path]) => path !== 'pg_wal.tar'),
  ['pg_wal.tar.gz', gzipSync(TAR.get('pg_wal.tar') ?? Buffer.alloc(0))],
]);

describe.each([
  ['plain', PLAIN],
  ['in archives', TAR],
  ['in archives, WAL compressed', ZIPPED],
  ['in one archive', SINGLE],
])('the WAL inside a base backup, %s,', (_, base) => {
  it('is that of the archive of its own server', async () => {
    const { copies, archives } = await read(base, OWN);
    expect(copies).toHaveLength(1);
    expect(copies[0]).not.toHaveProperty('otherWal');
    expect(settleCopies(copies, archives).map(({ kind }) => kind)).toEqual(['full', 'continuous']);
  });

  it.each([
    ['as it is', OF_A_CLONE, ''],
    ['compressed', gzipSync(OF_A_CLONE), '.gz'],
  ])('differs from that of another server, %s, which it is not restored with', async (_how, segment, ending) => {
    const { copies, archives, blindSpot } = await read(base, segment, ending);
    expect(blindSpot).toBeNull();
    expect(copies).toMatchObject([{ otherWal: [{ archive: 'wal', segment: LAST }] }]);
    expect(settleCopies(copies, archives).map(({ kind }) => kind)).toEqual(['full']);
    const [copy] = copies;
    if (copy === undefined) throw new Error('there is one copy');
    const { otherWal: _other, ...alone } = copy;
    const reading = { copy: alone, walDamage: null, verifiedAt: '2026-11-23T00:00:00.000Z', isNew: true };
    const verified = verifiedCopies({ copies, archives }, [], new Map([[copy.label, reading]]));
    expect(verified.map(({ settled }) => settled.kind)).toEqual(['full']);
  });
});

it('an archive whose segments cannot be opened differs from nothing', async () => {
  for (const closed of [Buffer.concat([Buffer.from('age-encryption.org/v1\n'), OF_A_CLONE]), Buffer.from('x')]) {
    const { copies } = await read(PLAIN, closed, '.age');
    expect(copies[0]).not.toHaveProperty('otherWal');
  }
});

it('an older base backup is restored with the archive that a newer one does not belong to', async () => {
  const older = new Map(below('base-0', PLAIN));
  const files = new Map([
    ...older,
    ...below('base-1', new Map([...PLAIN, [`pg_wal/${LAST}`, OF_A_CLONE]])),
    ...[3, 4].map((number) => [`wal/${name(number)}`, number === 3 ? OWN : writeWal(4, [100, SWITCH]).bytes] as const),
  ]);
  const { copies, archives } = await readTree(memoryTree(files), 'structure');
  const continuous = settleCopies(copies, archives).find(({ kind }) => kind === 'continuous');
  expect(copies.find(({ label }) => label === 'base-1')).toHaveProperty('otherWal');
  expect(continuous).toMatchObject({ builtOn: ['base-0'], integrity: 'complete' });
});

/** The same backup as if its server wrote timeline 2, with the history of that. */
function onTimelineTwo(history: string): ReadonlyMap<string, Buffer> {
  const [manifest = ''] = (PLAIN.get('backup_manifest') ?? '').toString().split('"Manifest-Checksum"');
  const label = (PLAIN.get('backup_label') ?? '').toString().replace('TIMELINE: 1', 'TIMELINE: 2');
  return new Map([
    ...[...PLAIN].filter(([path]) => !path.startsWith('pg_wal/')),
    ['backup_manifest', Buffer.from(signed(manifest.replace('"Timeline": 1', '"Timeline": 2')))],
    ['backup_label', Buffer.from(label.replace(LAST, ON_TWO))],
    [`pg_wal/${ON_TWO}`, OWN],
    ['pg_wal/00000002.history', Buffer.from(history)],
  ]);
}

const ON_TWO = `00000002${LAST.slice(8)}`;

it('the history beside WAL is told before the first segment of its timeline is there', async () => {
  const wal = new Map([
    [`wal/${LAST}`, OWN],
    ['wal/00000002.history', Buffer.from('1\t0/3FFFFF8\tno recovery target specified\n')],
  ]);
  const { archives } = await readTree(memoryTree(wal), 'structure');
  expect(archives).toMatchObject([
    { historyAhead: { timeline: 2, ancestors: [{ timeline: 1, switchLsn: '0/3FFFFF8' }] } },
  ]);
});

it('the history inside a base backup is told, and nothing where it is damaged', async () => {
  const told = async (history: string) => {
    const { copies } = await readTree(memoryTree(onTimelineTwo(history)), 'structure');
    return copies;
  };
  expect(await told('1\t0/2FFFFF8\tno recovery target specified\n')).toMatchObject([
    { timeline: 2, history: [{ timeline: 1, switchLsn: '0/2FFFFF8' }] },
  ]);
  expect((await told('x'))[0]).not.toHaveProperty('history');
});
