import * as is from './column-values.ts';
import { defineDataset, optional, type RowOf, required, requiredOrNull } from './dataset-contract.ts';

/**
 * The datasets of the install database. `organization_id` null means the install itself; a statement without the column
 * would give the install what belongs to organizations, so it must be there.
 */
export const INSTALL_DATASETS = {
  install: defineDataset('install', {
    install_id: required(is.text),
    product_version: required(is.text),
    channel: optional(is.text),
    profile: optional(is.text),
    package_kind: optional(is.text),
    mode: optional(is.text),
    installed_at: optional(is.instant),
    last_upgraded_at: optional(is.instant),
    previous_version: optional(is.text),
  }),
  organizations: defineDataset('organizations', {
    organization_id: required(is.text),
    slug: required(is.text),
    name: required(is.text),
    state: required(is.text),
    created_at: required(is.instant),
    locale: optional(is.text),
    timezone: optional(is.text),
    allowed_regions: optional(is.list),
  }),
  tenant_databases: defineDataset('tenant_databases', {
    organization_id: required(is.text),
    host: optional(is.text),
    port: optional(is.count),
    database_name: required(is.text),
    schema_name: optional(is.text),
    created_at: optional(is.instant),
  }),
  backup_plans: defineDataset('backup_plans', {
    plan_id: required(is.text),
    covers: required(is.oneOf('install-database', 'tenant-database', 'cluster', 'all')),
    organization_id: requiredOrNull(is.text),
    method: required(is.text),
    enabled: required(is.boolean),
    schedule: optional(is.text),
    timezone: optional(is.text),
    retention_days: optional(is.number),
    target_uri: optional(is.scrubbedText),
    created_at: optional(is.instant),
  }),
  backup_runs: defineDataset('backup_runs', {
    run_id: required(is.text),
    plan_id: optional(is.text),
    organization_id: requiredOrNull(is.text),
    database_name: optional(is.text),
    status: required(is.oneOf('running', 'succeeded', 'failed', 'skipped')),
    started_at: required(is.instant),
    finished_at: optional(is.instant),
    artifact_uri: optional(is.scrubbedText),
    artifact_bytes: optional(is.count),
    sha256: optional(is.digest),
    error: optional(is.scrubbedText),
  }),
  restore_validations: defineDataset('restore_validations', {
    validation_id: required(is.text),
    run_id: optional(is.text),
    organization_id: requiredOrNull(is.text),
    performed_at: required(is.instant),
    outcome: required(is.oneOf('succeeded', 'failed')),
    product_version: optional(is.text),
    key_provider_used: optional(is.boolean),
    chain_verified: optional(is.boolean),
    sign_in_confirmed: optional(is.boolean),
    duration_seconds: optional(is.number),
    cleaned_up: optional(is.boolean),
  }),
  storage_bindings: defineDataset('storage_bindings', {
    binding_id: required(is.text),
    organization_id: requiredOrNull(is.text),
    kind: required(is.text),
    state: required(is.oneOf('active', 'inactive')),
    bucket: optional(is.text),
    prefix: optional(is.text),
    region: optional(is.text),
    endpoint: optional(is.scrubbedText),
    path: optional(is.text),
    activated_at: optional(is.instant),
  }),
  key_providers: defineDataset('key_providers', {
    provider_id: required(is.text),
    organization_id: requiredOrNull(is.text),
    kind: required(is.text),
    settings: optional(is.settings),
    configured_at: optional(is.instant),
  }),
  keyrings: defineDataset('keyrings', {
    keyring_id: required(is.text),
    organization_id: requiredOrNull(is.text),
    provider_id: required(is.text),
    key_ref: required(is.text),
    current_version: optional(is.integer),
    rotated_at: optional(is.instant),
    customer_managed: optional(is.boolean),
  }),
  license: defineDataset('license', {
    customer_id: optional(is.text),
    install_id: required(is.text),
    state: optional(is.oneOf('valid', 'other')),
    valid_from: optional(is.instant),
    valid_until: required(is.instant),
    max_organizations: optional(is.count),
    organization_ids: required(is.list),
  }),
  audit_head: defineDataset('audit_head', {
    position: required(is.position),
    hash: required(is.digest),
    recorded_at: required(is.instant),
  }),
} as const;

/** The datasets of each tenant database. */
export const TENANT_DATASETS = {
  key_versions: defineDataset('key_versions', {
    key_ref: required(is.text),
    /** The provider's wrapping-key version; null where the provider has none, as AWS KMS. */
    version: requiredOrNull(is.integer),
    state: optional(is.oneOfOr('active', 'active', 'retired', 'destroyed')),
    created_at: required(is.instant),
    retired_at: optional(is.instant),
  }),
  audit_head: defineDataset('audit_head', INSTALL_DATASETS.audit_head.columns),
  artifacts: defineDataset('artifacts', {
    object_key: required(is.text),
    bytes: optional(is.count),
    sha256: optional(is.digest),
    created_at: required(is.instant),
  }),
  /** One row. No personal data. */
  members: defineDataset('members', {
    member_count: required(is.count),
    newest_sign_in_at: optional(is.instant),
  }),
} as const;

/** Read where unwrapping is to be proven, and only then: of the install database, and of each tenant database. */
export const WRAPPED_SAMPLES = defineDataset('wrapped_samples', {
  key_ref: required(is.text),
  /** As in key_versions; null where the provider has no versions. */
  version: requiredOrNull(is.integer),
  /** Something small that this version of the key wrapped, such as a data key. */
  wrapped_sample: required(is.wrapped),
  /**
   * What the key was given besides: for Vault a context in base64, for AWS KMS an encryption context as a JSON object, for
   * PKCS#11 additional data or a label in base64.
   */
  context: optional(is.text),
  /** How it was wrapped, where the provider cannot tell: see src/model/wrapping.ts. Null: as the configuration states. */
  mechanism: optional(is.text),
});

export type InstallDatasetName = keyof typeof INSTALL_DATASETS;
export type TenantDatasetName = keyof typeof TENANT_DATASETS;
export const INSTALL_DATASET_NAMES = Object.keys(INSTALL_DATASETS) as readonly InstallDatasetName[];
export const TENANT_DATASET_NAMES = Object.keys(TENANT_DATASETS) as readonly TenantDatasetName[];

export type InstallRows = { readonly [N in InstallDatasetName]: RowOf<(typeof INSTALL_DATASETS)[N]['columns']> };
export type TenantRows = { readonly [N in TenantDatasetName]: RowOf<(typeof TENANT_DATASETS)[N]['columns']> };

export type InstallRow = InstallRows['install'];
export type OrganizationRow = InstallRows['organizations'];
export type TenantDatabaseRow = InstallRows['tenant_databases'];
export type BackupPlanRow = InstallRows['backup_plans'];
export type BackupRunRow = InstallRows['backup_runs'];
export type RestoreValidationRow = InstallRows['restore_validations'];
export type StorageBindingRow = InstallRows['storage_bindings'];
export type KeyProviderRow = InstallRows['key_providers'];
export type KeyringRow = InstallRows['keyrings'];
export type AuditHeadRow = InstallRows['audit_head'];
export type KeyVersionRow = TenantRows['key_versions'];
export type WrappedSampleRow = RowOf<(typeof WRAPPED_SAMPLES)['columns']>;
export type MembersRow = TenantRows['members'];
export type ArtifactRow = TenantRows['artifacts'];
