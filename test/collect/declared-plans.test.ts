import { describe, expect, test } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import { unreadMethods } from '../../src/collect/backups/other-methods.ts';
import { plansOfEveryServer, plansOfServers } from '../../src/collect/declared-plans.ts';
import { configSchema } from '../../src/config/schema.ts';

const asker = createAsker(systemClock, [], new AbortController().signal);
const INSTALL = { kind: 'install', key: 'install', organizationId: null, name: 'install' } as const;
const ACME = { kind: 'organization', key: 'o', organizationId: 'o', name: 'Acme' } as const;
const DATABASE = { kind: 'database', key: 'o/d', organizationId: 'o', name: 'd' } as const;

const config = configSchema.parse({
  version: 1,
  install: { host: 'h', database: { name: 'novantra', host: 'db1', user: 'u' } },
  locations: [
    { kind: 'directory', name: 'repository', path: '/backups', purposes: ['pgbackrest'], servers: ['tenants-2'] },
  ],
  plans: [
    { id: 'everywhere', covers: 'all', method: 'pg_dump', schedule: '0 2 * * *' },
    { id: 'second', covers: 'cluster', method: 'pgbackrest', schedule: '0 3 * * *', servers: ['tenants-2', 'install'] },
    { id: 'tenants', covers: 'tenant-database', method: 'barman', servers: ['install'] },
  ],
});
const namesOf = (owner: typeof INSTALL | typeof ACME, server: string) =>
  plansOfServers({ config }, owner, new Set([server])).map(({ planId, covers }) => [planId, covers]);

describe('a declared plan', () => {
  test('of no server in particular is everybody’s, one of some servers is of the databases on these', () => {
    expect(plansOfEveryServer({ config }).map(({ planId }) => planId)).toEqual(['everywhere']);
    expect(namesOf(ACME, 'tenants-2')).toEqual([['second', 'tenant-database']]);
    expect(namesOf(ACME, 'tenants-1')).toEqual([]);
    expect(namesOf(INSTALL, 'install')).toEqual([['second', 'install-database']]);
  });

  test('is unread where the places of its tool are of other servers', () => {
    const unread = (server: string | null) =>
      unreadMethods({ asker, config }, { subject: DATABASE, plans: [], server }).map(({ source }) => source);
    expect(unread('tenants-2')).toEqual([]);
    expect(unread('tenants-1')).toEqual([]);
    expect(unread('install')).toEqual(['backup plan second', 'backup plan tenants']);
    expect(unread(null)).toEqual(['backup plan tenants']);
  });
});
