import { describe, expect, it } from 'vitest';
import { judgeCopies } from '../../src/evaluate/copies.ts';
import { missingTables } from '../../src/evaluate/missing-tables.ts';
import type { Observation } from '../../src/model/control.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import { DAY, HOUR, MINUTE } from '../../src/model/instant.ts';
import { DEFAULT_FACTS } from './default-facts.ts';
import { AS_OF, ago, fact, TENANT_DATABASE } from './fixture.ts';

function seen<K extends FactKind>(kind: K, change: Partial<Facts[K]> = {}): Observation<K> {
  return {
    value: fact(kind, change),
    subject: TENANT_DATABASE,
    evidenceId: kind,
    grade: 'observed',
    collectedAt: AS_OF,
  };
}
interface Around {
  readonly states?: readonly Observation<'database-state'>[];
  readonly catalogues?: readonly Observation<'catalogue'>[];
  readonly recreations?: readonly Observation<'declaration'>[];
}
function judged(change: Partial<Facts['copy']>, around: Around = {}) {
  const facts = {
    copies: [seen('copy', change)],
    states: around.states ?? [seen('database-state')],
    catalogues: around.catalogues ?? [seen('catalogue')],
    recreations: around.recreations ?? [],
  };
  const [copy] = judgeCopies(facts, AS_OF);
  if (copy === undefined) throw new Error('no copy was judged');
  return copy;
}
const at = (millis: number) => ({ notBefore: ago(millis), notAfter: ago(millis), origin: 'test' });

