import '../../services/azure-names.ts';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openKeyProvider } from '../../../src/collect/keys/open-key-provider.ts';
import { type ProviderConfig, providerSchema } from '../../../src/config/provider-schema.ts';
import { Secret } from '../../../src/model/secret.ts';
import { SourceError } from '../../../src/model/source-error.ts';
import { asksForCaller, sayCaller } from '../../services/caller-identity.ts';
import { makeExpiredCertificate, makeServerCertificate, opensslUnavailable } from '../../services/certificates.ts';
import { startTlsFront, type TlsFront } from '../../services/tls-front.ts';
import { json, type ScriptedServer, scriptedServer } from '../conformance/scripted-server.ts';

/* What the clients of AWS and Azure say of a certificate that is wrong, opened by a configuration. Vault: test/e2e. */

const GUID = '11111111-2222-3333-4444-555555555555';
const NO_WAY_AROUND = /skip|insecure|reject.?unauthorized|NODE_TLS|disable/i;
const FRONTS = ['good', 'expired', 'elsewhere'] as const;
type FrontName = (typeof FRONTS)[number];

function kms(port: number, caFile: string | null): ProviderConfig {
  const endpoint = `https://localhost:${port}`;
  return providerSchema.parse({
    id: 'kms',
    kind: 'aws-kms',
    region: 'eu-central-1',
    endpoint,
    stsEndpoint: endpoint,
    accessKeyId: 'env:A',
    secretAccessKey: 'env:B',
    ...(caFile === null ? {} : { caFile }),
  });
}

function azure(port: number, caFile: string | null): ProviderConfig {
  return providerSchema.parse({
    id: 'azure',
    kind: 'azure-key-vault',
    address: `https://acme.vault.azure.test:${port}`,
    authorityHost: `https://login.azure.test:${port}`,
    tenantId: GUID,
    clientId: GUID,
    clientSecret: 'env:A',
    ...(caFile === null ? {} : { caFile }),
  });
}

describe.skipIf(opensslUnavailable())('a server of keys', () => {
  const cleanup = new AsyncDisposableStack();
  let behind: ScriptedServer;
  const fronts = new Map<FrontName, TlsFront>();

  beforeAll(async () => {
    behind = cleanup.use(
      await scriptedServer((request, response) =>
        asksForCaller(request) ? sayCaller(response, '111122223333') : json(response, 200, { Keys: [] }),
      ),
    );
    const certificates = {
      good: makeServerCertificate,
      expired: makeExpiredCertificate,
      async elsewhere(directory: string) {
        await mkdir(join(directory, 'other'));
        return await makeServerCertificate(join(directory, 'other'), ['keys.elsewhere.test'], { elsewhere: true });
      },
    };
    for (const name of FRONTS) fronts.set(name, cleanup.use(await startTlsFront(behind.address, certificates[name])));
  });
  afterAll(() => cleanup.disposeAsync());

  async function stateOf(make: typeof kms, name: FrontName, trusted: boolean) {
    const front = fronts.get(name);
    if (front === undefined) throw new Error(`no front ${name}`);
    const provider = await openKeyProvider(make(front.port, trusted ? front.caFile : null), {
      timeoutMillis: 10_000,
      signal: new AbortController().signal,
      prove: false,
      secret: async () => new Secret('PLANTED'),
    });
    const answer: unknown = await provider.state().catch((error: unknown) => error);
    await provider.close();
    return answer;
  }

  const CASES = [
    [
      'of an authority that nobody named',
      'good',
      false,
      /certificate of an authority that is not trusted/,
      /Name the file with the certificate authority/,
    ],
    ['whose time is over', 'expired', true, /shows a certificate that has expired/, /Renew the certificate/],
    [
      'for another name',
      'elsewhere',
      true,
      /shows a certificate for another name/,
      /one of its names: DNS:keys\.elsewhere\.test/,
    ],
  ] as const;

  describe.each([
    ['AWS KMS', kms],
    ['Azure', azure],
  ] as const)('%s', (_, make) => {
    it.each(CASES)(
      'with a certificate %s: says so, and no way around the check',
      async (_case, name, trusted, message, remedy) => {
        const before = behind.seen.length;
        const error = await stateOf(make, name, trusted);
        if (!(error instanceof SourceError)) throw new Error(`answered ${JSON.stringify(error)}`);
        expect(error).toMatchObject({
          reason: 'unreachable',
          message: expect.stringMatching(message),
          remedy: expect.stringMatching(remedy),
        });
        // That it cannot be switched off is no hint how to.
        expect(`${error.message} ${error.remedy}`.replace('verification cannot be switched off', '')).not.toMatch(
          NO_WAY_AROUND,
        );
        expect(behind.seen).toHaveLength(before);
      },
    );
  });

  it('AWS KMS and STS behind an authority of one’s own: caFile is trusted', async () => {
    expect(await stateOf(kms, 'good', true)).toMatchObject({ items: [{ account: '111122223333' }], blindSpot: null });
  });

  it('a caFile that cannot be read is told', async () => {
    const opened = openKeyProvider(kms(1, '/nowhere/ca.pem'), {
      timeoutMillis: 1000,
      signal: new AbortController().signal,
      prove: false,
      secret: async () => new Secret('PLANTED'),
    });
    await expect(opened).rejects.toMatchObject({ message: expect.stringContaining('/nowhere/ca.pem cannot be read') });
  });
});
