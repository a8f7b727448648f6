import { type ClientSettings, onlyReads } from './client-settings.ts';

/** Asks whose credentials these are, which every caller may. Rejects with what the AWS SDK throws. */
export async function readCallerIdentity({ config, clock, limit }: ClientSettings): Promise<unknown> {
  const sdk = await import('@aws-sdk/client-sts');
  const client = new sdk.STSClient(config);
  client.middlewareStack.add(onlyReads('sts'), { step: 'initialize', priority: 'high', name: 'readOnlyOperations' });
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });
  try {
    return await client.send(new sdk.GetCallerIdentityCommand({}), limit());
  } finally {
    client.destroy();
  }
}