describe('a copy', () => {
  it('counts where it is whole, of this database, and from the past', () => {
    expect(judged({})).toMatchObject({ complete: 'holds', identity: 'holds', fromTheFuture: false, counts: 'holds' });
  });

  it.each([
    ['is incomplete', { integrity: 'incomplete' }, 'fails'],
    ['holds definitions only', { scope: 'schema-only' }, 'fails'],
    ['holds rows only', { scope: 'data-only' }, 'fails'],
    ['holds some sections only', { scope: 'partial' }, 'fails'],
    ['leaves out the rows of a table', { tablesWithoutRows: ['public.items'] }, 'fails'],
    ['leaves out the value of a sequence', { sequencesWithoutValues: ['public.items_id_seq'] }, 'fails'],
    ['leaves out the rows of an unlogged table', { unloggedLeftOut: ['public.cache'] }, 'holds'],
    ['was not read to its end', { integrity: 'unproven', readToEnd: false, tablesComplete: false }, 'unknown'],
    ['does not tell its scope', { scope: 'unknown' }, 'unknown'],
  ] as const)('that %s', (_, change, truth) => {
    const copy = judged(change as Partial<Facts['copy']>);
    expect([copy.complete, copy.counts]).toEqual([truth, truth]);
    expect(copy.completeBecause).not.toBe('');
  });

  it('that lacks a table which is older than another in it leaves that out; an upgrade since explains a younger one', () => {
    expect(judged({ tableOids: [16_402] }).complete).toBe('fails');
    expect(judged({ tableOids: [16_401] }).complete).toBe('unknown');
    const upgraded = { catalogues: [seen('catalogue', { upgradedAt: '2099-01-01T00:00:00.000Z' })] };
    expect(judged({ tableOids: [16_401] }, upgraded).complete).toBe('holds');
    const older = [1, 2, 3, 4].map((oid) => ({ oid: 16_400 + oid, name: `public.t${oid}` }));
    expect(judged({ tableOids: [16_401] }, { catalogues: [seen('catalogue', { tables: older })] }).complete).toBe(
      'unknown',
    );
    expect(judged({ tableOids: [16_402], tablesComplete: false }).complete).toBe('holds');
  });

  it('names what is left out', () => {
    const lacking = { tablesWithoutRows: ['app.items'], sequencesWithoutValues: ['app.items_id_seq'] };
    expect(judged(lacking).completeBecause).toBe(
      'it leaves out the rows of app.items and the value of app.items_id_seq, so that new rows numbered by it collide after a restore',
    );
    const { tablesWithoutRows } = lacking;
    expect(judged({ tablesWithoutRows }).completeBecause).toBe('it leaves out the rows of app.items');
  });

  it('names what is missing', () => {
    const missing = missingTables(seen('copy', { tableOids: [16_402] }), [seen('catalogue')]);
    expect(missing).toEqual({ certain: ['public.items'], doubtful: false, later: 0, renewed: 0 });
  });

  it.each([
    ['names another database', { nameAgrees: false }, {}, 'fails'],
    ['names no database', { nameAgrees: null }, {}, 'unknown'],
    ['bears a name that several databases have', { sameNameDatabases: 2 }, {}, 'unknown'],
    ['holds no object ids', { databaseOid: null, tableOids: null }, {}, 'holds'],
    ['has other object ids', { databaseOid: 99 }, {}, 'unknown'],
    ['shares no table with the live database', { tableOids: [1, 2] }, {}, 'unknown'],
    [
      'is of a database that is gone',
      {},
      { states: [seen('database-state', { exists: false, databaseOid: null })] },
      'unknown',
    ],
    ['is of a server that did not answer', {}, { states: [], catalogues: [] }, 'unknown'],
  ] as const)('that %s', (_, change, around, truth) => {
    expect(judged(change as Partial<Facts['copy']>, around as Around).identity).toBe(truth);
  });

  it('whose tables have the names of the live ones and other object ids is not said to lack them', () => {
    const copy = judged({ databaseOid: 99, tableOids: [1, 2] });
    expect(copy.completeBecause).toContain('2 tables of the live database by name, with other object ids');
    expect(copy.completeBecause).not.toContain('lacks');
    const some = judged({ tableOids: [1, 2], tableNames: ['public.items', 'public.x'] }).completeBecause;
    expect(some).toContain('1 table of the live database by name');
    expect(some).toContain('it lacks 1 table of the live database');
  });

  it('of which a name alone tells whose it is, is not verified to be of this database by reading it', () => {
    const plain = { databaseOid: null, tableOids: null, verifiedAt: ago(HOUR) };
    const verified = (change: Partial<Facts['copy']>) => {
      const copies = [{ ...seen('copy', change), grade: 'verified' as const }];
      const facts = { states: [seen('database-state')], catalogues: [seen('catalogue')], recreations: [] };
      return judgeCopies({ ...facts, copies }, AS_OF)[0];
    };
    expect(verified(plain)).toMatchObject({ counts: 'holds', observation: { grade: 'observed' } });
    expect(verified(plain)?.identityBecause).toContain('by name only');
    expect(verified({ verifiedAt: ago(HOUR) })).toMatchObject({ counts: 'holds', observation: { grade: 'verified' } });
    const few = verified({ ...plain, tableNames: ['public.other'] });
    expect(few).toMatchObject({ identity: 'unknown', complete: 'unknown' });
    expect(few?.identityBecause).toContain('only 0 of the 2 tables of the live database');
  });

  it('with other object ids is of this database where it was declared made anew since, and not before', () => {
    const recreations = (date: string) => [seen('declaration', { statement: 'database-recreated', date })];
    const older = { databaseOid: 99, moment: at(10 * DAY) };
    expect(judged(older, { recreations: recreations(ago(5 * DAY)) }).identity).toBe('holds');
    expect(judged(older, { recreations: recreations(ago(15 * DAY)) }).identity).toBe('unknown');
    expect(judged({ ...older, moment: null }, { recreations: recreations(ago(5 * DAY)) }).identity).toBe('unknown');
    const anew = { tables: DEFAULT_FACTS.catalogue.tables.map(({ name }, index) => ({ oid: 90_000 + index, name })) };
    const restored = { catalogues: [seen('catalogue', anew)], recreations: recreations(ago(5 * DAY)) };
    expect(judged(older, restored)).toMatchObject({ complete: 'holds', identity: 'holds', counts: 'holds' });
    expect(judged({ ...older, tableNames: ['public.items'] }, restored).complete).toBe('unknown');
    expect(judged(older, { ...restored, recreations: [] }).counts).toBe('unknown');
    expect(judged({ ...older, nameAgrees: false }, { recreations: recreations(ago(5 * DAY)) }).identity).toBe('fails');
  });

  it('from the future counts for nothing, beyond what clocks may differ', () => {
    expect(judged({ moment: at(-5 * MINUTE) }).counts).toBe('holds');
    expect(judged({ moment: at(-5 * MINUTE - 1) })).toMatchObject({ fromTheFuture: true, counts: 'fails' });
    expect(judged({ moment: { ...at(HOUR), notAfter: ago(-HOUR) } }).fromTheFuture).toBe(false);
    expect(judged({ moment: null })).toMatchObject({ fromTheFuture: false, counts: 'holds' });
  });
});

it('copies come newest first by their earliest moment, those without one last, and one takes nothing from another', () => {
  const copies = [
    seen('copy', { path: 'none', moment: null }),
    seen('copy', { path: 'old', moment: at(2 * DAY) }),
    seen('copy', { path: 'new', moment: at(HOUR), integrity: 'incomplete' }),
    seen('copy', { path: 'future', moment: at(-DAY) }),
  ];
  const around = { states: [seen('database-state')], catalogues: [seen('catalogue')], recreations: [] };
  const order = judgeCopies({ copies, ...around }, AS_OF).map((copy) => [copy.observation.value.path, copy.counts]);
  expect(order).toEqual([
    ['future', 'fails'],
    ['new', 'fails'],
    ['old', 'holds'],
    ['none', 'holds'],
  ]);
});
