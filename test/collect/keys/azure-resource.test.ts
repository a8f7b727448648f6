import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AzureResource } from '../../../src/collect/keys/azure-resource.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { startSilentServer } from '../../e2e/silent-server.ts';
import { type AzureFixture, HSM_RESOURCE, startAzure, VAULT_RESOURCE } from '../../services/azure.ts';
import { opensslUnavailable } from '../../services/certificates.ts';
import { freePort } from '../../services/scratch.ts';
import { azureResourceFor, type ResourceFor } from './azure-client-for.ts';

/* Documented shapes of the management API, observed from nobody. */

describe.skipIf(opensslUnavailable())('the resource of a vault, as the fixture plays it', () => {
  let azure: AzureFixture;
  const opened: AzureResource[] = [];
  beforeAll(async () => {
    azure = await startAzure();
  });
  afterAll(async () => {
    for (const one of opened) one.close();
    await azure?.[Symbol.asyncDispose]();
  });
  beforeEach(() => azure.answerBy(null));

  function resource(more: Partial<ResourceFor> = {}): AzureResource {
    const { vault, authorityHost, caFile, resourceManager } = azure;
    const common = { address: vault, authorityHost, caFile, resourceManager, resourceId: VAULT_RESOURCE };
    const made = azureResourceFor({ ...common, ...more });
    opened.push(made);
    return made;
  }

  async function failureOf(question: Promise<unknown>): Promise<SourceError> {
    const error: unknown = await question.then(
      () => expect.fail('it answered'),
      (thrown: unknown) => thrown,
    );
    if (!(error instanceof SourceError)) throw error;
    return error;
  }

  const SHOWN = {
    softDelete: true,
    purgeProtected: true,
    retentionDays: 90,
    publicNetwork: true,
    defaultAction: 'deny',
    networkRules: 1,
  };

  it('tells soft delete, purge protection and network rules, by one request', async () => {
    const before = azure.requests.length;
    expect(await resource().read()).toEqual(SHOWN);
    const asked = azure.requests.slice(before).filter(({ host }) => host.startsWith('management.'));
    expect(asked.map(({ method, url }) => `${method} ${url}`)).toEqual([
      `GET ${VAULT_RESOURCE}?api-version=2023-07-01`,
    ]);
    const form = azure.requests.slice(before).find(({ method }) => method === 'POST')?.body;
    expect(new URLSearchParams(form).get('scope')).toContain(`${azure.resourceManager}/.default`);
  });

  it('of a Managed HSM, and in whatever case its id is written', async () => {
    const resourceId = HSM_RESOURCE.replace('resourceGroups', 'resourcegroups').replace('managedHSMs', 'managedhsms');
    expect(await resource({ address: azure.managedHsm, resourceId }).read()).toEqual(SHOWN);
  });

  it('leaves open what the answer leaves out', async () => {
    azure.answerBy(({ host }) => (host.startsWith('management.') ? { status: 200, body: { properties: {} } } : null));
    expect(await resource().read()).toEqual({
      softDelete: null,
      purgeProtected: null,
      retentionDays: null,
      publicNetwork: null,
      defaultAction: null,
      networkRules: null,
    });
  });

  it('of another vault than the provider is not asked about', async () => {
    const before = azure.requests.length;
    const error = await failureOf(resource({ resourceId: `${VAULT_RESOURCE}-2` }).read());
    expect(error).toMatchObject({ reason: 'malformed', message: expect.stringContaining('resourceId names another') });
    expect(azure.requests).toHaveLength(before);
  });

  it.each([
    [403, { error: { code: 'AuthorizationFailed', message: 'x' } }, 'unauthorized'],
    [401, { error: { code: 'InvalidAuthenticationToken', message: 'x' } }, 'unauthorized'],
    [404, { error: { code: 'ResourceNotFound', message: 'x' } }, 'malformed'],
    [429, { error: { code: 'TooManyRequests', message: 'x' } }, 'unreachable'],
    [503, { error: { code: 'ServerError', message: 'x' } }, 'unreachable'],
    [200, '<html>', 'malformed'],
    [200, { value: [] }, 'malformed'],
    [302, {}, 'malformed'],
  ])('an answer with status %i %o is %s', async (status, body, reason) => {
    azure.answerBy(({ host }) => (host.startsWith('management.') ? { status, body } : null));
    expect(await failureOf(resource().read())).toMatchObject({ reason });
  });

  it('that may not be read says which action to allow', async () => {
    azure.answerBy(({ host }) =>
      host.startsWith('management.')
        ? { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'x' } } }
        : null,
    );
    expect((await failureOf(resource().read())).remedy).toContain('Allow Microsoft.KeyVault/vaults/read');
    const hsm = resource({ address: azure.managedHsm, resourceId: HSM_RESOURCE });
    expect((await failureOf(hsm.read())).remedy).toContain('Allow Microsoft.KeyVault/managedHSMs/read');
  });

  it('where nobody listens, or nobody answers', async () => {
    const resourceManager = `https://management.azure.test:${await freePort()}`;
    expect((await failureOf(resource({ resourceManager }).read())).reason).toBe('unreachable');
    await using silent = await startSilentServer();
    const never = resource({ resourceManager: `https://management.azure.test:${silent.port}`, timeoutMillis: 700 });
    expect((await failureOf(never.read())).reason).toBe('timeout');
  });
});
