import { type ClientSettings, onlyReads } from './client-settings.ts';

/** AWS KMS in one region: what it tells of a key by which a copy is encrypted. Rejects with what the AWS SDK throws. */
export interface KeyReads {
  describe(keyId: string): Promise<unknown>;
  close(): void;
}

/** Loads the AWS SDK of the service. */
export async function openKeys({ config, clock, limit }: ClientSettings): Promise<KeyReads> {
  const sdk = await import('@aws-sdk/client-kms');
  const client = new sdk.KMSClient(config);
  client.middlewareStack.add(onlyReads('kms'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  return {
    describe: (KeyId) => client.send(new sdk.DescribeKeyCommand({ KeyId }), limit()),
    close: () => client.destroy(),
  };
}
