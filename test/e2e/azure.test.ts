import { mkdtemp, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { matchAzureRequest } from '../../src/collect/keys/azure-requests.ts';
import {
  ACCESS_TOKEN,
  type AzureFixture,
  CLIENT,
  CLIENT_SECRET,
  type FixtureKey,
  fault,
  HSM_RESOURCE,
  startAzure,
  TENANT,
  VAULT_RESOURCE,
  versionName,
} from '../services/azure.ts';
import { makeClientCertificate, opensslUnavailable } from '../services/certificates.ts';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { freePort } from '../services/scratch.ts';
import { buildInstall, type Install } from './install.ts';
import type { ConfigurationInput } from './install-configuration.ts';
import { becauseOf, statusesOf } from './key-statuses.ts';
import { INSTALL_KEY, type InstallOrganization, organizationNamed } from './organizations.ts';
import { findingsOf, type Scanned, scan } from './read-report.ts';
import { recordKeys } from './recorded-keys.ts';
import { runCli } from './run-cli.ts';
import { differencesBeside } from './status-differences.ts';
import { writtenBelow } from './written.ts';

/* The fixture speaks documented shapes. What a real vault does otherwise, nothing here shows. */

const VAULT = 'azure-main';
const HSM = 'azure-hsm';
const DOWN = 'azure-down';
const SECRET = 'E2E_AZURE_SECRET';
const HEALTHY = organizationNamed('alder');
const DISABLED = organizationNamed('briar');
const DELETED = organizationNamed('clover');
const MISSING = organizationNamed('daisy');
const PURGEABLE = organizationNamed('elder');
const OLD_OFF = organizationNamed('fennel');
const FORBIDDEN = organizationNamed('gorse');
const UNREACHABLE = organizationNamed('heather');
const IN_HSM = organizationNamed('ivy');
const EXPIRED = organizationNamed('jasmine');
const ALL = [HEALTHY, DISABLED, DELETED, MISSING, PURGEABLE, OLD_OFF, FORBIDDEN, UNREACHABLE, IN_HSM, EXPIRED] as const;
const CONTROLS = [
  'KEY-1',
  'KEY-2',
  'KEY-3',
  'KEY-4',
  'KEY-5',
  'KEY-6',
  'KEY-7',
  'KEY-8',
  'KEY-10',
  'KEY-13',
  'REC-1',
] as const;
/** Snapshots and seals are Vault's alone. */
const GOOD = {
  verdict: 'recoverable',
  ...Object.fromEntries(CONTROLS.map((id) => [id, 'pass'])),
  'KEY-6': 'not-applicable',
  'KEY-7': 'not-applicable',
  'KEY-8': 'not-applicable',
} as const;

const DAY = 86_400;
const NOW = Math.floor(Date.now() / 1000);
const OLD = { version: versionName(1), created: NOW - 90 * DAY };
const NEW = { version: versionName(2), created: NOW - 10 * DAY };

function keysOf(): readonly FixtureKey[] {
  const plain = (name: string): FixtureKey => ({ name, versions: [OLD] });
  const keyOf: Readonly<Partial<Record<string, FixtureKey | null>>> = {
    [DISABLED.slug]: { name: DISABLED.keyRef, versions: [{ ...OLD, enabled: false }] },
    [DELETED.slug]: {
      ...plain(DELETED.keyRef),
      deleted: { deletedDate: NOW - DAY, scheduledPurgeDate: NOW + 89 * DAY },
    },
    [MISSING.slug]: null,
    [PURGEABLE.slug]: { ...plain(PURGEABLE.keyRef), recoveryLevel: 'Recoverable+Purgeable' },
    [OLD_OFF.slug]: { name: OLD_OFF.keyRef, versions: [{ ...OLD, enabled: false }, NEW] },
    [EXPIRED.slug]: { name: EXPIRED.keyRef, versions: [{ ...OLD, exp: NOW - DAY }] },
  };
  const tenants = ALL.flatMap(({ slug, keyRef }) => {
    const key = keyOf[slug];
    return key === null ? [] : [key ?? plain(keyRef)];
  });
  return [...tenants, plain(INSTALL_KEY)];
}

describe.skipIf(embeddedPostgresUnavailable() ?? opensslUnavailable())('keys in Azure, as the fixture plays it', () => {
  let azure: AzureFixture;
  let install: Install;
  let configFile: string;
  let environment: Readonly<Record<string, string>>;
  let result: Scanned;
  const providerOf = ({ slug }: InstallOrganization) =>
    slug === UNREACHABLE.slug ? DOWN : slug === IN_HSM.slug ? HSM : VAULT;

  beforeAll(async () => {
    azure = await startAzure();
    azure.setKeys(keysOf());
    azure.answerBy(({ path, authorization }) => {
      if (authorization === null) return null;
      if (path === HSM_RESOURCE) return { status: 403, body: fault('AuthorizationFailed', `not ${authorization}`) };
      return path.startsWith(`/keys/${FORBIDDEN.keyRef}`)
        ? { status: 403, body: fault('Forbidden', `Caller is not authorized: ${authorization}`, 'ForbiddenByRbac') }
        : null;
    });
    install = await buildInstall({ organizations: ALL, secondDumps: true });
    const daysAgo = (days: number) => new Date(Date.parse(install.builtAt) - days * DAY * 1000).toISOString();
    await recordKeys(install, {
      kind: 'azure-key-vault',
      providers: [VAULT, HSM, DOWN],
      install: { keyRef: INSTALL_KEY, provider: VAULT },
      of: (one) => ({ keyRef: one.keyRef, provider: providerOf(one) }),
      version: 1,
      records: (one) =>
        one === OLD_OFF
          ? [
              { state: 'retired', created_at: daysAgo(80), retired_at: daysAgo(9) },
              { version: 2, created_at: daysAgo(9) },
            ]
          : null,
    });
    const port = await freePort();
    configFile = await install.variant((configuration): ConfigurationInput => {
      const common = {
        kind: 'azure-key-vault' as const,
        tenantId: TENANT,
        clientId: CLIENT,
        clientSecret: `env:${SECRET}`,
        authorityHost: azure.authorityHost,
        resourceManager: azure.resourceManager,
        caFile: azure.caFile,
        failureDomain: { account: 'subscription-1', region: 'westeurope' },
      };
      return {
        ...configuration,
        providers: [
          { id: VAULT, address: azure.vault, resourceId: VAULT_RESOURCE, ...common },
          { id: HSM, address: azure.managedHsm, resourceId: HSM_RESOURCE, ...common },
          { id: DOWN, address: `https://down.vault.azure.test:${port}`, ...common },
        ],
      };
    });
    environment = {
      ...install.environment,
      [SECRET]: CLIENT_SECRET,
      NODE_OPTIONS: `--import=${pathToFileURL(join(import.meta.dirname, '../services/azure-names.ts')).href}`,
      // The SDK writes what it does to standard error where this is set.
      AZURE_LOG_LEVEL: 'verbose',
    };
    result = await scan(configFile, join(install.directories.reports, 'azure'), { environment });
  });
  afterAll(async () => {
    await install?.[Symbol.asyncDispose]();
    await azure?.[Symbol.asyncDispose]();
  });

  const statuses = (organization: InstallOrganization) => statusesOf(result.report, organization, CONTROLS);
  const because = (control: string, { slug }: InstallOrganization) => becauseOf(result.report, control, slug);

  it('as it should be: recoverable, as the stated domain outlives the host', () => {
    expect(statuses(HEALTHY)).toEqual(GOOD);
  });

  it('gives each its finding, and nothing else to anybody, in whatever is judged', () => {
    const unusable = { 'KEY-2': 'fail', 'KEY-3': 'fail', 'KEY-4': 'fail' };
    const lost = { verdict: 'not-recoverable', 'REC-1': 'fail', 'REC-2': 'fail', 'REC-3': 'fail' };
    const unseen = (...ids: readonly string[]) =>
      Object.fromEntries(
        ['verdict', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-10', 'KEY-13', 'REC-1', 'REC-2', 'REC-3', ...ids].map(
          (id) => [id, 'unknown'],
        ),
      );
    expect(differencesBeside(HEALTHY, result.report, ALL)).toEqual({
      [DISABLED.slug]: { ...unusable, verdict: 'at-risk' },
      [DELETED.slug]: { ...unusable, verdict: 'at-risk', 'KEY-5': 'fail', 'KEY-13': 'unknown' },
      [MISSING.slug]: { ...unusable, ...lost, 'KEY-5': 'fail', 'KEY-13': 'unknown' },
      [PURGEABLE.slug]: { verdict: 'at-risk', 'KEY-5': 'fail' },
      [OLD_OFF.slug]: { verdict: 'at-risk', 'KEY-4': 'fail' },
      [FORBIDDEN.slug]: unseen(),
      [UNREACHABLE.slug]: unseen('KEY-1', 'RUN-1', 'RUN-2'),
      [IN_HSM.slug]: { verdict: 'at-risk', 'KEY-5': 'fail' },
      [EXPIRED.slug]: { verdict: 'at-risk', 'KEY-2': 'fail' },
    });
  });

  it('disabled: blocked, and how it is undone', () => {
    expect(statuses(DISABLED)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
    });
    expect(because('KEY-2', DISABLED)).toMatch(/^fail: blocked: .*is disabled; enabling it/);
  });

  it('expired: new data cannot be encrypted, and all that is there can be read', () => {
    expect(statuses(EXPIRED)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-2': 'fail' });
    expect(because('KEY-2', EXPIRED)).toMatch(/^fail: blocked: .*expired on .*still decrypts/);
  });

  it('deleted: blocked, until when, and on its way out', () => {
    expect(statuses(DELETED)).toEqual({
      ...GOOD,
      verdict: 'at-risk',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-5': 'fail',
      'KEY-13': 'unknown',
    });
    expect(because('KEY-2', DELETED)).toMatch(
      /^fail: blocked: .*was deleted on .* will be gone for good on \d{4}-\d\d-\d\d \d\d:\d\d UTC; recovering it/,
    );
  });

  it('missing, live and among the deleted: lost, and the organization with it', () => {
    expect(statuses(MISSING)).toEqual({
      ...GOOD,
      verdict: 'not-recoverable',
      'KEY-2': 'fail',
      'KEY-3': 'fail',
      'KEY-4': 'fail',
      'KEY-5': 'fail',
      'KEY-13': 'unknown',
      'REC-1': 'fail',
    });
    expect(because('KEY-2', MISSING)).toMatch(/^fail: lost: /);
  });

  it('without purge protection: usable today, at risk', () => {
    expect(statuses(PURGEABLE)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-5': 'fail' });
    expect(because('KEY-5', PURGEABLE)).toMatch(/^fail: .*no purge protection \(Recoverable\+Purgeable\)/);
  });

  it('with an old version disabled: what old copies need is blocked, what is in use is not', () => {
    expect(statuses(OLD_OFF)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-4': 'fail' });
    expect(because('KEY-4', OLD_OFF)).toContain(
      `version 1 of the key is ${OLD.version} in the provider, which is disabled`,
    );
  });

  it('forbidden: a blind spot of this key alone', () => {
    expect(statuses(FORBIDDEN)).toEqual({
      ...GOOD,
      verdict: 'unknown',
      'KEY-2': 'unknown',
      'KEY-3': 'unknown',
      'KEY-4': 'unknown',
      'KEY-5': 'unknown',
      'KEY-10': 'unknown',
      'KEY-13': 'unknown',
      'REC-1': 'unknown',
    });
    const spots = result.report.blindSpots.filter(
      ({ reason, source }) => reason === 'unauthorized' && source !== `provider ${HSM}`,
    );
    expect(spots.map(({ source }) => source)).toEqual([`provider ${VAULT}`]);
    expect(spots[0]?.remedy).toContain('Microsoft.KeyVault/vaults/keys/read');
  });

  it('unreachable: a blind spot of this provider', () => {
    const blind = Object.fromEntries(
      ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-13', 'REC-1'].map((id) => [id, 'unknown']),
    );
    expect(statuses(UNREACHABLE)).toMatchObject({ ...blind, verdict: 'unknown', 'KEY-10': 'unknown' });
    const spots = result.report.blindSpots.filter(({ source }) => source === `provider ${DOWN}`);
    expect(new Set(spots.map(({ reason }) => reason))).toEqual(new Set(['unreachable']));
  });

  it('in a Managed HSM whose security domain nobody attests: at risk with its provider', () => {
    expect(statuses(IN_HSM)).toEqual({ ...GOOD, verdict: 'at-risk', 'KEY-5': 'fail' });
    const provider = findingsOf(result.report, 'KEY-5').filter((line) => line.startsWith(HSM));
    expect(provider.join()).toContain('fail, nobody attests that its security domain was downloaded');
  });

  it('what the resource of the vault tells is told', () => {
    const told = findingsOf(result.report, 'KEY-5').filter((line) => line.startsWith(VAULT));
    expect(told.join()).toContain(
      'its resource has soft delete for 90 days, purge protection, open to 1 network rule alone',
    );
  });

  it('a resource that may not be read is one blind spot, and moves nothing', () => {
    const spots = result.report.blindSpots.filter(({ source }) => source === `provider ${HSM}`);
    expect(spots.map(({ reason }) => reason)).toEqual(['unauthorized']);
    expect(spots[0]?.remedy).toContain('Microsoft.KeyVault/managedHSMs/read');
    const answers = findingsOf(result.report, 'KEY-1').filter((line) => line.startsWith(HSM));
    expect(answers.join()).toContain('pass');
  });

  it('judges everybody, and ends with the code of a gap', () => {
    expect(result.report.denominator.organizations).toEqual({ total: 10, judged: 10, blind: 0, excluded: 0 });
    expect(result.exitCode).toBe(1);
  });

  it('sent reading requests only, and kept secrets and tokens out of all that it wrote', async () => {
    const wrong = azure.requests.filter(({ host, method, url }) => {
      const manages = host.startsWith('management.') ? 'management' : 'vault';
      const at = host.startsWith('login.') ? 'sign-in' : manages;
      return matchAzureRequest(at, method, new URL(`https://${host}${url}`)) === null;
    });
    expect(wrong).toEqual([]);
    expect(azure.requests.some(({ host, path }) => host.startsWith('acme.') && path.startsWith('/deletedkeys/'))).toBe(
      true,
    );
    expect(result.stderr).toMatch(/azure:\S+:info/);
    const written = await writtenBelow(join(install.directories.reports, 'azure'));
    expect(written.length).toBeGreaterThan(10_000);
    for (const text of [result.stdout, result.stderr, written]) {
      expect(text.includes(CLIENT_SECRET)).toBe(false);
      expect(text.includes(ACCESS_TOKEN)).toBe(false);
    }
  });

  it.each(['certificate', 'federated token'])(
    'signed in by a %s, it keeps that out of all that it wrote',
    async (way) => {
      const directory = await mkdtemp(join(install.directories.root, 'sign-in-'));
      const file = join(directory, 'credential');
      const isCertificate = way === 'certificate';
      const text = isCertificate ? await makeClientCertificate(directory) : 'PLANTED-federated-token-6wLs';
      await writeFile(file, text, { mode: 0o600 });
      const variant = await install.variant(
        (configuration): ConfigurationInput => ({
          ...configuration,
          providers: [
            {
              id: VAULT,
              kind: 'azure-key-vault',
              address: azure.vault,
              tenantId: TENANT,
              clientId: CLIENT,
              ...(isCertificate ? { clientCertificate: `file:${file}` } : { federatedTokenFile: file }),
              authorityHost: azure.authorityHost,
              caFile: azure.caFile,
              failureDomain: { account: 'subscription-1', region: 'westeurope' },
            },
          ],
        }),
      );
      const before = azure.requests.length;
      const reports = join(install.directories.reports, basename(directory));
      const { AZURE_LOG_LEVEL: _, ...quiet } = environment;
      const { report, stdout, stderr } = await scan(variant, reports, { environment: { ...quiet, DEBUG: '*' } });
      // The SDK looks at it as well, if it is let.
      expect(stderr).not.toMatch(/azure:/);
      expect(statusesOf(report, HEALTHY, ['KEY-1', 'KEY-2'])).toMatchObject({ 'KEY-1': 'pass', 'KEY-2': 'pass' });
      const forms = azure.requests.slice(before).filter(({ method }) => method === 'POST');
      const assertion = new URLSearchParams(forms[0]?.body).get('client_assertion') ?? '';
      expect(assertion).not.toBe('');
      // A key in PEM is told by any line of it that is long enough to be no other.
      const canaries = [
        assertion,
        ACCESS_TOKEN,
        ...text.split('\n').filter((line) => /^[A-Za-z0-9+/=-]{24,}$/.test(line)),
      ];
      expect(canaries.length).toBeGreaterThan(2);
      for (const output of [stdout, stderr, await writtenBelow(reports)]) {
        expect(canaries.filter((canary) => output.includes(canary))).toEqual([]);
      }
    },
  );

  it('doctor says who answers and who does not', async () => {
    const { stdout, stderr } = await runCli(['doctor', '--config', configFile], { environment });
    const said = `${stdout}${stderr}`;
    expect(said).toMatch(new RegExp(`${VAULT}: Azure Key Vault at ${azure.vault} answers`));
    expect(said).toMatch(new RegExp(`${HSM}: Azure Managed HSM at ${azure.managedHsm} answers`));
    expect(said).toContain(DOWN);
    expect(said.includes(CLIENT_SECRET)).toBe(false);
  });

  it('with a wrong secret nobody is vouched for, and the reason is the sign-in', async () => {
    const wrong = { ...environment, [SECRET]: 'PLANTED-wrong-secret' };
    const directory = join(install.directories.reports, 'azure-refused');
    const { report, exitCode, stderr } = await scan(configFile, directory, { environment: wrong });
    expect(exitCode).toBe(2);
    expect(statusesOf(report, HEALTHY, ['KEY-1', 'KEY-2', 'REC-1', 'DB-2'])).toEqual({
      verdict: 'unknown',
      'KEY-1': 'unknown',
      'KEY-2': 'unknown',
      'REC-1': 'unknown',
      'DB-2': 'pass',
    });
    const spots = report.blindSpots.filter(({ source }) => source === `provider ${VAULT}`);
    expect(new Set(spots.map(({ reason }) => reason))).toEqual(new Set(['unauthorized']));
    expect(`${JSON.stringify(report)}${stderr}`).not.toContain('PLANTED-wrong-secret');
  });
});
