import { win32 } from 'node:path';
import type { Facts } from '../../model/facts.ts';
import type {
  BackupPlanRow,
  BackupRunRow,
  InstallRow,
  KeyProviderRow,
  KeyringRow,
  KeyVersionRow,
  OrganizationRow,
  RestoreValidationRow,
  StorageBindingRow,
  TenantDatabaseRow,
} from './dataset-contracts.ts';

/** Rows of the mapping's datasets in the vocabulary's words. Pure; one function for each dataset. */

export function installFact(row: InstallRow): Facts['install'] {
  const { installId, productVersion, channel, profile, packageKind, mode } = row;
  const { installedAt, lastUpgradedAt, previousVersion } = row;
  return {
    installId,
    productVersion,
    channel,
    profile,
    packageKind,
    mode,
    installedAt,
    lastUpgradedAt,
    previousVersion,
  };
}

export function organizationFact(row: OrganizationRow): Facts['organization'] {
  const { organizationId, slug, name, state, createdAt, locale, timezone, allowedRegions } = row;
  return {
    organizationId,
    slug,
    name,
    state,
    createdAt,
    locale,
    timezone,
    allowedRegions: allowedRegions === null ? null : [...allowedRegions],
  };
}

export function tenantDatabaseFact(row: TenantDatabaseRow): Facts['tenant-database'] {
  const { host, port, databaseName, schemaName, createdAt } = row;
  return { host, port, databaseName, schemaName, createdAt };
}

export function planFact(row: BackupPlanRow): Facts['backup-plan'] {
  const { planId, covers, method, enabled, schedule, timezone, retentionDays, targetUri, createdAt } = row;
  return { planId, covers, method, enabled, schedule, timezone, retentionDays, targetUri, createdAt };
}

export function runFact(row: BackupRunRow): Facts['backup-run'] {
  const { runId, planId, status, startedAt, finishedAt, artifactUri, artifactBytes, sha256, error } = row;
  return { runId, planId, status, startedAt, finishedAt, artifactUri, artifactBytes, sha256, error };
}

export function restoreFact(row: RestoreValidationRow): Facts['restore-test'] {
  const { validationId, organizationId, performedAt, outcome, productVersion } = row;
  const { keyProviderUsed, chainVerified, signInConfirmed, durationSeconds, cleanedUp } = row;
  return {
    validationId,
    organizationId: organizationId?.toLowerCase() ?? null,
    performedAt,
    outcome,
    productVersion,
    keyProviderUsed,
    chainVerified,
    signInConfirmed,
    durationSeconds,
    cleanedUp,
  };
}

export function bindingFact(row: StorageBindingRow): Facts['storage-binding'] {
  const { bindingId, kind, state, bucket, prefix, region, endpoint, activatedAt } = row;
  // A relative path begins at a directory that only the product knows, and not at that of whoever audits.
  const path = row.path === null || !win32.isAbsolute(row.path) ? null : row.path;
  return { bindingId, kind, state, bucket, prefix, region, endpoint, path, activatedAt, origin: 'row' };
}

export function keyringFact(row: KeyringRow, provider: KeyProviderRow | undefined): Facts['keyring'] {
  const { keyringId, providerId, keyRef, currentVersion, rotatedAt, customerManaged } = row;
  return {
    keyringId,
    providerId,
    providerKind: provider?.kind ?? null,
    keyRef,
    currentVersion,
    rotatedAt,
    customerManaged,
    providerConfiguredAt: provider?.configuredAt ?? null,
  };
}

export function keyVersionFact(row: KeyVersionRow): Facts['key-version'] {
  const { keyRef, version, state, createdAt, retiredAt } = row;
  return { keyRef, version, state: state ?? 'active', createdAt, retiredAt };
}
