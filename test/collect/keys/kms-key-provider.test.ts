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
    getKeyPolicy: async () => ({ $metadata: {} }),
    getKeyRotationStatus: async () => ({ $metadata: {} }),
    listKeyRotations: async () => ({ $metadata: {} }),
    listGrants: async () => ({ $metadata: {} }),
    listAliases: async () => ({ $metadata: {} }),
    listKeys: async () => ({ $metadata: {} }),
    callerAccount: async () => '123456789012',
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

  it('tells of what type it is where it cannot decrypt', async () => {
    const type = async (metadata: object) => (await keyAs(metadata))?.keyType;
    expect(await type({ KeyUsage: 'GENERATE_VERIFY_MAC', KeySpec: 'HMAC_256' })).toBe(
      'HMAC_256 for GENERATE_VERIFY_MAC',
    );
    expect(await type({ KeyUsage: 'SIGN_VERIFY', KeySpec: 'RSA_2048' })).toBe('RSA_2048 for SIGN_VERIFY');
    expect(await type({ KeyUsage: 'ENCRYPT_DECRYPT', KeySpec: 'RSA_2048' })).toBeUndefined();
  });

  it.each([
    ['Updating', 'enabled'],
    ['Disabled', 'disabled'],
    ['PendingReplicaDeletion', 'pending-deletion'],
    ['Creating', 'unavailable'],
    ['Unavailable', 'unavailable'],
  ])('in state %s is %s', async (KeyState, state) => {
    const key = await keyAs({ KeyState });
    expect(key).toMatchObject({ state });
    expect(key?.isBeingMade ?? false).toBe(KeyState === 'Creating');
  });
});

describe('the provider', () => {
  const ROOT = 'arn:aws:iam::123456789012:root';
  const Policy = JSON.stringify({
    Statement: [{ Effect: 'Allow', Principal: { AWS: ROOT }, Action: 'kms:*', Resource: '*' }],
  });

  /** A service that counts what it is asked. */
  function counting(metadata: object = {}) {
    const asked: Record<string, number> = {};
    const count = <T>(operation: string, answer: T): Promise<T> => {
      asked[operation] = (asked[operation] ?? 0) + 1;
      return Promise.resolve(answer);
    };
    const $metadata = {};
    const client: KmsClient = {
      region: 'us-east-1',
      locator: 'scripted',
      decryptAndForget: async () => ({ keyId: null }),
      describeKey: async () => {
        if (metadata instanceof Error) throw metadata;
        return await count('describeKey', { KeyMetadata: { ...DESCRIBED, ...metadata }, $metadata });
      },
      getKeyPolicy: () => count('getKeyPolicy', { Policy, $metadata }),
      getKeyRotationStatus: () => count('getKeyRotationStatus', { KeyRotationEnabled: true, $metadata }),
      listKeyRotations: () => count('listKeyRotations', { Rotations: [], $metadata }),
      listGrants: () => count('listGrants', { Grants: [], $metadata }),
      listAliases: () =>
        count('listAliases', {
          Aliases: [
            {
              AliasName: 'alias/acme',
              TargetKeyId: DESCRIBED.KeyId,
              CreationDate: new Date('2026-01-01T00:00:00Z'),
              LastUpdatedDate: new Date('2026-02-01T00:00:00Z'),
            },
          ],
          $metadata,
        }),
      callerAccount: () => count('callerAccount', '123456789012'),
      listKeys: () => count('listKeys', { Keys: [{ KeyArn: ARN }], $metadata }),
      clockOffsetMillis: () => null,
      close: () => undefined,
    };
    return { provider: kmsKeyProvider('kms', client), asked };
  }

  it('asks once about a key that many keyrings share, and once for the aliases of all', async () => {
    const { provider, asked } = counting({ Origin: 'AWS_KMS' });
    await provider.state();
    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => [
        await provider.key(ARN),
        await provider.settings?.(ARN),
        await provider.rotation?.(ARN),
      ]),
    );
    expect(asked).toEqual({
      listKeys: 1,
      callerAccount: 1,
      describeKey: 1,
      listAliases: 1,
      getKeyPolicy: 1,
      listGrants: 1,
      getKeyRotationStatus: 1,
      listKeyRotations: 1,
    });
    expect(answers.at(-1)).toMatchObject([
      { items: [{ state: 'enabled', aliases: ['alias/acme'], account: '123456789012' }] },
      { items: [{ destroyers: [{ principal: ROOT, wholeAccount: '123456789012' }], grants: [] }] },
      { items: [{ automatic: true, rotatedAt: [] }] },
    ]);
  });

  it('tells since when an alias points to the key, where it was asked about by that alias', async () => {
    const { provider } = counting({ Origin: 'AWS_KMS' });
    await provider.state();
    const setAt = '2026-02-01T00:00:00.000Z';
    expect(await provider.key('alias/acme')).toMatchObject({ items: [{ aliasSetAt: setAt }] });
    expect(await provider.key(ARN.replace(/key\/.*$/, 'alias/acme'))).toMatchObject({ items: [{ aliasSetAt: setAt }] });
    expect(await provider.key('alias/other')).toMatchObject({ items: [{ aliasSetAt: null }] });
    const [byArn] = (await provider.key(ARN)).items;
    expect(byArn).not.toHaveProperty('aliasSetAt');
  });

  it('tells of one that is not there whether it was asked about by an alias, behind which a key may be', async () => {
    const gone = Object.assign(new Error('no such key'), {
      name: 'NotFoundException',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    const { provider: empty } = counting(gone);
    await empty.state();
    expect(await empty.key('alias/acme')).toMatchObject({ items: [{ state: 'missing', isLostAlias: true }] });
    const [byArn] = (await empty.key(ARN)).items;
    expect(byArn).toMatchObject({ state: 'missing' });
    expect(byArn).not.toHaveProperty('isLostAlias');
  });

  it('asks for no policy of a key that belongs to another account than the credentials', async () => {
    const arn = ARN.replace('123456789012', '999988887777');
    const { provider, asked } = counting({ Arn: arn, Origin: 'AWS_KMS' });
    await provider.state();
    expect(await provider.key(arn)).toMatchObject({ items: [{ account: '999988887777', aliases: null }] });
    await expect(provider.settings?.(arn)).rejects.toMatchObject({ reason: 'unsupported' });
    expect(asked['getKeyPolicy']).toBeUndefined();
  });
});

describe('the names of all keys', () => {
  const clientWith = (listAliases: KmsClient['listAliases']) =>
    ({ region: 'us-east-1', locator: 'scripted', listAliases, callerAccount: async () => '1' }) as unknown as KmsClient;

  it('are its aliases', async () => {
    const Aliases = ['alias/a', 'alias/b'].map((AliasName) => ({ AliasName, TargetKeyId: '1' }));
    const client = clientWith(async () => ({ Aliases, $metadata: {} }));
    expect(await kmsKeyProvider('kms', client).names?.()).toEqual(['alias/a', 'alias/b']);
  });

  it('are refused with the action to allow', async () => {
    const denied = Object.assign(new Error('no'), {
      name: 'AccessDeniedException',
      $fault: 'client',
      $metadata: { httpStatusCode: 400 },
    });
    const client = clientWith(() => Promise.reject(denied));
    await expect(kmsKeyProvider('kms', client).names?.()).rejects.toMatchObject({
      reason: 'unauthorized',
      remedy: expect.stringContaining('kms:ListAliases'),
    });
  });
});
