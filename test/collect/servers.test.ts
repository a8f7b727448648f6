import { expect, test } from 'vitest';
import { serverFrom } from '../../src/collect/servers.ts';
import { configSchema } from '../../src/config/schema.ts';

test('a former identifier was borne until the end of the day of the upgrade, UTC', () => {
  const { install, collect } = configSchema.parse({
    version: 1,
    install: {
      host: 'h',
      database: {
        name: 'novantra',
        host: 'db1',
        user: 'u',
        formerSystemIdentifiers: [{ systemIdentifier: '7300000000000000001', until: '2026-03-01' }],
      },
    },
  });
  expect(serverFrom('install', install.database, 'postgres', undefined, collect).formerIdentifiers).toEqual([
    { systemIdentifier: '7300000000000000001', until: '2026-03-01T23:59:59.999Z' },
  ]);
});
