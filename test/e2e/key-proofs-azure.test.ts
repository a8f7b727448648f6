import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchAzureRequest } from '../../src/collect/keys/azure-requests.ts';
import { type AzureFixture, CLIENT, CLIENT_SECRET, fault, startAzure, TENANT, versionName } from '../services/azure.ts';
import { opensslUnavailable } from '../services/certificates.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { damaged, wrapByRsa } from '../services/wrapped-sample.ts';
import { grantSamples } from './grant-samples.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { becauseOf } from './key-statuses.ts';
import { INSTALL_KEY, type InstallOrganization, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { runCli } from './run-cli.ts';
import { writtenBelow } from './written.ts';

/* The fixture speaks documented shapes, and really unwraps. What a real vault does otherwise, nothing here shows. */

/** What the samples hold: must be in no output, whatever form it takes. */
const CANARY = randomBytes(32);
const FORMS = [
  CANARY.toString('base64'),
  CANARY.toString('base64url'),
  CANARY.toString('hex'),
  CANARY.toString('latin1'),
];
const PROVIDER = 'azure-main';
const SECRET = 'E2E_AZURE_SECRET';
const PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const OTHER_PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });
const VERSION = {
  version: versionName(1),
  created: Math.floor(Date.now() / 1000) - 90 * 86_400,
  material: PAIR.privateKey,
};

const RIGHT = organizationNamed('alder');
/** Its records name the version of its key. */
const NAMED = organizationNamed('briar');
const OTHER_KEY = organizationNamed('clover');
const DAMAGED = organizationNamed('daisy');
const MAY_NOT = organizationNamed('elder');
const DENIED = organizationNamed('fennel');
const ALL = [RIGHT, NAMED, OTHER_KEY, DAMAGED, MAY_NOT, DENIED];

