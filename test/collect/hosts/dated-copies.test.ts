import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type DatedCopySettings,
  parseCopyTime,
  pathInCopy,
  readDatedCopies,
} from '../../../src/collect/hosts/dated-copies.ts';
import type { ArtifactTree } from '../../../src/collect/trees/artifact-tree.ts';
import { toInstant, toMillis } from '../../../src/model/instant.ts';
import { SourceError } from '../../../src/model/source-error.ts';

const STANDARD: DatedCopySettings = {
  timeFormat: 'YYYY-MM-DDTHH-mm-ssZ',
  completionMarker: null,
  sourceRoot: '/',
  timeZone: null,
};

function treeOf(paths: readonly string[], error?: Error): ArtifactTree {
  return {
    locator: 'memory',
    async *list() {
      for (const path of paths) yield { path, bytes: 1, modifiedAt: '2026-11-22T04:00:00.000Z' };
      if (error !== undefined) throw error;
    },
    open: () => Promise.reject(new Error('nothing is opened')),
    close: () => Promise.resolve(),
  };
}

const read = (paths: readonly string[], change: Partial<DatedCopySettings> = {}) =>
  readDatedCopies(treeOf(paths), { ...STANDARD, ...change }, new AbortController().signal);

describe('the time in the name of a copy', () => {
  it.each([
    ['2026-11-22T03-00-00Z', 'YYYY-MM-DDTHH-mm-ssZ', null, '2026-11-22T03:00:00.000Z'],
    ['2026-11-22', 'YYYY-MM-DD', null, '2026-11-22T00:00:00.000Z'],
    ['2026-11-22', 'YYYY-MM-DD', 'Europe/Berlin', '2026-11-21T23:00:00.000Z'],
    ['20261122.0300', 'YYYYMMDD.HHmm', null, '2026-11-22T03:00:00.000Z'],
    ['backup_2026-11', 'backup_YYYY-MM', null, '2026-11-01T00:00:00.000Z'],
    ['2026-10-25_02-30', 'YYYY-MM-DD_HH-mm', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-22T03-00-00Z', 'YYYY-MM-DDTHH-mm-ssZ', 'Asia/Tokyo', '2026-11-22T03:00:00.000Z'],
    ['2026-13-22', 'YYYY-MM-DD', null, null],
    ['2026-02-30T00-00-00Z', 'YYYY-MM-DDTHH-mm-ssZ', null, null],
    ['2026-11-22T25-00-00Z', 'YYYY-MM-DDTHH-mm-ssZ', null, null],
    ['2026-11-22', 'YYYY-MM-DDTHH-mm-ssZ', null, null],
    ['2026-11-22x', 'YYYY-MM-DD', null, null],
    ['20261122X0300', 'YYYYMMDD.HHmm', null, null],
    ['latest', 'YYYY-MM-DD', null, null],
    ['0000-00-00', 'YYYY-MM-DD', null, null],
  ])('%s by %s in zone %s: %s', (name, format, zone, instant) => {
    expect(parseCopyTime(name, format, zone)).toBe(instant);
  });

  it('never reads a copy as newer than its local time can mean', () => {
    const instants = fc.integer({
      min: toMillis('2025-01-01T00:00:00.000Z'),
      max: toMillis('2027-01-01T00:00:00.000Z'),
    });
    const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Pacific/Kiritimati');
    fc.assert(
      fc.property(instants, zones, (millis, timeZone) => {
        const minute = Math.floor(millis / 60_000) * 60_000;
        const name = new Date(minute).toLocaleString('sv-SE', { timeZone }).slice(0, 16).replace(' ', 'T');
        const found = parseCopyTime(name, 'YYYY-MM-DDTHH:mm', timeZone);
        expect(toMillis(found ?? '')).toBeLessThanOrEqual(minute);
        expect(toMillis(found ?? '')).toBeGreaterThanOrEqual(minute - 60 * 60_000);
      }),
      { numRuns: 300 },
    );
  });

  it('is what was written into the name, to the second', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1_000_000, max: 3_000_000_000 }), (seconds) => {
        const instant = toInstant(seconds * 1000);
        expect(parseCopyTime(`${instant.slice(0, 19).replaceAll(':', '-')}Z`, STANDARD.timeFormat, null)).toBe(instant);
      }),
    );
  });
});

describe('the copies of a location', () => {
  const paths = [
    '2026-11-20T03-00-00Z/srv/a.txt',
    '2026-11-21T03-00-00Z/srv/deep/er/b.txt',
    '2026-11-22T03-00-00Z/srv/a.txt',
    'notes.txt',
    'lost+found/x',
  ];

  it('come newest first with their files and every directory above one; what belongs to none is told', async () => {
    const { copies, strays } = await read(paths);
    expect(copies.map(({ moment }) => moment.slice(0, 10))).toEqual(['2026-11-22', '2026-11-21', '2026-11-20']);
    expect([...(copies[1]?.files.keys() ?? [])]).toEqual(['srv/deep/er/b.txt']);
    expect([...(copies[1]?.directories.keys() ?? [])].sort()).toEqual(['', 'srv', 'srv/deep', 'srv/deep/er']);
    expect(strays.map(({ path }) => path)).toEqual(['notes.txt', 'lost+found/x']);
  });

  it('without a marker count once a newer one was begun, so the newest never does', async () => {
    const { copies } = await read(paths);
    expect(copies.map(({ complete }) => complete)).toEqual([false, true, true]);
    expect((await read(paths.slice(0, 1))).copies.map(({ complete }) => complete)).toEqual([false]);
  });

  it('with a marker count only where it lies at their root, also the newest', async () => {
    const marked = [...paths, '2026-11-22T03-00-00Z/DONE', '2026-11-20T03-00-00Z/srv/DONE'];
    const { copies } = await read(marked, { completionMarker: 'DONE' });
    expect(copies.map(({ complete }) => complete)).toEqual([true, false, false]);
    expect(copies[1]?.because).toBe('its completion marker DONE is missing');
  });

  it('of an empty location are none', async () => {
    expect(await read([])).toEqual({ copies: [], strays: [] });
  });

  it('are not told in part where the listing breaks off', async () => {
    const error = new SourceError('unauthorized', 'srv cannot be read', 'Allow it.');
    const reading = readDatedCopies(treeOf(paths, error), STANDARD, new AbortController().signal);
    await expect(reading).rejects.toBe(error);
  });
});

describe('where a path of the host lies in a copy', () => {
  it.each([
    ['/srv/files', '/', 'srv/files'],
    ['/srv/files/', '/srv', 'files'],
    ['/srv//./files', '/srv/', 'files'],
    ['/srv', '/srv', ''],
    ['/srvx/files', '/srv', null],
    ['/etc', '/srv', null],
  ])('%s below %s: %s', (path, root, inside) => {
    expect(pathInCopy(path, root)).toBe(inside);
  });
});

it('counts the files below each directory, at any depth', async () => {
  const day = '2026-11-22T03-00-00Z';
  const { copies } = await read([`${day}/srv/a/1`, `${day}/srv/a/b/2`, `${day}/srv/c/3`, `${day}/COMPLETE`]);
  const counted = [...(copies[0]?.directories ?? [])].map(([name, { files, bytes }]) => [name, files, bytes]);
  expect(new Set(counted.map(String))).toEqual(new Set([',4,4', 'srv,3,3', 'srv/a,2,2', 'srv/a/b,1,1', 'srv/c,1,1']));
});
