import { describe, expect, it } from 'vitest';
import type { KmsClient } from '../../../src/collect/keys/kms-client.ts';
import { kmsKeyProvider } from '../../../src/collect/keys/kms-key-provider.ts';

const ARN = 'arn:aws:kms:us-east-1:123456789012:key/11111111-2222-3333-4444-555555555555';
const DESCRIBED = { KeyId: ARN.slice(-36), Arn: ARN, KeyState: 'Enabled' as const };

/** A service that describes every key in the same words. */
async function keyAs(metadata: object) {
  const client: KmsClient = {
    region: 'us-east-1',
    locator: 'scripted',
    describeKey: async () => ({ KeyMetadata: { ...DESCRIBED, ...metadata }, $metadata: {} }),
    listAliases: async () => ({ $metadata: {} }),
    listKeys: async () => ({ $metadata: {} }),
    decryptAndForget: async () => ({ keyId: null }),
    clockOffsetMillis: () => null,
    close: () => undefined,
  };
  const { items } = await kmsKeyProvider('kms', client).key(ARN);
  return items[0];
}

describe('a KMS key', () => {
  it('leaves open what the service does not tell of it', async () => {
    expect(await keyAs({})).toMatchObject({ state: 'enabled', origin: null, canDecrypt: null });
  });

  it.each([
    ['ENCRYPT_DECRYPT', true],
    ['SIGN_VERIFY', false],
  ])('made for %s: decrypts %s', async (KeyUsage, canDecrypt) => {
    expect(await keyAs({ KeyUsage, Origin: 'EXTERNAL' })).toMatchObject({ origin: 'EXTERNAL', canDecrypt });
  });

  it.each([
    ['Updating', 'enabled'],
    ['Disabled', 'disabled'],
    ['PendingReplicaDeletion', 'pending-deletion'],
    ['Creating', 'unavailable'],
    ['Unavailable', 'unavailable'],
  ])('in state %s is %s', async (KeyState, state) => {
    expect(await keyAs({ KeyState })).toMatchObject({ state });
  });
});
