import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAsker, systemClock } from '../../src/collect/ask.ts';
import type { Collection, Estate } from '../../src/collect/estate.ts';
import { pkcs11KeyProvider } from '../../src/collect/keys/pkcs11-key-provider.ts';
import { pkcs11Token } from '../../src/collect/keys/pkcs11-token.ts';
import { createVaultClient } from '../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../src/collect/keys/vault-key-provider.ts';
import { vaultReadPolicy } from '../../src/collect/keys/vault-requests.ts';
import { openSpool } from '../../src/collect/organizations/spool.ts';
import { providerUseEvidence } from '../../src/collect/provider-use.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import { type Facts, factSchemas } from '../../src/model/facts.ts';
import { Secret } from '../../src/model/secret.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { evidence, LOCATION } from '../evaluate/fixture.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { softHsm, softHsmUnavailable } from '../services/softhsm.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../services/vault.ts';

const ACME = 'org_01hxy0000000000000000000aa';
const GLOBEX = 'org_01hxy0000000000000000000bb';
const GONE = 'org_01gone00000000000000000077';
const signal = new AbortController().signal;
const collection = { asker: createAsker(systemClock, [], signal), signal } as unknown as Collection;

interface Keyring {
  readonly organization: string | null;
  readonly provider?: string;
  readonly key: string;
}
const USUAL: readonly Keyring[] = [
  { organization: null, key: 'install' },
  { organization: ACME, key: `tenant-${ACME}` },
  { organization: GLOBEX, key: `tenant-${GLOBEX}` },
];

interface Snapshot {
  readonly takenAt: string;
  readonly keys: readonly string[];
}

interface Case {
  readonly keyrings?: readonly Keyring[] | 'blind';
  readonly problem?: 'keyrings' | 'organizations';
  readonly counted?: number | null;
  readonly names?: readonly string[] | SourceError;
  readonly snapshots?: readonly Snapshot[];
  readonly collected?: readonly AnyEvidence[];
  readonly providers?: Estate['providers'];
}

function providersOf({ names = [], snapshots = [] }: Case): Estate['providers'] {
  const open = (id: string, list: readonly string[] | SourceError) => ({
    config: { id, kind: 'vault-transit' },
    provider: {
      id,
      locator: id,
      operations: { names: 'transit LIST keys' },
      mountUuid: () => 'mount-1',
      names: async () => {
        if (list instanceof SourceError) throw list;
        return list;
      },
    },
    snapshots: [
      {
        found: {
          snapshots: snapshots.map(({ takenAt, keys }) => ({
            fact: { takenAt, sealKeyId: null, mountUuids: ['mount-1'] },
            holds: (mount: string, key: string) => mount === 'mount-1' && keys.includes(key),
            keys: () => keys.map((key) => `mount-1/${key}`),
          })),
        },
      },
    ],
  });
  return new Map([
    ['vault-1', open('vault-1', names)],
    ['vault-2', open('vault-2', [])],
  ]) as unknown as Estate['providers'];
}

async function usesIn(seen: Case): Promise<readonly Facts['provider-use'][]> {
  const { keyrings = USUAL, problem, counted = 2 } = seen;
  using scratch = scratchDirectory('keyrings');
  const file = join(scratch.path, 'keyrings.ndjson');
  const spool = openSpool<object>(file);
  for (const { organization, provider = 'vault-1', key } of keyrings === 'blind' ? [] : keyrings) {
    await spool.write(organization, { ok: true, row: { providerId: provider, keyRef: key } });
  }
  await spool.close();
  const dataset = (name: string) => ({ status: 'read', file, problems: problem === name ? [{}] : [] });
  const estate = {
    providers: seen.providers ?? providersOf(seen),
    leanedOnByStores: new Set(),
    reading: {
      organizationCount: counted,
      datasets: {
        organizations: dataset('organizations'),
        keyrings: keyrings === 'blind' ? { status: 'blind' } : dataset('keyrings'),
      },
    },
  } as unknown as Estate;
  const walked = { organizationKeys: new Set([ACME, GLOBEX]), streamed: 2 };
  const ids = ['vault-1', 'vault-2', 'not configured'];
  const records = await providerUseEvidence(collection, estate, ids, walked, seen.collected ?? []);
  const items = records.flatMap((record) => (record.kind === 'provider-use' ? record.items : []));
  for (const item of items) expect(factSchemas['provider-use'].parse(item)).toEqual(item);
  return items;
}

