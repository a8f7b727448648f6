import type { Statement } from '../model/statements.ts';
import { BACKUP_STATEMENTS } from './attested-backups.ts';
import { EXPORTED } from './azure-recovery.ts';
import { RECREATED } from './database-needs.ts';
import { need } from './define-control.ts';
import { REGISTERED } from './empty-store.ts';
import { MATERIAL_KEPT } from './imported-material.ts';
import { CUSTODY_STATEMENTS } from './kms-custody.ts';

/** Needs of the joined recovery question (REC-1 to REC-3), the same for the control's parts and the recovery point. */

const LOCATION_DOMAINS = need('failure-domain', 'all-locations', 'either', { context: true });
/** What is attested to be kept of providers: it alone makes nothing certain. */
const ATTESTED = { leastGrade: 'declared', statements: BACKUP_STATEMENTS } as const;
/** What is attested of imported key material: it alone makes nothing certain, either. */
const KEPT = { leastGrade: 'declared', statements: [MATERIAL_KEPT] } as const;
/** The same of single keys of an HSM. */
const EXPORTED_KEY = { leastGrade: 'declared', statements: [EXPORTED] } as const;
/** The organization's own row; of the install there is none. */
export const ORGANIZATION = need('organization', 'organization', 'either');

/** The install's own row: what is older than it needed none of its keys. Without it, what is old may need one that is forgotten. */
export const INSTALLED = {
  installs: need('install', 'install', 'more-helps', { absentIsNone: true, untriedIsNone: true }),
} as const;

/** The database of what is judged: the organization's, or the install's own. */
export const OWN_DATABASE = {
  copies: need('copy', 'organization-databases', 'more-helps'),
  states: need('database-state', 'organization-databases', 'either'),
  catalogues: need('catalogue', 'organization-databases', 'either'),
  recreations: need('declaration', 'organization-databases', 'more-helps', {
    leastGrade: 'declared',
    statements: [RECREATED],
  }),
  clusterDomains: need('failure-domain', 'organization-clusters', 'either', { context: true }),
  locationDomains: LOCATION_DOMAINS,
} as const;

/** The install database, which every organization is opened through. */
export const INSTALL_DATABASE = {
  installCopies: need('copy', 'install-database', 'more-helps'),
  installStates: need('database-state', 'install-database', 'either'),
  installCatalogues: need('catalogue', 'install-database', 'either'),
  installRecreations: need('declaration', 'install-database', 'more-helps', {
    leastGrade: 'declared',
    statements: [RECREATED],
  }),
  installClusterDomains: need('failure-domain', 'install-cluster', 'either', { context: true }),
  locationDomains: LOCATION_DOMAINS,
} as const;

/** The organization's keys and the provider that holds them. */
export const OWN_KEYS = {
  keyrings: need('keyring', 'owner', 'either'),
  records: need('key-version', 'organization', 'either'),
  keyStates: need('key-state', 'organization-keyrings', 'either'),
  snapshotKeys: need('snapshot-key', 'organization-keyrings', 'more-helps'),
  providers: need('provider-state', 'organization-providers', 'either'),
  providerDomains: need('failure-domain', 'organization-providers', 'either', { context: true }),
  snapshots: need('provider-snapshot', 'organization-providers', 'more-helps'),
  /** Either way: one may hold the key, or show that the key is not the same on both. */
  keyPeers: need('key-peer', 'organization-keyrings', 'either'),
  peers: need('provider-peer', 'organization-providers', 'more-helps'),
  backups: need('declaration', 'organization-providers', 'more-helps', ATTESTED),
  material: need('declaration', 'organization-keyrings', 'more-helps', KEPT),
  exports: need('declaration', 'organization-keyrings', 'more-helps', EXPORTED_KEY),
  locationDomains: LOCATION_DOMAINS,
} as const;

