import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MAX_NAMED_KEYS, readNamedKeys } from '../../src/collect/named-keys.ts';
import type { KeyringRow } from '../../src/collect/organizations/dataset-contracts.ts';
import type { InstallReading } from '../../src/collect/organizations/install-database.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'named-keys-'));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

async function named(rows: readonly (readonly [provider: string, keyRef: string])[], providers: readonly string[]) {
  const file = join(directory, 'keyrings');
  const spool = openSpool<KeyringRow>(file);
  for (const [index, [providerId, keyRef]] of rows.entries()) {
    const row: KeyringRow = {
      keyringId: `keyring-${index}`,
      organizationId: index === 0 ? null : `org-${index}`,
      providerId,
      keyRef,
      currentVersion: null,
      rotatedAt: null,
      customerManaged: null,
    };
    await spool.write(row.organizationId, { ok: true, row });
  }
  await spool.close();
  const datasets = { keyrings: { status: 'read', file } } as unknown as InstallReading['datasets'];
  return readNamedKeys({ datasets }, providers);
}

describe('keys that keyrings name', () => {
  it('are told apart by configured provider, each once, in order', async () => {
    const rows = [
      ['vault', 'install'],
      ['vault', 'acme'],
      ['other', 'elm'],
      ['vault', 'acme'],
    ] as const;
    expect([...(await named(rows, ['vault', 'idle']))]).toEqual([
      ['vault', { keyRefs: ['install', 'acme'], leftOut: 0 }],
      ['idle', { keyRefs: [], leftOut: 0 }],
    ]);
  });

  it('are no more than the limit, and the rest is counted', async () => {
    const rows = Array.from({ length: MAX_NAMED_KEYS + 3 }, (_, index) => ['vault', `key-${index}`] as const);
    const found = (await named(rows, ['vault'])).get('vault');
    expect(found?.keyRefs).toHaveLength(MAX_NAMED_KEYS);
    expect(found?.leftOut).toBe(3);
  });
});
