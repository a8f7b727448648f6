import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readWithKeys } from './read-with-keys.ts';
import {
  CONSUL_HEADER,
  consulSnapshot,
  keyValue,
  message,
  OTHER_MESSAGES,
  packed,
  tombstone,
} from './synthetic-consul.ts';
import { barrierValue, SNAPSHOT_SECONDS } from './synthetic-snapshot.ts';

/*
 * By Consul's own source, as documented shapes. That a real Consul writes them so is shown in vault-stored-in-consul.test.ts,
 * where one can be had.
 */

const UUID = '0d9c4a1e-0000-4000-8000-000000000001';
const OTHER = '1d9c4a1e-0000-4000-8000-000000000002';
const SEAL = Buffer.from(
  JSON.stringify({
    type: 'shamir',
    secret_shares: 5,
    secret_threshold: 3,
    stored_shares: 1,
    nonce: '',
    pgp_keys: null,
  }),
);

/** The entries of one Vault below `prefix`, in the order of a snapshot. */
function vaultEntries(prefix: string, uuid: string, names: readonly string[]): readonly Buffer[] {
  return [
    keyValue(`${prefix}core/hsm/barrier-unseal-keys`, Buffer.from([0x0a, 1, 9])),
    keyValue(`${prefix}core/keyring`, barrierValue(0)),
    keyValue(`${prefix}core/lock`, Buffer.from('0d9c4a1e')),
    keyValue(`${prefix}core/seal-config`, SEAL),
    keyValue(`${prefix}core/versions/1.21.2`, barrierValue(1)),
    ...names.map((name) => keyValue(`${prefix}logical/${uuid}/archive/${name}`, barrierValue(1, 400))),
    ...names.map((name) => keyValue(`${prefix}logical/${uuid}/policy/${name}`, barrierValue(2, 400))),
    keyValue(`${prefix}sys/policy/default`, barrierValue(1)),
  ];
}

function stateOf(...entries: readonly Buffer[]): Buffer {
  const [before, token] = OTHER_MESSAGES;
  if (before === undefined || token === undefined) throw new Error('no messages');
  return Buffer.concat([CONSUL_HEADER, before, token, ...entries, tombstone('vault/logical/gone'), message(16, {})]);
}

const good = consulSnapshot(
  stateOf(keyValue('app/setting', Buffer.from('x')), ...vaultEntries('vault/', UUID, ['acme', 'beta'])),
);

describe('a snapshot of the Consul that Vault stores in', () => {
  it('tells what lies in it in clear, and names keys to the visitor only', async () => {
    const { keys, ...reading } = await readWithKeys(good);
    expect(reading).toEqual({
      recognized: true,
      what: 'consul-snapshot',
      complete: true,
      checksumsMatch: true,
      because: 'all parts are there and agree with their checksums',
      takenAt: new Date(SNAPSHOT_SECONDS * 1000).toISOString(),
      raftIndex: null,
      raftTerm: null,
      raftServers: [],
      sealType: 'shamir',
      secretShares: 5,
      secretThreshold: 3,
      recoveryShares: null,
      recoveryThreshold: null,
      sealKeyId: null,
      barrierTermHighest: 2,
      mountUuids: [UUID],
      transitKeyCount: 2,
      vaultVersions: ['1.21.2'],
      bytes: good.length,
    });
    expect(keys).toEqual(
      ['archive', 'policy'].flatMap((kind) => ['acme', 'beta'].map((name) => `${UUID}/${kind}/${name}`)),
    );
    expect(JSON.stringify(reading)).not.toMatch(/acme|a-secret-token/);
  });

  it('reads the same whatever the size of the chunks', async () => {
    const whole = await readWithKeys(good);
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: good.length + 10 }), async (chunkBytes) => {
        expect(await readWithKeys(good, chunkBytes)).toEqual(whole);
      }),
      { numRuns: 40 },
    );
  });

  it('finds Vault under another path, and at the root', async () => {
    for (const prefix of ['secrets/vault-prod/', '']) {
      const reading = await readWithKeys(consulSnapshot(stateOf(...vaultEntries(prefix, UUID, ['acme']))));
      expect(reading).toMatchObject({ complete: true, sealType: 'shamir', mountUuids: [UUID], transitKeyCount: 1 });
    }
  });

  it('takes nothing that a secret is called for another Vault', async () => {
    const secret = keyValue(`vault/logical/${UUID}/a/core/seal-config`, Buffer.from(SEAL.toString().replace('5', '9')));
    const entries = vaultEntries('vault/', UUID, ['acme']);
    const reading = await readWithKeys(consulSnapshot(stateOf(...entries.slice(0, 5), secret, ...entries.slice(5))));
    expect(reading).toMatchObject({ sealType: 'shamir', secretShares: 5, transitKeyCount: 1 });
  });

  it('of two Vaults tells the keys of both, and the seal of neither', async () => {
    const both = [...vaultEntries('vault-a/', UUID, ['acme']), ...vaultEntries('vault-b/', OTHER, ['globex'])];
    const reading = await readWithKeys(consulSnapshot(stateOf(...both)));
    expect(reading).toMatchObject({ complete: true, mountUuids: [UUID, OTHER], transitKeyCount: 2, sealType: null });
    expect(reading.keys).toContain(`${OTHER}/policy/globex`);
  });
});

