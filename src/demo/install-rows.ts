import { createHash } from 'node:crypto';
import { DAY, HOUR, type Instant, MINUTE } from '../model/instant.ts';
import { type DemoOrganization, NAMES, ORGANIZATIONS } from './organizations.ts';
import type { Row, TableRows } from './table-rows.ts';
import { rotationOf } from './tenant-rows.ts';
import { NIGHTS, PLAN_ZONE, type Timeline } from './timeline.ts';

export const PLANS = { install: 'nightly-install', tenants: 'nightly-tenants' } as const;
/** The version that the demo install says it runs. */
export const PRODUCT_VERSION = '4.2.1';
const INSTALL_AGE = 420 * DAY;
const AUDIT_ENTRIES = 30;

export interface InstallRowsInputs {
  readonly timeline: Timeline;
  readonly runs: readonly Row[];
  /** Directory of an organization's files on the install host. */
  storagePath(organization: DemoOrganization): string;
  /** Rows made later are left out, as in a dump of that time. */
  readonly asOf: Instant;
}

/** Everything in the install database as of an instant. */
export function installRows({ timeline, runs, storagePath, asOf }: InstallRowsInputs): TableRows {
  const { ago } = timeline;
  const organizations = ORGANIZATIONS.filter((one) => ago(one.age) <= asOf);
  return {
    install: [
      {
        install_id: NAMES.installId,
        product_version: PRODUCT_VERSION,
        channel: 'stable',
        profile: 'standard',
        package_kind: 'deb',
        mode: 'sovereign',
        installed_at: ago(INSTALL_AGE),
        last_upgraded_at: ago(60 * DAY),
        previous_version: '4.1.8',
      },
    ],
    organizations: organizations.map((one) => ({
      organization_id: one.id,
      slug: one.slug,
      name: one.name,
      state: one.state,
      created_at: ago(one.age),
      locale: 'en',
      timezone: PLAN_ZONE,
      allowed_regions: [NAMES.region],
    })),
    tenant_databases: organizations.map((one) => ({
      organization_id: one.id,
      host: null,
      port: null,
      database_name: one.database,
      schema_name: 'novantra',
      created_at: ago(one.age),
    })),
    backup_plans: [plan(PLANS.install, 'install-database', timeline), plan(PLANS.tenants, 'tenant-database', timeline)],
    backup_runs: runs.filter((run) => String(run['started_at']) < asOf),
    restore_validations: [
      { ...restored('restore-1', ago(20 * DAY), null), duration_seconds: 1560 },
      // Planted: nobody signed in.
      { ...restored('restore-2', ago(18 * DAY), 'acorn'), sign_in_confirmed: false, duration_seconds: 840 },
    ],
    storage_bindings: organizations
      .filter((one) => one.storage !== 'bundled')
      .map((one) => ({
        binding_id: `binding-${one.slug}`,
        organization_id: one.id,
        kind: one.storage,
        state: 'active',
        bucket: null,
        prefix: null,
        region: null,
        endpoint: null,
        path: storagePath(one),
        activated_at: ago(one.age),
      })),
    key_providers: [
      {
        provider_id: NAMES.provider,
        organization_id: null,
        kind: 'vault-transit',
        settings: { mount: NAMES.mount },
        configured_at: ago(INSTALL_AGE),
      },
    ],
    keyrings: [
      keyring(NAMES.installKeyring, null, NAMES.installKeyRef, 1, ago(INSTALL_AGE)),
      ...organizations.map((one) => {
        const rotation = rotationOf(one, timeline);
        const rotated = rotation !== null && rotation <= asOf ? rotation : null;
        return keyring(one.keyring, one.id, one.keyRef, rotated === null ? 1 : 2, rotated);
      }),
    ],
    license: [
      {
        customer_id: 'customer-demo',
        install_id: NAMES.installId,
        state: 'valid',
        valid_from: ago(165 * DAY),
        valid_until: ago(-200 * DAY),
        max_organizations: 50,
        organization_ids: ORGANIZATIONS.map((one) => one.id),
      },
    ],
    audit_log: Array.from({ length: AUDIT_ENTRIES }, (_, index) => ({
      position: index + 1,
      hash: `\\x${createHash('sha256').update(`install ${index}`).digest('hex')}`,
      recorded_at: ago(INSTALL_AGE - index * 10 * DAY),
    })),
  };
}

function plan(id: string, covers: string, timeline: Timeline): Row {
  return {
    plan_id: id,
    covers,
    organization_id: null,
    method: 'pg_dump',
    enabled: true,
    schedule: timeline.schedule,
    timezone: PLAN_ZONE,
    retention_days: NIGHTS,
    target_uri: `nas://${NAMES.copyHost}/dumps`,
    created_at: timeline.ago(INSTALL_AGE),
  };
}

function restored(id: string, at: Instant, slug: string | null): Row {
  return {
    validation_id: id,
    run_id: null,
    organization_id: ORGANIZATIONS.find((one) => one.slug === slug)?.id ?? null,
    performed_at: at,
    outcome: 'succeeded',
    product_version: PRODUCT_VERSION,
    key_provider_used: true,
    chain_verified: true,
    sign_in_confirmed: true,
    cleaned_up: true,
  };
}

function keyring(id: string, organization: string | null, ref: string, version: number, rotated: Instant | null): Row {
  return {
    keyring_id: id,
    organization_id: organization,
    provider_id: NAMES.provider,
    key_ref: ref,
    current_version: version,
    rotated_at: rotated,
    customer_managed: false,
  };
}

/** Creation of the versions of a wrapping key, as the provider tells it. */
export interface WrappingKey {
  readonly name: string;
  readonly created: readonly Instant[];
}

/** The wrapping keys that the provider holds. */
export function wrappingKeys(timeline: Timeline): readonly WrappingKey[] {
  const before = (instant: Instant) => new Date(Date.parse(instant) - MINUTE).toISOString();
  return [
    { name: NAMES.installKeyRef, created: [timeline.ago(INSTALL_AGE + HOUR)] },
    ...ORGANIZATIONS.map((one) => {
      const rotation = rotationOf(one, timeline);
      const first = one.slug === 'juniper' ? timeline.replacement : before(timeline.ago(one.age));
      return { name: one.keyRef, created: rotation === null ? [first] : [first, before(rotation)] };
    }),
  ];
}
