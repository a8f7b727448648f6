import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, it } from 'vitest';
import { readVaultSnapshot } from '../../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { sameKmsKey } from '../../../../src/model/kms-key-reference.ts';
import { motoUnavailable, startMoto } from '../../../services/moto.ts';
import { startVault, vaultUnavailable } from '../../../services/vault.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

const signal = new AbortController().signal;

describe.skipIf(vaultUnavailable())('a Vault that another one unseals', () => {
  it('names the key version that unseals it, and its failed snapshot is never taken for one', async () => {
    await using keeper = await startVault();
    await keeper.request('POST', 'sys/mounts/transit', { type: 'transit' });
    await keeper.request('POST', 'transit/keys/unseal');
    await keeper.request('POST', 'transit/keys/unseal/rotate');
    const policy = ['encrypt', 'decrypt']
      .map((verb) => `path "transit/${verb}/unseal" { capabilities = ["update"] }`)
      .join('\n');
    const seal = `seal "transit" {
      address = "${keeper.address}"
      key_name = "unseal"
      mount_path = "transit/"
    }`;
    await using vault = await startVault({ seal, environment: { VAULT_TOKEN: await keeper.createToken(policy) } });
    const file = join(vault.directory, 'vault.snap');
    await vault.snapshot(file);
    const good = await readVaultSnapshot(memoryByteReader(await readFile(file)), { signal });
    expect(good).toMatchObject({
      recognized: true,
      complete: true,
      checksumsMatch: true,
      sealType: 'transit',
      secretShares: 1,
      secretThreshold: 1,
      recoveryShares: 3,
      recoveryThreshold: 2,
      sealKeyId: 'transit/v2',
      transitKeyCount: 0,
    });

    await rm(file);
    await keeper.seal();
    // Vault answers with status 200 here, and with bytes that stop early.
    await vault.snapshot(file);
    const content = await readFile(file);
    const failed = await readVaultSnapshot(memoryByteReader(content), { signal });
    expect(failed).toMatchObject({ recognized: true, complete: false, checksumsMatch: false });
    expect(failed.because).toMatch(/stop before their end/);
  });
});

describe.skipIf(vaultUnavailable() ?? motoUnavailable())('a Vault that a key of AWS KMS unseals', () => {
  it('names that key by its ARN, however its configuration names it', async () => {
    await using moto = await startMoto();
    const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
    const kms = new KMSClient({ region: moto.region, endpoint: moto.endpoint, credentials });
    const keyArn = async () => (await kms.send(new CreateKeyCommand({}))).KeyMetadata?.Arn ?? '';
    const [arn, other] = [await keyArn(), await keyArn()];
    kms.destroy();
    const id = arn.split('/').at(-1) ?? '';
    const seal = `seal "awskms" {
      region = "${moto.region}"
      access_key = "a"
      secret_key = "b"
      kms_key_id = "${id}"
      endpoint = "${moto.endpoint}"
    }`;
    await using vault = await startVault({ seal });
    const file = join(vault.directory, 'vault.snap');
    await vault.snapshot(file);
    const { sealKeyId, sealType } = await readVaultSnapshot(memoryByteReader(await readFile(file)), { signal });
    expect({ sealKeyId, sealType }).toEqual({ sealKeyId: arn, sealType: 'awskms' });
    expect([sameKmsKey(arn, id), sameKmsKey(arn, other)]).toEqual(['holds', 'fails']);
  });
});
