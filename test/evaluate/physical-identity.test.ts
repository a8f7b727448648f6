import { describe, expect, it } from 'vitest';
import { isOfAnotherCluster, physicalIdentity } from '../../src/evaluate/physical-identity.ts';
import { isOffLine } from '../../src/evaluate/timeline-ancestry.ts';
import type { Facts } from '../../src/model/facts.ts';
import { HOUR, MINUTE, SECOND } from '../../src/model/instant.ts';
import { AS_OF, ago, fact } from './fixture.ts';

const IDENTIFIER = '7300000000000000001';
const segment = (number: number, timeline = 1) =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
type Server = NonNullable<Facts['database-state']['server']>;
type Physical = NonNullable<Facts['copy']['physical']>;

function copyOf(lastWal: string | undefined) {
  const physical: Physical = {
    kind: 'full',
    label: 'F',
    builtOn: [],
    systemIdentifier: IDENTIFIER,
    timeline: 1,
    ...(lastWal === undefined ? {} : { lastWal }),
    endpoints: [],
    declaredServer: false,
    sameIdentifierClusters: 1,
    databaseOids: [16_400],
    lockedUntil: null,
  };
  return { physical };
}

function judge(lastWal: string | undefined, writing: string | undefined, change: Partial<Facts['copy']> = {}) {
  const { physical } = copyOf(lastWal);
  const server: Server = {
    host: 'db1',
    systemIdentifier: IDENTIFIER,
    timeline: 1,
    ...(writing === undefined ? {} : { writing: { segment: writing, askedUntil: AS_OF } }),
    formerIdentifiers: [],
  };
  const moment = { notBefore: ago(HOUR), notAfter: ago(HOUR), origin: 'end of the backup' };
  const copy = fact('copy', { nameAgrees: null, moment, physical, ...change });
  const state = fact('database-state', { databaseOid: 16_400, server });
  return {
    identity: physicalIdentity(copy, copy.physical ?? physical, state),
    isAnother: isOfAnotherCluster(copy, state),
  };
}

it('a copy whose WAL lies beyond what the live server wrote later is of a clone', () => {
  const { identity, isAnother } = judge(segment(0x1e), segment(0x19));
  expect(identity).toEqual([
    'fails',
    `its WAL reaches to ${segment(0x1e)}, and the live server writes ${segment(0x19)} of the same timeline: it is of another server that goes back to the same one, such as a clone`,
  ]);
  expect(isAnother).toBe(true);
});

it('a copy that another of the timeline contradicts is unknown, one that is certainly of a clone stays that', () => {
  const about = (lastWal: string) => {
    const { physical } = copyOf(lastWal);
    return { location: 'base', physical: { ...physical, contradicts: { label: 'G', location: 'base-2' } } };
  };
  const [truth, because] = judge(segment(3), segment(0x19), about(segment(3))).identity;
  expect(truth).toBe('unknown');
  expect(because).toMatch(/^by time and by place in the log it and G in base-2 come in different orders/);
  expect(judge(segment(0x1e), segment(0x19), about(segment(0x1e))).identity[0]).toBe('fails');
});

it.each([
  [
    'wal',
    segment(3),
    `${segment(3)} inside it differs from that of the WAL in wal: one of the two is of another server`,
  ],
  ['history', '00000002.history', 'it and the WAL in wal have different histories of its timeline (00000002.history)'],
] as const)('a copy that an archive contradicts by its %s is unknown', (by, what, because) => {
  const { physical } = copyOf(segment(3));
  const contradicts = { label: 'the WAL in wal', location: 'base', by, what };
  const change = { location: 'base', physical: { ...physical, contradicts } };
  const { identity, isAnother } = judge(segment(3), segment(0x19), change);
  expect(identity).toEqual(['unknown', expect.stringContaining(because)]);
  expect(isAnother).toBe(false);
});