/** The install's keys and the provider that holds them. */
export const INSTALL_KEYS = {
  installKeyrings: need('keyring', 'install', 'either'),
  installKeyStates: need('key-state', 'install-keyrings', 'either'),
  installSnapshotKeys: need('snapshot-key', 'install-keyrings', 'more-helps'),
  installProviders: need('provider-state', 'install-providers', 'either'),
  installProviderDomains: need('failure-domain', 'install-providers', 'either', { context: true }),
  installSnapshots: need('provider-snapshot', 'install-providers', 'more-helps'),
  installKeyPeers: need('key-peer', 'install-keyrings', 'either'),
  installPeers: need('provider-peer', 'install-providers', 'more-helps'),
  installBackups: need('declaration', 'install-providers', 'more-helps', ATTESTED),
  installMaterial: need('declaration', 'install-keyrings', 'more-helps', KEPT),
  installExports: need('declaration', 'install-keyrings', 'more-helps', EXPORTED_KEY),
  locationDomains: LOCATION_DOMAINS,
} as const;

/**
 * What came of unwrapping samples, where that was asked for: a sample that its key refuses takes certainty away, and
 * none gives any.
 */
export const OWN_PROOFS = {
  proofs: need('unwrap-proof', 'organization-keyrings', 'more-hurts', { untriedIsNone: true }),
} as const;
/** The same of the install's keys. */
export const INSTALL_PROOFS = {
  installProofs: need('unwrap-proof', 'install-keyrings', 'more-hurts', { untriedIsNone: true }),
} as const;

/** The organization's files: the live stores and the copies of them. */
export const OWN_FILES = {
  bindings: need('storage-binding', 'organization', 'either', { leastGrade: 'declared' }),
  stores: need('store-state', 'organization-stores', 'either'),
  storeDomains: need('failure-domain', 'organization-stores', 'either', { context: true }),
  fileCopies: need('file-copy', 'organization-stores', 'more-helps'),
  /** Keys that live stores encrypt with: whether each is there is FILE-3's to ask where nobody could be asked here. */
  storeCustody: need('custody', 'organization-stores', 'either', { leastGrade: 'declared', untriedIsNone: true }),
  storeKeys: need('key-state', 'organization-stores', 'either', { untriedIsNone: true }),
  /** Files that the databases list: a live store that holds nothing of them is not the one in use, or was emptied. */
  artifactCounts: REGISTERED,
  locationDomains: LOCATION_DOMAINS,
} as const;

const OUTSIDE_HOST: Statement = 'infrastructure-credentials-outside-host';

/**
 * Who holds what opens providers and locations, and what outlives the loss or comes back after it. More copies may show
 * that something is needed which nobody had, or that it is had in another way.
 */
export const CUSTODY = {
  providerStates: need('provider-state', 'all-providers', 'either'),
  providerCustody: need('custody', 'all-providers', 'either', { leastGrade: 'declared' }),
  allProviderDomains: need('failure-domain', 'all-providers', 'either', { context: true }),
  allSnapshots: need('provider-snapshot', 'all-providers', 'either'),
  /** Keys that seals and locations lean on. */
  keysOfProviders: need('key-state', 'all-providers', 'either'),
  /** Either way: a peer may hold a key that something leans on, or show that it does not. */
  allPeers: need('provider-peer', 'all-providers', 'either'),
  /** Of keys that seals and locations lean on. */
  keysOnPeers: need('key-peer', 'all-providers', 'either'),
  backupsOfProviders: need('declaration', 'all-providers', 'more-helps', ATTESTED),
  /** Of the keys that seals and locations lean on: material that their service does not keep. */
  materialOfProviders: need('declaration', 'all-providers', 'more-helps', {
    leastGrade: 'declared',
    statements: CUSTODY_STATEMENTS,
  }),
  locationCustody: need('custody', 'all-locations', 'either', { leastGrade: 'declared' }),
  locationDomains: LOCATION_DOMAINS,
  hostDomains: need('failure-domain', 'host', 'either', { context: true }),
  hostCopies: need('file-copy', 'host', 'either'),
  credentials: need('declaration', 'install', 'more-helps', { leastGrade: 'declared', statements: [OUTSIDE_HOST] }),
} as const;
