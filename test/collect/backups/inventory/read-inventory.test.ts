import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../../../src/collect/ask.ts';
import { checkRow } from '../../../../src/collect/backups/inventory/check-row.ts';
import { readInventory } from '../../../../src/collect/backups/inventory/read-inventory.ts';
import { statedDatabaseCopies, statedServerCopies } from '../../../../src/collect/backups/inventory/stated-copies.ts';
import type { InventorySettings } from '../../../../src/collect/backups/inventory/stated-copy.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';
import { UNREAD_METHOD } from '../../../../src/model/evidence.ts';
import { factSchemas } from '../../../../src/model/facts.ts';
import { SourceError } from '../../../../src/model/source-error.ts';
import { scratchDirectory } from '../../../services/scratch.ts';

const signal = new AbortController().signal;
const NOW = '2026-11-22T12:00:00.000Z';
const HEADER = 'database,server,moment,method,where,complete,owner,recordedAt';
const GOOD = 'tenant_acme,,2026-11-22T02:00:00+01:00,Veeam,"vault 1, shelf 2",true,Jane Doe,2026-11-22T08:00:00Z';
const OF_SERVER = ',main,2026-11-21T02:00:00Z,Cloud SQL,eu-west3,,Jane Doe,2026-11-22T08:00:00Z';

async function read(text: string, change: Partial<InventorySettings> = {}, timeZone: string | null = null) {
  using directory = scratchDirectory('inventory');
  writeFileSync(join(directory.path, 'copies'), text);
  return await readInventory(localDirectoryTree({ root: directory.path }), {
    settings: { file: 'copies', format: 'csv', columns: {}, ...change },
    timeZone,
    servers: new Set(['install', 'main']),
    databaseNames: new Set(['novantra', 'tenant_acme']),
    now: NOW,
    signal,
    blindSpotOf: (error) => {
      if (!(error instanceof SourceError)) throw error;
      return { reason: error.reason, detail: error.message, remedy: error.remedy };
    },
  });
}

