import { expect, it } from 'vitest';
import { isOfAnotherCluster, physicalIdentity } from '../../src/evaluate/physical-identity.ts';
import type { Facts } from '../../src/model/facts.ts';
import { HOUR, MINUTE } from '../../src/model/instant.ts';
import { AS_OF, ago, fact } from './fixture.ts';

const IDENTIFIER = '7300000000000000001';
const segment = (number: number, timeline = 1) =>
  `0000000${timeline}00000000${number.toString(16).toUpperCase().padStart(8, '0')}`;
type Server = NonNullable<Facts['database-state']['server']>;

function judge(lastWal: string | undefined, writing: string | undefined, change: Partial<Facts['copy']> = {}) {
  const physical: NonNullable<Facts['copy']['physical']> = {
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
  return { identity: physicalIdentity(copy, physical, state), isAnother: isOfAnotherCluster(copy, state) };
}

it('a copy whose WAL lies beyond what the live server wrote later is of a clone', () => {
  const { identity, isAnother } = judge(segment(0x1e), segment(0x19));
  expect(identity).toEqual([
    'fails',
    `its WAL reaches to ${segment(0x1e)}, and the live server writes ${segment(0x19)} of the same timeline: it is of another server that goes back to the same one, such as a clone`,
  ]);
  expect(isAnother).toBe(true);
});

it.each<[string, string | undefined, string | undefined, Partial<Facts['copy']>]>([
  ['whose WAL ends where the server writes', segment(0x19), segment(0x19), {}],
  ['whose WAL lies before that', segment(3), segment(0x19), {}],
  ['of an earlier timeline that went on', segment(0x1e), segment(0x19, 2), {}],
  ['that does not tell', undefined, segment(0x19), {}],
  ['of a server that does not tell', segment(0x1e), undefined, {}],
  [
    'that was taken while the server was asked',
    segment(0x1e),
    segment(0x19),
    { moment: { notBefore: ago(HOUR), notAfter: ago(MINUTE), origin: 'storage time' } },
  ],
])('one %s is of it', (_, lastWal, writing, change) => {
  expect(judge(lastWal, writing, change).identity[0]).toBe('holds');
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
