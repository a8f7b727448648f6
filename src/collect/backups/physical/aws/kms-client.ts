import { type ClientSettings, onlyReads } from './client-settings.ts';

/** Keys of AWS KMS in one region, as far as copies name them. Rejects with what the AWS SDK throws. */
export interface KmsReads {
  /** @param keyId an ARN or an id, as a service names the key of a copy */
  key(keyId: string): Promise<unknown>;
  close(): void;
}

/** Loads the AWS SDK of the service. */
export async function openKms({ config, clock, limit }: ClientSettings): Promise<KmsReads> {
  const sdk = await import('@aws-sdk/client-kms');
  const client = new sdk.KMSClient(config);
  client.middlewareStack.add(onlyReads('kms'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  return {
    key: async (KeyId) => (await client.send(new sdk.DescribeKeyCommand({ KeyId }), limit())).KeyMetadata,
    close: () => client.destroy(),
  };
}