it.each<[string, string | undefined, string | undefined, Partial<Facts['copy']>]>([
  ['whose WAL ends where the server writes', segment(0x19), segment(0x19), {}],
  ['whose WAL lies before that', segment(3), segment(0x19), {}],
  ['that does not tell', undefined, segment(0x19), {}],
  ['of a server that does not tell', segment(0x1e), undefined, {}],
  [
    'that was taken after the server was asked',
    segment(0x1e),
    segment(0x19),
    { moment: { notBefore: ago(HOUR), notAfter: ago(0), origin: 'storage time' } },
  ],
])('one %s is of it', (_, lastWal, writing, change) => {
  expect(judge(lastWal, writing, change).identity[0]).toBe('holds');
});

it.each([
  ['since the asking began', MINUTE, 2 * MINUTE, 'holds'],
  ['in the seconds that kept clocks differ', 2 * MINUTE + 4 * SECOND, 2 * MINUTE, 'holds'],
  ['shortly before', 2 * MINUTE + 6 * SECOND, 2 * MINUTE, 'unknown'],
  ['shortly before, by a bundle of an older version', 9 * MINUTE, null, 'unknown'],
  ['long before', 10 * MINUTE, 2 * MINUTE, 'fails'],
])('WAL beyond the live position from %s', (_, end, askedFrom, truth) => {
  const { physical } = copyOf(segment(0x1e));
  const asked = { ...(askedFrom === null ? {} : { askedFrom: ago(askedFrom) }), askedUntil: AS_OF };
  const server: Server = {
    host: 'db1',
    systemIdentifier: IDENTIFIER,
    timeline: 1,
    writing: { segment: segment(0x19), ...asked },
    formerIdentifiers: [],
  };
  const moment = { notBefore: ago(HOUR), notAfter: ago(end), origin: 'storage time' };
  const copy = fact('copy', { nameAgrees: null, moment, physical });
  const state = fact('database-state', { databaseOid: 16_400, server });
  expect(physicalIdentity(copy, physical, state)[0]).toBe(truth);
  expect(isOfAnotherCluster(copy, state)).toBe(truth === 'fails');
});

it('one that tells no time proves nothing', () => {
  expect(judge(segment(0x1e), segment(0x19), { moment: null }).identity[0]).toBe('unknown');
});

it.each([
  ['the port of the live server', 5432, 5432, 'holds'],
  ['another port of its address', 5432, 6543, 'fails'],
  ['a port that the service does not tell', undefined, 6543, 'holds'],
  ['a port that an older bundle does not tell', 5432, undefined, 'holds'],
] as const)('one of an instance at %s', (_, endpointPort, port, identity) => {
  const physical: NonNullable<Facts['copy']['physical']> = {
    kind: 'snapshot',
    label: 'arn',
    builtOn: [],
    systemIdentifier: null,
    timeline: null,
    endpoints: ['db1'],
    ...(endpointPort === undefined ? {} : { endpointPort }),
    declaredServer: false,
    sameIdentifierClusters: 0,
    databaseOids: null,
    lockedUntil: null,
  };
  const moment = { notBefore: ago(HOUR), notAfter: ago(HOUR), origin: 'end of the backup' };
  const server: Server = {
    host: 'DB1',
    ...(port === undefined ? {} : { port }),
    systemIdentifier: IDENTIFIER,
    timeline: 1,
    formerIdentifiers: [],
  };
  const state = fact('database-state', { databaseOid: 16_400, createdAt: ago(2 * HOUR), server });
  expect(physicalIdentity(fact('copy', { nameAgrees: null, moment, physical }), physical, state)[0]).toBe(identity);
});