describe('whether a provider is used', () => {
  it('is told by keyrings, seals and locations', async () => {
    const leans = evidence('custody', LOCATION, [
      {
        needs: [
          {
            what: 'encryption-key',
            heldBy: [{ kind: 'provider', name: 'vault-2', key: 'k', account: null, region: null }],
            origin: 'stated',
          },
        ],
      },
    ]);
    expect((await usesIn({})).map(({ usedBy }) => usedBy)).toEqual([['keyrings'], []]);
    expect((await usesIn({ collected: [leans] })).map(({ usedBy }) => usedBy)).toEqual([
      ['keyrings'],
      ['seals or locations'],
    ]);
    const one = { organization: ACME, provider: 'vault-2', key: 'any' };
    expect((await usesIn({ keyrings: [...USUAL, one] }))[1]?.usedBy).toEqual(['keyrings']);
  });

  it.each<readonly [string, Case]>([
    ['the keyrings were not read', { keyrings: 'blind' }],
    ['a keyring could not be read', { problem: 'keyrings' }],
    ['an organization could not be read', { problem: 'organizations' }],
    ['the list of organizations is shorter than its count', { counted: 3 }],
    ['nothing counted the organizations', { counted: null }],
  ])('is not told where %s', async (_, seen) => {
    expect(await usesIn({ names: [`tenant-${GONE}`], ...seen })).toEqual([]);
  });
});

describe('keys that are left', () => {
  const NAMES = ['install', `tenant-${ACME}`, `tenant-${GONE}`, 'of something else'];
  const left = { name: `tenant-${GONE}`, organizationId: GONE, toldBy: 'name', inProvider: true };

  it('are those named after an organization that is not in the list', async () => {
    const [use] = await usesIn({ names: NAMES });
    expect(use).toMatchObject({
      notListed: null,
      leftCount: 1,
      leftKeys: [{ ...left, snapshots: 0, newestSnapshot: null }],
    });
  });

  it('and those that only snapshots hold any more', async () => {
    const taken = ['2026-11-20T01:00:00.000Z', '2026-11-21T01:00:00.000Z'];
    const snapshots = taken.map((takenAt) => ({ takenAt, keys: NAMES }));
    const [use] = await usesIn({ names: NAMES.filter((name) => !name.includes(GONE)), snapshots });
    expect(use?.leftKeys).toMatchObject([{ ...left, inProvider: false, snapshots: 2, newestSnapshot: taken[1] }]);
  });

  it('are not those that some keyring names', async () => {
    const named = { organization: ACME, key: `Tenant-${GONE}` };
    expect((await usesIn({ names: NAMES, keyrings: [...USUAL, named] }))[0]).toMatchObject({ leftKeys: [] });
  });

  it('are told by a row of an organization that is gone, too', async () => {
    const rows = [
      { organization: GONE, key: 'a name of its own' },
      { organization: GONE, key: 'destroyed' },
    ];
    const [use] = await usesIn({ names: [...NAMES, 'a name of its own'], keyrings: [...USUAL, ...rows] });
    expect(use?.leftKeys).toMatchObject([
      { name: 'a name of its own', toldBy: 'keyring row', inProvider: true },
      { name: `tenant-${GONE}`, toldBy: 'name' },
    ]);
  });

  it('are not asked about where names tell no organization, and quietly not where listing is refused', async () => {
    const plain = USUAL.map((one, index) => ({ ...one, key: `key-${index}` }));
    const refused = new SourceError('unauthorized', 'permission denied', 'Allow it.');
    expect((await usesIn({ keyrings: plain, names: refused }))[0]).toMatchObject({ notListed: null, leftKeys: [] });
    const [use] = await usesIn({ names: refused, snapshots: [{ takenAt: '2026-11-20T01:00:00.000Z', keys: NAMES }] });
    expect(use).toMatchObject({ notListed: 'permission denied', leftKeys: [{ ...left, inProvider: null }] });
  });
});

