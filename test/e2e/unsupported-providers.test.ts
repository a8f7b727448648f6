import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { embeddedPostgresUnavailable } from '../services/postgres-embedded.ts';
import { buildInstall, type Install } from './install.ts';
import { type ConfigurationInput, NAMES } from './install-configuration.ts';
import { statusesOf } from './key-statuses.ts';
import { INSTALL_KEY, organizationNamed } from './organizations.ts';
import { type Scanned, scan } from './read-report.ts';

const HSM = organizationNamed('alder');
const PROVIDERS = { [HSM.slug]: 'pkcs11' } as const;
const CONTROLS = ['KEY-1', 'KEY-2', 'KEY-3', 'KEY-4', 'KEY-5', 'KEY-13', 'REC-1', 'DB-2', 'FILE-3'] as const;

describe.skipIf(embeddedPostgresUnavailable())('key providers of kinds that cannot be asked yet', () => {
  let install: Install;
  let result: Scanned;
  beforeAll(async () => {
    install = await buildInstall({ organizations: [HSM], secondDumps: true });
    const since = install.builtAt;
    const keyring = { current_version: 1, rotated_at: since, customer_managed: true };
    await install.add(NAMES.installDatabase, {
      key_providers: Object.values(PROVIDERS).map((kind) => ({
        provider_id: kind,
        organization_id: null,
        kind,
        settings: {},
        configured_at: since,
      })),
      keyrings: [
        { ...keyring, keyring_id: INSTALL_KEY, organization_id: null, key_ref: 'install', provider_id: 'pkcs11' },
        ...install.organizations.map((one) => ({
          ...keyring,
          keyring_id: one.slug,
          organization_id: one.id,
          key_ref: one.keyRef,
          provider_id: PROVIDERS[one.slug] ?? '',
        })),
      ],
    });
    for (const one of install.organizations) {
      const record = { key_ref: one.keyRef, version: 1, state: 'active', created_at: since, retired_at: null };
      await install.add(one.database, { key_versions: [record] });
    }
    const configFile = await install.variant(
      (configuration): ConfigurationInput => ({
        ...configuration,
        providers: (['pkcs11'] as const).map((kind) => ({
          id: kind,
          kind,
          settings: { library: '/usr/lib/softhsm/libsofthsm2.so' },
          failureDomain: { host: 'key-host' },
        })),
      }),
    );
    result = await scan(configFile, join(install.directories.reports, 'unsupported'), install);
  });
  afterAll(() => install?.[Symbol.asyncDispose]());

  it.each(Object.entries(PROVIDERS))(
    'of organization %s, %s: a blind spot, never silence and never a pass',
    (slug, kind) => {
      const organization = organizationNamed(slug);
      expect(statusesOf(result.report, organization, CONTROLS)).toEqual({
        verdict: 'unknown',
        ...Object.fromEntries(CONTROLS.map((id) => [id, 'unknown'])),
        'DB-2': 'pass',
        'FILE-3': 'pass',
      });
      const spots = result.report.blindSpots.filter((one) => one.source === `provider ${kind}`);
      expect(spots.map(({ reason }) => reason)).toContain('unsupported');
      expect(spots.map(({ detail }) => detail).join()).toContain(`kind ${kind} cannot be asked by this version`);
    },
  );

  it('ends with the code of what could not be judged, everybody looked at', () => {
    expect(result.exitCode).toBe(2);
    expect(result.report.denominator.organizations).toEqual({ total: 1, judged: 1, blind: 0, excluded: 0 });
    expect(result.report.install.verdict).toBe('unknown');
  });
});