describe('an inventory', () => {
  test('in CSV states copies of databases and of servers', async () => {
    const { stated, blindSpot } = await read(`${HEADER}\r\n${GOOD}\r\n${OF_SERVER}\r\n`);
    expect(blindSpot).toBeNull();
    expect(stated).toEqual([
      {
        row: 2,
        database: 'tenant_acme',
        server: null,
        path: null,
        moment: { notBefore: '2026-11-22T01:00:00.000Z', notAfter: '2026-11-22T01:00:00.000Z' },
        method: 'Veeam',
        where: 'vault 1, shelf 2',
        complete: true,
        owner: 'Jane Doe',
        recordedAt: '2026-11-22T08:00:00.000Z',
      },
      expect.objectContaining({ row: 3, database: null, server: 'main', complete: null }),
    ]);
  });

  test('that is cut off inside its last line says in which, and states what is before', async () => {
    const { stated, blindSpot } = await read(`${HEADER}\n${OF_SERVER}\n${GOOD.slice(0, GOOD.indexOf('shelf'))}`);
    expect(stated).toMatchObject([{ row: 2, server: 'main' }]);
    expect(blindSpot?.detail).toContain('has 1 mistake: row 3: is broken, as by a quote that is not closed');
  });

  test('in JSON may bear other keys, an owner for all, and times of the zone of its location', async () => {
    const rows = [{ db: 'novantra', moment: '2026-10-25T02:30:00', method: 'Azure', recordedAt: '2026-11-22T08:00' }];
    const change = { format: 'json', owner: 'operations', columns: { database: 'db' } } as const;
    const { stated, blindSpot } = await read(JSON.stringify(rows), change, 'Europe/Berlin');
    expect(blindSpot).toBeNull();
    // Clocks went back in that hour: it was twice.
    expect(stated?.[0]?.moment).toEqual({
      notBefore: '2026-10-25T00:30:00.000Z',
      notAfter: '2026-10-25T01:30:00.000Z',
    });
    expect(stated?.[0]).toMatchObject({ row: 1, owner: 'operations', where: 'not told where' });
  });

  test('tells every mistake with the number of its row, and reads the other rows', async () => {
    const { stated, blindSpot, unmatched } = await read(
      [
        HEADER,
        GOOD,
        ',,2026-11-22T02:00:00Z,Veeam,x,true,Jane,2026-11-22T08:00:00Z',
        'tenant_acme,nowhere,2026-02-30T02:00:00Z,,x,perhaps,,2026-11-22T08:00:00Z',
        'tenant_acme,,2026-11-22T02:00:00,Veeam,x,true,Jane,2026-11-23T08:00:00Z',
        'tenant_acme,,2026-11-22T09:00:00Z,Veeam,x,true,Jane,2026-11-22T08:00:00Z',
        'too,few',
        'tenant_gone,,2026-11-22T02:00:00Z,Veeam,x,true,Jane,2026-11-22T08:00:00Z',
      ].join('\n'),
    );
    expect(stated?.map(({ row }) => row)).toEqual([2]);
    expect(unmatched).toMatchObject([{ path: 'row 8' }]);
    expect(blindSpot?.reason).toBe('malformed');
    for (const mistake of [
      'row 3: it names neither database, server nor path',
      'row 4: server "nowhere" is not configured',
      'row 4: moment is a day or time that does not exist',
      'row 4: method is missing',
      'row 4: complete is neither true nor false',
      'row 4: owner is missing',
      'row 5: moment bears no time zone',
      'row 5: recordedAt is in the future',
      'row 6: moment is later than recordedAt',
      'row 7: has 2 fields instead of 8',
    ]) {
      expect(blindSpot?.detail).toContain(mistake);
    }
    expect(blindSpot?.detail).toContain('10 mistakes');
  });

  test.each([
    [
      'a missing column',
      'database,moment\ntenant_acme,2026-11-22T02:00:00Z',
      {},
      'no column method, recordedAt, owner',
    ],
    ['an open quote', `${HEADER}\n"tenant`, {}, 'row 2: is broken'],
    ['an open quote in its header', 'database,"server', {}, 'is not CSV'],
    ['no JSON', '{', { format: 'json' }, 'is not a JSON array'],
    ['no file', '', { file: 'elsewhere' }, 'there is no inventory'],
  ] as const)('with %s is a blind spot', async (_, text, change, detail) => {
    const { blindSpot, stated } = await read(text, change);
    expect(blindSpot?.detail).toContain(detail);
    expect(stated).toEqual([]);
  });

  test('any row is a statement or has mistakes', () => {
    const around = {
      settings: { file: 'x', format: 'json', columns: {} } as const,
      timeZone: 'Europe/Berlin',
      servers: new Set(['main']),
      now: NOW,
    };
    const value = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('2026-11-22T02:00:00Z', '2026-13-22T25:00:00+99:99', 'main', '0000-01-01T00:00'),
    );
    const fields = ['database', 'server', 'moment', 'method', 'where', 'complete', 'owner', 'recordedAt'];
    const row = fc.dictionary(fc.constantFrom(...fields), value);
    fc.assert(
      fc.property(row, (values) => {
        const checked = checkRow(1, values, around);
        if ('mistakes' in checked) expect(checked.mistakes.length).toBeGreaterThan(0);
        else expect(checked.moment.notBefore <= checked.recordedAt).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  test('its copies are of grade declared, and of nobody else', async () => {
    const contents = await read(`${HEADER}\n${GOOD}\n${OF_SERVER}\nbad,row\n`);
    const location = { name: 'veeam', purpose: 'inventory', locator: '/srv', servers: null, contents };
    const estate = { physical: [{ location, copies: [] }] };
    const access = { asker: createAsker(systemClock, [], signal) };
    const about = (name: string) => ({
      subject: { kind: 'database', key: `o/${name}`, organizationId: 'o', name } as const,
      name,
      server: 'main',
    });
    const own = statedDatabaseCopies(access, estate, about('tenant_acme'));
    expect(own.map(({ grade, operation, items }) => [grade, operation, items.length])).toEqual([
      ['declared', 'read as inventory', 1],
      ['declared', UNREAD_METHOD, 0],
    ]);
    expect(factSchemas.copy.parse(own[0]?.items[0])).toMatchObject({
      method: 'Veeam',
      integrity: 'unproven',
      nameAgrees: null,
      integrityBecause: 'it is only declared, by Jane Doe on 2026-11-22, as complete',
    });
    expect(statedDatabaseCopies(access, estate, about('tenant_beta')).map(({ operation }) => operation)).toEqual([
      UNREAD_METHOD,
    ]);
    const cluster = { kind: 'cluster', key: '7', organizationId: null, name: 'main' } as const;
    const servers = statedServerCopies(access, estate, cluster, 'main');
    expect(servers).toMatchObject([{ grade: 'declared', items: [{ physical: { declaredServer: true } }] }]);
    expect(factSchemas.copy.safeParse(servers[0]?.items[0]).success).toBe(true);
    expect(statedServerCopies(access, estate, cluster, 'install')).toEqual([]);
  });
});