describe('what is no good snapshot of it', () => {
  it('a Consul without any Vault is told as that', async () => {
    const reading = await readWithKeys(consulSnapshot(stateOf(keyValue('app/setting', Buffer.from('x')))));
    expect(reading).toMatchObject({ recognized: false, what: 'consul-without-vault', complete: false });
  });

  it('another product with this archive, such as Nomad, is told as that', async () => {
    const state = Buffer.concat([
      packed({}),
      message(0, { ID: 'node' }),
      keyValue('vault/core/keyring', barrierValue(0)),
    ]);
    expect(await readWithKeys(consulSnapshot(state))).toMatchObject({ recognized: false, what: 'other-raft-snapshot' });
    expect(await readWithKeys(consulSnapshot(state, { id: 'another kind' }))).toMatchObject({
      what: 'other-raft-snapshot',
    });
  });

  it.each([
    ['without its checksums', { without: ['SHA256SUMS'] }, false, /without SHA256SUMS/],
    ['with another checksum', { sums: (sums: string) => sums.replace(/^./, 'x') }, true, /meta\.json does not agree/],
  ])('%s', async (_, options, complete, because) => {
    const reading = await readWithKeys(consulSnapshot(stateOf(...vaultEntries('vault/', UUID, ['acme'])), options));
    expect(reading).toMatchObject({ recognized: true, complete, checksumsMatch: false });
    expect(reading.because).toMatch(because);
  });

  it('one that stops within an entry, though all its sums agree', async () => {
    const state = stateOf(...vaultEntries('vault/', UUID, ['acme']));
    const reading = await readWithKeys(consulSnapshot(state.subarray(0, state.length - 3)));
    expect(reading).toMatchObject({ recognized: true, complete: false, checksumsMatch: true });
    expect(reading.because).toContain('does not end with a whole entry');
  });

  it('cut anywhere it is never whole, and flipped anywhere never both whole and summed up', async () => {
    const state = stateOf(...vaultEntries('vault/', UUID, ['acme', 'beta']));
    const whole = consulSnapshot(state);
    for (let cut = 0; cut < whole.length; cut += 7) {
      const reading = await readWithKeys(whole.subarray(0, cut));
      expect(reading.complete && reading.checksumsMatch, `cut at ${cut}`).toBe(false);
    }
    for (let at = 10; at < whole.length - 8; at += 5) {
      const flipped = Buffer.from(whole);
      flipped[at] = (flipped[at] ?? 0) ^ 0x04;
      const reading = await readWithKeys(flipped);
      expect(reading.complete && reading.checksumsMatch, `flipped at ${at}`).toBe(false);
    }
  });

  it('whatever the bytes are, reading them ends', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), async (noise) => {
        await readWithKeys(consulSnapshot(Buffer.concat([CONSUL_HEADER, noise])));
      }),
      { numRuns: 200 },
    );
  });
});
