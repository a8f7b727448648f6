import type { BlindSpot } from '../model/evidence.ts';
import type { FactKind } from '../model/facts.ts';

/** What to configure so that questions of one kind are put. */
const BY = {
  dataset:
    'Give its dataset a statement or a file in the mapping that install.mapping names, and let the audit read the database.',
  servers: 'Add the server, with host, port and user, to servers in the configuration.',
  locations: 'Name the places where copies lie under locations in the configuration, with their purposes.',
  providers:
    'Add the key provider, with its id in the install database, to providers in the configuration, and collect again: recoverage scan.',
  snapshots:
    'Name the locations that hold its snapshots under providers in the configuration (snapshots), with purpose vault-snapshots.',
  stores: 'Add the store to stores in the configuration, and let the audit look at it.',
  host: 'Collect on the install host, or with a bundle of it: recoverage plan, collect --plan, scan --with.',
  custody:
    'State who holds what opens it: providers[].seal, locations[].encryptedBy, locations[].passphraseKeptIn in the configuration.',
  domain: 'State failureDomain there in the configuration.',
  attested: 'Write what holds into the file of attestations that the configuration names.',
  proofs: 'Run recoverage scan --prove-keys, and state samples in the mapping.',
  again: 'Collect again with this version: recoverage scan.',
} as const;

/** What each question asks for, as a noun, and what to configure for it. */
const QUESTIONS: Readonly<Record<FactKind, readonly [what: string, by: keyof typeof BY]>> = {
  install: ['what the install says of itself', 'dataset'],
  'organization-list': ['the list of organizations', 'dataset'],
  organization: ['the row of the organization', 'dataset'],
  'tenant-database': ['the rows of its tenant databases', 'dataset'],
  'backup-plan': ['backup plans', 'dataset'],
  'backup-run': ['recorded backup runs', 'dataset'],
  'restore-test': ['recorded restore tests', 'dataset'],
  'storage-binding': ['storage bindings', 'dataset'],
  keyring: ['keyring rows', 'dataset'],
  license: ['the license', 'dataset'],
  'audit-head': ['the head of the audit chain', 'dataset'],
  'key-version': ['key-version rows', 'dataset'],
  'artifact-count': ['how many files the database lists', 'dataset'],
  'artifact-prefix': ['where the files lie that the database lists', 'dataset'],
  'previous-report': ['the previous report', 'again'],
  cluster: ['the database server', 'servers'],
  archiver: ['the archiving of the database server', 'servers'],
  'database-list': ['the databases on the server', 'servers'],
  'database-state': ['the live database', 'servers'],
  catalogue: ['the catalogue of the live database', 'servers'],
  'database-overlap': ['databases that several organizations share', 'again'],
  'wal-archive': ['archived WAL', 'locations'],
  'globals-copy': ['copies of roles and settings', 'locations'],
  'orphan-copy': ['copies of databases that no longer exist', 'locations'],
  'unmatched-artifact': ['files that belong to nothing known', 'locations'],
  copy: ['copies of the database', 'locations'],
  'file-copy': ['copies of files', 'locations'],
  location: ['the location', 'locations'],
  'installer-package': ['installers that are kept', 'locations'],
  'key-state': ['the state of the key', 'providers'],
  'key-peer': ['the key on the peer of its provider', 'providers'],
  'key-settings': ['the settings of the key', 'providers'],
  'key-rotation': ['the rotation of the key', 'providers'],
  'provider-state': ['the state of the key provider', 'providers'],
  'provider-peer': ['the peer of the key provider', 'providers'],
  'vault-resource': ['the resource of the vault', 'providers'],
  'provider-record': ['where the key provider is recorded to be', 'providers'],
  'provider-use': ['what uses the key provider', 'providers'],
  'unwrap-proof': ['the unwrapping of samples', 'proofs'],
  'provider-snapshot': ['snapshots of the key provider', 'snapshots'],
  'snapshot-key': ['the key in snapshots of its provider', 'snapshots'],
  custody: ['who holds what opens it', 'custody'],
  'store-state': ['the store of files', 'stores'],
  'store-versioning': ['the versioning of the store', 'stores'],
  'store-object-lock': ['object locks of the store', 'stores'],
  'store-encryption': ['the encryption of the store', 'stores'],
  'store-replication': ['the replication of the store', 'stores'],
  'store-replica': ['the replica of the store', 'stores'],
  'store-lifecycle': ['lifecycle rules of the store', 'stores'],
  'store-access-block': ['the public-access block of the store', 'stores'],
  'store-policy': ['the policy of the store', 'stores'],
  'store-acl': ['the access list of the store', 'stores'],
  'store-overlap': ['stores that several organizations share', 'again'],
  'key-overlap': ['keys that several organizations share', 'again'],
  'file-sample': ['a sample of files', 'stores'],
  'file-copy-sample': ['a sample of copies of files', 'stores'],
  'file-inventory': ['the files that the store holds', 'stores'],
  'former-store': ['the former store', 'stores'],
  'host-file': ['files of the install host', 'host'],
  'host-system': ['the system of the install host', 'host'],
  runbook: ['the runbook', 'host'],
  'secret-source': ['where credentials are read from', 'again'],
  'license-file': ['the license file', 'host'],
  address: ['addresses', 'again'],
  certificate: ['certificates', 'host'],
  'failure-domain': ['the failure domain', 'domain'],
  declaration: ['attestations', 'attested'],
  'planted-gap': ['the planted gaps', 'again'],
  clock: ['the clock', 'again'],
  'access-rights': ['the rights of the audit itself', 'again'],
};

/** The blind spot of a question that nobody put: what was not asked for, and what to configure. One object for each kind. */
export function neverAsked(kind: FactKind): BlindSpot {
  return SPOTS[kind];
}

const SPOTS = Object.fromEntries(
  Object.entries(QUESTIONS).map(([kind, [what, by]]): [string, BlindSpot] => [
    kind,
    { reason: 'not-asked', detail: `nobody asked for ${what}`, remedy: BY[by] },
  ]),
) as Readonly<Record<FactKind, BlindSpot>>;
