-- The schema that reference.yaml reads.
--
-- THIS IS AN ASSUMPTION, made so that the demo and the tests have something real to read. Novantra publishes what its
-- databases hold, not their table and column names. Nothing in the program depends on these names, only reference.yaml.
--
-- Two parts: run the first in the install database, the second in each tenant database.

-- part: install
CREATE SCHEMA novantra;

CREATE TABLE novantra.install (
  install_id text PRIMARY KEY,
  product_version text NOT NULL,
  channel text,
  profile text,
  package_kind text,
  mode text CHECK (mode IN ('sovereign', 'cloud')),
  installed_at timestamptz,
  last_upgraded_at timestamptz,
  previous_version text
);

CREATE TABLE novantra.organizations (
  organization_id text PRIMARY KEY,
  slug text NOT NULL,
  name text NOT NULL,
  state text NOT NULL,
  created_at timestamptz NOT NULL,
  locale text,
  timezone text,
  allowed_regions text[]
);

CREATE TABLE novantra.tenant_databases (
  organization_id text NOT NULL,
  host text,
  port integer,
  database_name text NOT NULL,
  schema_name text DEFAULT 'novantra',
  created_at timestamptz
);

CREATE TABLE novantra.backup_plans (
  plan_id text PRIMARY KEY,
  covers text NOT NULL,
  organization_id text,
  method text NOT NULL,
  enabled boolean NOT NULL,
  schedule text,
  timezone text,
  retention_days integer,
  target_uri text,
  created_at timestamptz
);

CREATE TABLE novantra.backup_runs (
  run_id text PRIMARY KEY,
  plan_id text,
  organization_id text,
  database_name text,
  status text NOT NULL,
  started_at timestamptz NOT NULL,
  finished_at timestamptz,
  artifact_uri text,
  artifact_bytes bigint,
  sha256 text,
  error text
);

CREATE TABLE novantra.restore_validations (
  validation_id text PRIMARY KEY,
  run_id text,
  organization_id text,
  performed_at timestamptz NOT NULL,
  outcome text NOT NULL,
  product_version text,
  key_provider_used boolean,
  chain_verified boolean,
  sign_in_confirmed boolean,
  duration_seconds numeric,
  cleaned_up boolean
);

CREATE TABLE novantra.storage_bindings (
  binding_id text PRIMARY KEY,
  organization_id text,
  kind text NOT NULL,
  state text NOT NULL,
  bucket text,
  prefix text,
  region text,
  endpoint text,
  path text,
  activated_at timestamptz
);

CREATE TABLE novantra.key_providers (
  provider_id text PRIMARY KEY,
  organization_id text,
  kind text NOT NULL,
  settings jsonb,
  configured_at timestamptz
);

CREATE TABLE novantra.keyrings (
  keyring_id text PRIMARY KEY,
  organization_id text,
  provider_id text NOT NULL,
  key_ref text NOT NULL,
  current_version integer,
  rotated_at timestamptz,
  customer_managed boolean,
  wrapped_sample bytea
);

CREATE TABLE novantra.license (
  customer_id text,
  install_id text PRIMARY KEY,
  state text,
  valid_from timestamptz,
  valid_until timestamptz NOT NULL,
  max_organizations integer,
  organization_ids text[] NOT NULL
);

CREATE TABLE novantra.audit_log (
  position bigint PRIMARY KEY,
  hash bytea NOT NULL,
  recorded_at timestamptz NOT NULL
);

-- part: tenant
CREATE SCHEMA novantra;

CREATE TABLE novantra.key_versions (
  key_ref text NOT NULL,
  version integer,
  state text,
  created_at timestamptz NOT NULL,
  retired_at timestamptz,
  wrapped_sample bytea
);

CREATE TABLE novantra.audit_log (
  position bigint PRIMARY KEY,
  hash bytea NOT NULL,
  recorded_at timestamptz NOT NULL
);

CREATE TABLE novantra.artifacts (
  object_key text PRIMARY KEY,
  bytes bigint,
  sha256 text,
  created_at timestamptz NOT NULL
);

CREATE TABLE novantra.members (
  member_id text PRIMARY KEY,
  email text,
  last_sign_in_at timestamptz
);
