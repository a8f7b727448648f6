import { constants, createCipheriv, generateKeyPairSync, publicEncrypt, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createVaultClient, type VaultClient } from '../../../src/collect/keys/vault-client.ts';
import { vaultKeyProvider } from '../../../src/collect/keys/vault-key-provider.ts';
import { Secret } from '../../../src/model/secret.ts';
import { startVault, type VaultServer, vaultUnavailable } from '../../services/vault.ts';

const MOUNT = 'transit';
const wrappingKeySchema = z.object({ data: z.object({ public_key: z.string() }) });

describe.skipIf(vaultUnavailable())('imported keys of a real Vault', () => {
  let vault: VaultServer;
  let client: VaultClient;

  async function ask(method: string, path: string, body?: object): Promise<unknown> {
    const answer = await vault.request(method, path, body);
    expect(answer.status, `${method} ${path}`).toBeLessThan(300);
    return answer.body;
  }

  /** Key material as Vault takes it: under an AES key of one use (RFC 5649), which is under Vault's wrapping key. */
  async function wrapped(material: Buffer): Promise<string> {
    const { data } = wrappingKeySchema.parse(await ask('GET', `${MOUNT}/wrapping_key`));
    const once = randomBytes(32);
    const under = publicEncrypt(
      { key: data.public_key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' },
      once,
    );
    const cipher = createCipheriv('id-aes256-wrap-pad', once, Buffer.from('a65959a6', 'hex'));
    return Buffer.concat([under, cipher.update(material), cipher.final()]).toString('base64');
  }

  beforeAll(async () => {
    vault = await startVault();
    client = createVaultClient({
      address: vault.address,
      token: new Secret(vault.rootToken),
      timeoutMillis: 10_000,
    });
    await ask('POST', `sys/mounts/${MOUNT}`, { type: 'transit' });
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const ciphertext = await wrapped(randomBytes(32));
    await ask('POST', `${MOUNT}/keys/whole/import`, { type: 'aes256-gcm96', ciphertext });
    const pair = await wrapped(privateKey.export({ type: 'pkcs8', format: 'der' }));
    await ask('POST', `${MOUNT}/keys/pair/import`, { type: 'rsa-2048', ciphertext: pair });
    const pem = publicKey.export({ type: 'spki', format: 'pem' });
    await ask('POST', `${MOUNT}/keys/public/import`, { type: 'rsa-2048', public_key: pem });
    await ask('POST', `${MOUNT}/keys/own`, { type: 'rsa-2048' });
  });

  afterAll(async () => {
    await client?.close();
    await vault?.[Symbol.asyncDispose]();
  });

  it('are told from those that it made, and of asymmetric ones that their private part is not shown', async () => {
    const provider = vaultKeyProvider('vault', client, MOUNT);
    const imported = async (name: string) => (await provider.key(name)).items[0]?.imported;
    expect(await imported('own')).toBeUndefined();
    expect(await imported('whole')).toBe('whole');
    // Vault says the same of both, and that they support decryption.
    for (const name of ['pair', 'public']) {
      expect((await provider.key(name)).items[0]).toMatchObject({ imported: 'perhaps-public-only', canDecrypt: true });
    }
  });
});