/** A copy of timeline 1, ending in segment 0x12, seen from a server that writes segment 0x19 of timeline 2. */
function acrossTimelines(
  change: Partial<Physical>,
  live: Partial<Server> = {},
  moment: Facts['copy']['moment'] = null,
) {
  const physical: Physical = {
    kind: 'full',
    label: 'F',
    builtOn: [],
    systemIdentifier: IDENTIFIER,
    timeline: 1,
    lastWal: segment(0x12),
    endpoints: [],
    declaredServer: false,
    sameIdentifierClusters: 1,
    databaseOids: [16_400],
    lockedUntil: null,
    ...change,
  };
  const server: Server = {
    host: 'db1',
    systemIdentifier: IDENTIFIER,
    timeline: 2,
    writing: { segment: segment(0x19, 2), askedUntil: AS_OF },
    formerIdentifiers: [],
    ...live,
  };
  const copy = fact('copy', { nameAgrees: null, moment, physical });
  const state = fact('database-state', { databaseOid: 16_400, server });
  const [identity, because] = physicalIdentity(copy, physical, state);
  return { identity, because, isOff: isOffLine(copy, state), isAnother: isOfAnotherCluster(copy, state) };
}

const LEFT = { timeline: 2, leftAt: '0/15000000' };
const WITHDRAWN = { timeline: null, writing: undefined } satisfies Partial<Server>;

it.each<[string, Partial<Physical>, Partial<Server>, string]>([
  ['from before the switch by its history', { stopLsn: '0/12000100', followed: LEFT }, {}, 'holds'],
  ['from the switch itself', { stopLsn: '0/15000000', followed: LEFT }, {}, 'holds'],
  ['from after the switch', { stopLsn: '0/15000001', followed: LEFT }, {}, 'fails'],
  ['whose history does not go back to it', { followed: { timeline: 2, leftAt: null } }, {}, 'fails'],
  ['whose history is of another timeline', { stopLsn: '0/15000001', followed: { ...LEFT, timeline: 3 } }, {}, 'holds'],
  ['whose WAL lies beyond the live position', { lastWal: segment(0x1e) }, {}, 'fails'],
  ['whose WAL does not, without a history', { lastWal: segment(0x19) }, {}, 'holds'],
  ['that does not tell where it ends', { lastWal: undefined }, {}, 'unknown'],
  ['that does not, of a server that is named', { lastWal: undefined, declaredServer: true }, {}, 'holds'],
  ['beyond it, of a server that is named', { lastWal: segment(0x1e), declaredServer: true }, {}, 'fails'],
  ['that tells no timeline', { timeline: null }, {}, 'unknown'],
  ['that tells none, of a server that is named', { timeline: null, declaredServer: true }, {}, 'holds'],
  ['of a server that tells none', {}, WITHDRAWN, 'unknown'],
  ['of a server that tells none and is named', { declaredServer: true }, WITHDRAWN, 'holds'],
  ['of a later timeline than the live one', { timeline: 3 }, {}, 'fails'],
])('a copy of an earlier timeline %s', (_, change, live, identity) => {
  expect(acrossTimelines(change, live).identity).toBe(identity);
});

it('one from beyond the switch may be of a past that was given up, one of a later timeline may not', () => {
  const beyond = acrossTimelines({ stopLsn: '0/16000000', followed: LEFT });
  expect(beyond).toMatchObject({ isOff: true, isAnother: false });
  expect(beyond.because).toBe(
    'it ends at 0/16000000 of timeline 1, and the live server left that at 0/15000000: it is of another server that goes back to the same one, such as a clone, or of a past that was given up',
  );
  expect(acrossTimelines({ timeline: 3 })).toMatchObject({ isOff: false, isAnother: true });
  expect(acrossTimelines({})).toMatchObject({ isOff: false, isAnother: false });
});

const TWO = { sameIdentifierClusters: 2 } satisfies Partial<Physical>;

it.each<[string, Partial<Physical>, Partial<Server>, string]>([
  ['is of neither for certain', TWO, {}, 'unknown'],
  ['is of the one that the configuration names', { ...TWO, declaredServer: true }, {}, 'holds'],
  ['is not of the named one on an earlier timeline', { ...TWO, declaredServer: true, timeline: 3 }, {}, 'fails'],
  ['is of neither, whatever its timeline', { ...TWO, timeline: 3 }, {}, 'unknown'],
  ['is not of one that bears another', { ...TWO, systemIdentifier: '8' }, {}, 'fails'],
])('where two servers bear an identifier, a copy %s', (_, change, live, identity) => {
  expect(acrossTimelines(change, live).identity).toBe(identity);
});

