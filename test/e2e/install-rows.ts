import { createHash } from 'node:crypto';
import type { Row, TableRows } from '../../src/demo/table-rows.ts';
import { DAY, type Instant, toInstant, toMillis } from '../../src/model/instant.ts';
import type { PostgresServer } from '../services/postgres-server.ts';
import { NAMES } from './install-configuration.ts';
import { INSTALL_KEY, type InstallOrganization } from './organizations.ts';

export const INSTALL_ID = 'inst_01e2e';
const PRODUCT_VERSION = '4.2.1';
const INSTALL_AGE_DAYS = 400;
/** What each file of an organization holds. */
export const DOCUMENT = 'a document\n';

export interface InstallRowsInputs {
  readonly now: Instant;
  readonly organizations: readonly InstallOrganization[];
  /** Id of the key provider; null: the install keeps no keyrings. */
  readonly providerId: string | null;
  /** Servers of the databases of some organizations, by slug. */
  readonly elsewhere: ReadonlyMap<string, DatabaseServer>;
  /** Backup plans; null: nightly dumps of everything. */
  readonly plans: readonly Row[] | null;
}

/** A server beside the install's, as the install database records its address. */
export interface DatabaseServer {
  readonly host: string;
  readonly server: PostgresServer;
}

/** Rows of the install database but for its run records, by table. */
export function installRows({ now, organizations, providerId, elsewhere, plans }: InstallRowsInputs): TableRows {
  const ago = (days: number) => toInstant(toMillis(now) - days * DAY);
  return {
    install: [
      {
        install_id: INSTALL_ID,
        product_version: PRODUCT_VERSION,
        channel: 'stable',
        profile: 'standard',
        package_kind: 'deb',
        mode: 'sovereign',
        installed_at: ago(INSTALL_AGE_DAYS),
        last_upgraded_at: ago(60),
        previous_version: '4.1.8',
      },
    ],
    organizations: organizations.map((one) => ({
      organization_id: one.id,
      slug: one.slug,
      name: one.name,
      state: one.state,
      created_at: ago(one.ageDays),
      locale: 'en',
      timezone: 'UTC',
      allowed_regions: [NAMES.region],
    })),
    tenant_databases: organizations.map((one) => ({
      organization_id: one.id,
      host: elsewhere.get(one.slug)?.host ?? null,
      port: elsewhere.get(one.slug)?.server.port ?? null,
      database_name: one.database,
      schema_name: 'novantra',
      created_at: ago(one.ageDays),
    })),
    backup_plans: plans ?? [
      nightlyPlan('install', 'install-database', now),
      nightlyPlan('tenants', 'tenant-database', now),
    ],
    restore_validations: [
      restored('restore-install', ago(20), null),
      ...organizations.slice(0, 1).map((one) => restored('restore-tenant', ago(18), one.id)),
    ],
    key_providers:
      providerId === null
        ? []
        : [
            {
              provider_id: providerId,
              organization_id: null,
              kind: 'vault-transit',
              settings: { mount: 'transit' },
              configured_at: ago(INSTALL_AGE_DAYS),
            },
          ],
    keyrings:
      providerId === null
        ? []
        : [
            keyring('install', null, INSTALL_KEY, providerId, now),
            ...organizations.map((one) => keyring(one.slug, one.id, one.keyRef, providerId, null)),
          ],
    license: [
      {
        customer_id: 'customer-e2e',
        install_id: INSTALL_ID,
        state: 'valid',
        valid_from: ago(165),
        valid_until: ago(-200),
        max_organizations: 50,
        organization_ids: organizations.map((one) => one.id),
      },
    ],
    audit_log: [{ position: 1, hash: `\\x${digest('install')}`, recorded_at: ago(1) }],
  };
}

/** Rows of a tenant database, by table. @param withKeys whether it records a wrapping key */
export function tenantRows(organization: InstallOrganization, now: Instant, withKeys: boolean): TableRows {
  const ago = (days: number) => toInstant(toMillis(now) - days * DAY);
  return {
    key_versions: withKeys
      ? [{ key_ref: organization.keyRef, version: 1, state: 'active', created_at: now, retired_at: null }]
      : [],
    audit_log: [{ position: 1, hash: `\\x${digest(organization.id)}`, recorded_at: ago(1) }],
    artifacts: [
      { object_key: 'documents/1.txt', bytes: DOCUMENT.length, sha256: digest(DOCUMENT), created_at: ago(2) },
      { object_key: 'documents/2.txt', bytes: DOCUMENT.length, sha256: digest(DOCUMENT), created_at: ago(3) },
    ],
    members: [{ member_id: `member-${organization.slug}`, email: 'member@example.test', last_sign_in_at: ago(1) }],
  };
}

/** A plan of nightly dumps whose run of today is due right now. @param different columns that are otherwise */
export function nightlyPlan(id: string, covers: string, now: Instant, different: Row = {}): Row {
  const due = new Date(now);
  return {
    plan_id: id,
    covers,
    organization_id: null,
    method: 'pg_dump',
    enabled: true,
    schedule: `${due.getUTCMinutes()} ${due.getUTCHours()} * * *`,
    timezone: 'UTC',
    retention_days: 14,
    target_uri: 'nas://backup-host/dumps',
    created_at: toInstant(toMillis(now) - INSTALL_AGE_DAYS * DAY),
    ...different,
  };
}

function restored(id: string, at: Instant, organizationId: string | null): Row {
  return {
    validation_id: id,
    run_id: null,
    organization_id: organizationId,
    performed_at: at,
    outcome: 'succeeded',
    product_version: PRODUCT_VERSION,
    key_provider_used: true,
    chain_verified: true,
    sign_in_confirmed: true,
    duration_seconds: 900,
    cleaned_up: true,
  };
}

/** @param rotatedAt since when version 1 is used; of organizations their key-version records tell it */
function keyring(
  id: string,
  organizationId: string | null,
  keyRef: string,
  providerId: string,
  rotatedAt: Instant | null,
): Row {
  return {
    keyring_id: `keyring-${id}`,
    organization_id: organizationId,
    provider_id: providerId,
    key_ref: keyRef,
    current_version: 1,
    rotated_at: rotatedAt,
    customer_managed: false,
  };
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