describe.skipIf(vaultUnavailable())('a real Vault', () => {
  let vault: VaultServer;
  beforeAll(async () => {
    vault = await startVault();
    await vault.request('POST', 'sys/mounts/transit', { type: 'transit' });
    for (const { key } of USUAL) await vault.request('POST', `transit/keys/${key}`);
    await vault.request('POST', `transit/keys/tenant-${GONE}`);
  });
  afterAll(async () => {
    await vault?.[Symbol.asyncDispose]();
  });

  async function useWith(policy: string) {
    const token = new Secret(await vault.createToken(policy));
    const client = createVaultClient({ address: vault.address, token, timeoutMillis: 10_000 });
    const provider = vaultKeyProvider('vault-1', client, 'transit');
    const open = { config: { id: 'vault-1', kind: 'vault-transit' }, provider, snapshots: [] };
    const [use] = await usesIn({ providers: new Map([['vault-1', open]]) as unknown as Estate['providers'] });
    await client.close();
    return use;
  }

  it('lists the key that is left under the least policy, and nothing without the right to', async () => {
    const policy = vaultReadPolicy(['transit']);
    expect(await useWith(policy)).toMatchObject({
      usedBy: ['keyrings'],
      leftKeys: [{ name: `tenant-${GONE}`, inProvider: true }],
    });
    const without = policy.replace(/^path "transit\/keys" .*$/m, '');
    expect(without).not.toBe(policy);
    expect(await useWith(without)).toMatchObject({
      leftKeys: [],
      notListed: expect.stringContaining('permission denied'),
    });
  });
});

describe.skipIf(softHsmUnavailable())('keys that are left on a token of an HSM', () => {
  it('are told by label, or by the id that a row names', async () => {
    using scratch = scratchDirectory('left-on-hsm');
    const hsm = await softHsm(scratch.path);
    await hsm.createToken('org-keys', '4711-0815');
    const labels = [`tenant-${ACME}`, `tenant-${GLOBEX}`, `tenant-${GONE}`, 'install'];
    await hsm.change('org-keys', '4711-0815', {
      add: [...labels.map((label, index) => ({ label, id: `0${index + 1}` })), { label: 'nameless', id: '0a05' }],
    });
    const token = pkcs11Token({
      module: hsm.module,
      token: { label: 'org-keys', serial: null },
      pin: new Secret('4711-0815'),
      environment: hsm.environment,
      timeoutMillis: 20_000,
      signal,
    });
    const provider = pkcs11KeyProvider('vault-1', token, null);
    const open = { config: { id: 'vault-1', kind: 'pkcs11' }, provider, snapshots: [] };
    const rows = ['id:0x0A:05', 'id:0b'].map((key) => ({ organization: GONE, key }));
    const [use] = await usesIn({
      keyrings: [...USUAL, ...rows],
      providers: new Map([['vault-1', open]]) as unknown as Estate['providers'],
    });
    await provider.close();
    expect(use).toMatchObject({ usedBy: ['keyrings'], notListed: null, leftCount: 2 });
    expect(use?.leftKeys).toMatchObject([
      { name: 'id:0a05', toldBy: 'keyring row', inProvider: true },
      { name: `tenant-${GONE}`, toldBy: 'name', inProvider: true },
    ]);
  });
});