describe('a copy under an identifier from before pg_upgrade', () => {
  const UNTIL = '2026-03-01T23:59:59.999Z';
  const upgraded: Partial<Server> = { formerIdentifiers: [{ systemIdentifier: '7', until: UNTIL }] };
  const under = (systemIdentifier: string, change: Partial<Physical> = {}) =>
    ({ systemIdentifier, timeline: 9, ...change }) satisfies Partial<Physical>;
  const taken = (notBefore: string, notAfter: string) => ({ notBefore, notAfter, origin: 'end of the backup' });
  const lastDay = taken('2026-03-01T20:00:00.000Z', '2026-03-01T20:00:00.000Z');

  it.each<[string, Facts['copy']['moment'], string]>([
    ['from before the change', taken('2026-02-01T02:00:00.000Z', '2026-02-01T03:00:00.000Z'), 'holds'],
    ['from the day of the change', lastDay, 'holds'],
    ['from about the change', taken('2026-03-01T23:00:00.000Z', '2026-03-02T01:00:00.000Z'), 'unknown'],
    ['from after the change', taken('2026-03-02T00:00:00.000Z', '2026-03-02T01:00:00.000Z'), 'fails'],
    ['that tells no time', null, 'unknown'],
  ])('%s', (_, moment, identity) => {
    expect(acrossTimelines(under('7'), upgraded, moment).identity).toBe(identity);
  });

  it('that is not listed is of another cluster', () => {
    expect(acrossTimelines(under('8'), upgraded, lastDay)).toMatchObject({ identity: 'fails', isAnother: true });
  });

  it('that another server bears, too, is of neither for certain', () => {
    expect(acrossTimelines(under('7', TWO), upgraded, lastDay).identity).toBe('unknown');
    expect(acrossTimelines(under('7', { ...TWO, declaredServer: true }), upgraded, lastDay).identity).toBe('holds');
  });
});

describe('a base copy without the live object id, with the WAL after it,', () => {
  const judged = (createdAt: string | null, startedAt: string | null, change: Partial<Physical> = {}) => {
    const { physical } = copyOf(segment(0x12));
    const base = { ...physical, kind: 'continuous', databaseOids: [5], startedAt, ...change } satisfies Physical;
    const moment = { notBefore: ago(HOUR), notAfter: ago(HOUR), origin: 'newest transaction' };
    const server: Server = { host: 'db1', systemIdentifier: IDENTIFIER, timeline: 1, formerIdentifiers: [] };
    const copy = fact('copy', { nameAgrees: null, moment, physical: base });
    return physicalIdentity(copy, base, fact('database-state', { databaseOid: 16_400, createdAt, server }));
  };

  it.each<[string, string | null, string | null, Partial<Physical>, string]>([
    ['holds a database that was made between the two', ago(2 * HOUR), ago(3 * HOUR), {}, 'holds'],
    ['does not hold one that was made later', ago(MINUTE), ago(3 * HOUR), {}, 'fails'],
    ['leaves open one that is called older than the base', ago(900 * HOUR), ago(3 * HOUR), {}, 'unknown'],
    ['leaves open one without a date', null, ago(3 * HOUR), {}, 'unknown'],
    ['leaves it open where the base tells no time', ago(2 * HOUR), null, {}, 'unknown'],
    ['is judged by the date where it lists nothing', ago(900 * HOUR), ago(3 * HOUR), { databaseOids: null }, 'holds'],
    ['holds what it lists', ago(900 * HOUR), ago(3 * HOUR), { databaseOids: [5, 16_400] }, 'holds'],
  ])('%s', (_, createdAt, startedAt, change, truth) => {
    expect(judged(createdAt, startedAt, change)[0]).toBe(truth);
  });

  it('says what contradicts the date', () => {
    expect(judged(ago(900 * HOUR), ago(3 * HOUR))[1]).toMatch(/^its base copy does not hold the database/);
  });
});
