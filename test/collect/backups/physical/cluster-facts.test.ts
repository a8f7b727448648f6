import { expect, it } from 'vitest';
import {
  physicalCopyFact,
  sameIdentifierClusters,
  serversOf,
} from '../../../../src/collect/backups/physical/cluster-copies.ts';
import type { PhysicalCopy, WalArchive } from '../../../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../../../src/collect/backups/physical/settle-copies.ts';
import type { KnownServer } from '../../../../src/collect/servers.ts';

const IDENTIFIER = '7300000000000000001';
const cluster = { systemIdentifier: IDENTIFIER, endpoints: [], declaredServer: null };

/** Only what matching looks at. */
function knownServer(name: string, systemIdentifier: string | null, former: readonly string[] = []): KnownServer {
  const until = '2026-03-01T23:59:59.999Z';
  const formerIdentifiers = former.map((one) => ({ systemIdentifier: one, until }));
  const server = { name, host: name, port: 5432, formerIdentifiers };
  return {
    server,
    catalogue: systemIdentifier === null ? null : { server: { systemIdentifier } },
  } as unknown as KnownServer;
}

const ON_ONE = '000000010000000000000004';
const BASE: PhysicalCopy = {
  label: 'base',
  path: 'base',
  method: 'pgbackrest',
  format: 'repository',
  kind: 'full',
  needs: [],
  cluster,
  timeline: 1,
  databases: null,
  startedAt: '2026-11-22T02:00:00.000Z',
  stoppedAt: '2026-11-22T02:10:00.000Z',
  timesFrom: 'backup.info',
  wal: { startLsn: '0/4000028', stopLsn: '0/4000100', firstSegment: ON_ONE, lastSegment: ON_ONE, inside: true },
  serverVersion: '15',
  toolVersion: null,
  bytes: 1,
  modifiedAt: '2026-11-22T02:11:00.000Z',
  integrity: 'complete',
  integrityBecause: 'its manifest agrees',
  readToEnd: false,
  encrypted: false,
  lockedUntil: null,
  domain: null,
};

/** An archive of timelines 1 and 3; its history went on with 3 from where timeline 1 was left. */
const SWITCHED: WalArchive = {
  path: 'archive',
  method: 'pgbackrest',
  cluster,
  segmentBytes: 16 * 2 ** 20,
  timelines: [1, 3].map((timeline) => ({
    timeline,
    firstSegment: `0000000${timeline}0000000000000004`,
    lastSegment: `0000000${timeline}0000000000000009`,
    gaps: [],
    missing: 0,
    lastArchivedAt: '2026-11-22T11:55:00.000Z',
    previousArchivedAt: null,
  })),
  history: [{ timeline: 1, switchLsn: '0/6000000' }],
  window: null,
};

it.each<[string, PhysicalCopy, readonly WalArchive[], object | undefined]>([
  ['where the history left its timeline', BASE, [SWITCHED], { timeline: 3, leftAt: '0/6000000' }],
  ['that it does not go back to it', { ...BASE, timeline: 2 }, [SWITCHED], { timeline: 3, leftAt: null }],
  ['nothing, being of the newest itself', { ...BASE, timeline: 3 }, [SWITCHED], undefined],
  [
    'nothing of the archive of another cluster',
    BASE,
    [{ ...SWITCHED, cluster: { ...cluster, systemIdentifier: '7' } }],
    undefined,
  ],
  ['nothing without an archive', BASE, [], undefined],
])('a copy tells its end and %s', (_, copy, archives, followed) => {
  const [settled] = settleCopies([copy], archives);
  if (settled === undefined) throw new Error('there is one copy');
  const contradicts = { label: 'other', location: 'repository' };
  const matched = { settled, vouching: null, contradicts };
  const fact = physicalCopyFact('repository', matched, knownServer('db1', IDENTIFIER), 1);
  expect(fact.physical).toMatchObject({ stopLsn: '0/4000100', contradicts });
  expect(fact.physical?.followed).toEqual(followed);
});

it.each<[string, readonly KnownServer[], readonly string[] | null, number]>([
  ['one that bears it', [knownServer('db1', IDENTIFIER), knownServer('db2', '7')], null, 1],
  ['a clone', [knownServer('db1', IDENTIFIER), knownServer('db2', IDENTIFIER)], null, 2],
  [
    'one that bore it before pg_upgrade',
    [knownServer('db1', '8', [IDENTIFIER]), knownServer('db2', IDENTIFIER)],
    null,
    2,
  ],
  ['one that bore it and does not answer', [knownServer('db1', null, [IDENTIFIER])], null, 1],
  [
    'those alone that may have copies there',
    [knownServer('db1', IDENTIFIER), knownServer('db2', IDENTIFIER)],
    ['db2'],
    1,
  ],
  ['none', [knownServer('db1', null), knownServer('db2', '7')], null, 0],
])('of the servers that bear the identifier inside, %s is counted', (_, servers, possible, count) => {
  const known = new Map(servers.map((one) => [one.server.name, one]));
  expect(sameIdentifierClusters(cluster, possible, known)).toBe(count);
  expect(serversOf(cluster, possible, known)).toHaveLength(count);
  expect(sameIdentifierClusters({ ...cluster, systemIdentifier: null }, possible, known)).toBe(0);
});