describe.skipIf(embeddedPostgresUnavailable() ?? opensslUnavailable())(
  'unwrapping proven in Azure, as the fixture plays it',
  () => {
    let azure: AzureFixture;
    let install: Install;
    let proven: Scanned;
    let configFile: string;
    let environment: Readonly<Record<string, string>>;
    const sample = wrapByRsa(PAIR.publicKey, CANARY, 'sha256');
    const sampleOf = (one: InstallOrganization) => {
      if (one === OTHER_KEY) return wrapByRsa(OTHER_PAIR.publicKey, CANARY, 'sha256');
      return one === DAMAGED ? damaged(sample) : sample;
    };
    const uses = () => azure.requests.filter(({ method, host }) => method === 'POST' && !host.startsWith('login.'));
    const scanned = (name: string, args: readonly string[]) =>
      scan(configFile, join(install.directories.reports, name), { environment }, [
        '--format',
        'json,html,csv,pdf',
        '--bundle',
        join(install.directories.reports, `${name}.ndjson`),
        ...args,
      ]);

    beforeAll(async () => {
      azure = await startAzure();
      azure.setKeys(
        [INSTALL_KEY, ...ALL.map(({ keyRef }) => keyRef)].map((name) => ({
          name,
          versions: [VERSION],
          ...(name === MAY_NOT.keyRef ? { keyOps: ['sign', 'verify'] } : {}),
        })),
      );
      azure.answerBy(({ method, path, authorization }) =>
        authorization !== null && method === 'POST' && path.startsWith(`/keys/${DENIED.keyRef}/`)
          ? { status: 403, body: fault('Forbidden', 'Caller is not authorized.', 'ForbiddenByRbac') }
          : null,
      );
      install = await buildInstall({ organizations: ALL, secondDumps: true });
      await mkdir(install.directories.reports);
      await recordKeys(install, {
        kind: 'azure-key-vault',
        providers: [PROVIDER],
        install: { keyRef: INSTALL_KEY, provider: PROVIDER, sample },
        of: (one) => ({ keyRef: one.keyRef, provider: PROVIDER, sample: sampleOf(one) }),
        version: 1,
        records: (one) => (one === NAMED ? [{ key_ref: `${one.keyRef}/${VERSION.version}` }] : null),
      });
      await grantSamples(install);
      configFile = await install.variant(
        (configuration): ConfigurationInput => ({
          ...configuration,
          providers: [
            {
              id: PROVIDER,
              kind: 'azure-key-vault',
              address: azure.vault,
              tenantId: TENANT,
              clientId: CLIENT,
              clientSecret: `env:${SECRET}`,
              authorityHost: azure.authorityHost,
              caFile: azure.caFile,
              failureDomain: { account: 'subscription-1', region: 'westeurope' },
              wrapping: 'RSA-OAEP-256',
            },
          ],
        }),
      );
      environment = {
        ...install.environment,
        [SECRET]: CLIENT_SECRET,
        NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, '../services/azure-names.ts')).href}`,
        // The SDK writes what it does to standard error where this is set.
        AZURE_LOG_LEVEL: 'verbose',
      };
      proven = await scanned('proven', ['--prove-keys']);
    });
    afterAll(async () => {
      await install?.[Symbol.asyncDispose]();
      await azure?.[Symbol.asyncDispose]();
    });

    const judged = (one: InstallOrganization) => becauseOf(proven.report, 'KEY-11', one.slug);

    it('the right ciphertext unwraps, whether its record names the version or not, and the report says which did', () => {
      for (const one of [RIGHT, NAMED]) {
        expect(judged(one)).toMatch(
          /^pass: .*the service unwrapped the sample by RSA-OAEP-256 with its version 0+1, and/,
        );
      }
      expect(becauseOf(proven.report, 'KEY-11', INSTALL_KEY)).toMatch(/^pass: /);
    });

    it('one of another key, and one that is damaged, are gaps', () => {
      for (const one of [OTHER_KEY, DAMAGED])
        expect(judged(one)).toMatch(/^fail: .*the service cannot unwrap the sample/);
    });

    it('a key that may not unwrap is a gap of its own', () => {
      expect(judged(MAY_NOT)).toMatch(/^fail: .*the key may not be used for it \(key_ops\)/);
    });

    it('a caller without the right is a blind spot that names the action', () => {
      expect(judged(DENIED)).toMatch(/^unknown: .*access denied/);
      const remedies = proven.report.blindSpots.map(({ reason, remedy }) => `${reason}: ${remedy}`).join('\n');
      expect(remedies).toMatch(/unauthorized: Allow Microsoft\.KeyVault\/vaults\/keys\/unwrap\/action/);
    });

    it('sent what a proof may send, and neither what was unwrapped, a sample nor a secret is in any output', async () => {
      const wrong = azure.requests.filter(({ host, method, url }) => {
        const at = host.startsWith('login.') ? 'sign-in' : 'vault';
        return matchAzureRequest(at, method, new URL(`https://${host}${url}`), 'unwrapKey') === null;
      });
      expect(wrong).toEqual([]);
      const written = `${await writtenBelow(install.directories.reports)}${proven.stdout}${proven.stderr}`;
      expect(proven.stderr).toMatch(/azure:\S+:info/);
      for (const form of [...FORMS, CLIENT_SECRET]) expect(written.includes(form)).toBe(false);
      for (const one of ALL) {
        for (const form of ['hex', 'base64', 'base64url'] as const) {
          expect(written.includes(sampleOf(one).toString(form))).toBe(false);
        }
      }
    });

    it('without the option no key is used, and the right to it is not printed', async () => {
      const made = uses().length;
      expect(made).toBeGreaterThan(0);
      const { report } = await scanned('not-asked', []);
      expect(becauseOf(report, 'KEY-11', RIGHT.slug)).toMatch(/^not-applicable: it was not asked for/);
      expect(uses()).toHaveLength(made);
      const args = ['permissions', '--config', configFile, '--source', PROVIDER];
      expect((await runCli(args, install)).stdout).not.toContain('unwrap');
      expect((await runCli([...args, '--prove-keys'], install)).stdout).toContain('keys/unwrap/action');
    });
  },
);
