import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureKeyProvider } from '../../../src/collect/keys/azure-key-provider.ts';
import { matchAzureRequest } from '../../../src/collect/keys/azure-requests.ts';
import { ACCESS_TOKEN, type AzureFixture, startAzure, versionName } from '../../services/azure.ts';
import { ALL_REFUSED, triedWrites } from '../../services/azure-writes.ts';
import { opensslUnavailable } from '../../services/certificates.ts';
import { azureClientFor } from './azure-client-for.ts';

/* The fixture admits what the printed roles name, by Microsoft's list of which action a request takes; no real vault did. */

describe.skipIf(opensslUnavailable())('the printed role, on a fixture that admits nothing else', () => {
  let azure: AzureFixture;
  beforeAll(async () => {
    azure = await startAzure();
    azure.setKeys([
      { name: 'acme', versions: [{ version: versionName(1) }] },
      { name: 'gone', versions: [{ version: versionName(2) }], deleted: { deletedDate: 1, scheduledPurgeDate: 2 } },
    ]);
  });
  afterAll(async () => await azure?.[Symbol.asyncDispose]());

  it.each(['vault', 'managedHsm'] as const)('of a %s suffices for every question', async (service) => {
    const { authorityHost, caFile } = azure;
    const provider = azureKeyProvider('azure', azureClientFor({ address: azure[service], authorityHost, caFile }));
    expect((await provider.state()).items).toHaveLength(1);
    expect(await provider.names?.()).toEqual(['acme']);
    const keys = await Promise.all(['acme', 'gone', 'never'].map((name) => provider.key(name)));
    expect(keys.map(({ items }) => items[0]?.state)).toEqual(['enabled', 'pending-deletion', 'missing']);
    await provider.close();
  });

  it.each(['vault', 'managedHsm'] as const)('of a %s allows no write, whoever sends it', async (service) => {
    const before = azure.requests.length;
    const tried = await triedWrites(azure[service], ACCESS_TOKEN, await readFile(azure.caFile, 'utf8'));
    expect(tried).toEqual(ALL_REFUSED);
    const sent = azure.requests.slice(before);
    expect(sent).toHaveLength(ALL_REFUSED.length);
    const admitted = sent.filter(
      ({ host, method, url }) => matchAzureRequest('vault', method, new URL(`https://${host}${url}`)) !== null,
    );
    expect(admitted).toEqual([]);
  });
});
