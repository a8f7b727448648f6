import type { Attestation } from '../config/attestations.ts';
import type { LocationConfig } from '../config/location-schema.ts';
import type { ProviderConfig } from '../config/provider-schema.ts';
import type { Config } from '../config/schema.ts';
import { ABSENT_DATASET, type AnyEvidence, type BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Policy } from '../model/policy.ts';
import type { Secret } from '../model/secret.ts';
import type { Subject, SubjectNode } from '../model/subject.ts';
import type { Asker } from './ask.ts';
import type { DumpArtifact, LocationContents } from './backups/artifact-index.ts';
import type { AwsBackupSource } from './backups/physical/aws/aws-backup-source.ts';
import type { MatchedCopies } from './backups/physical/cluster-copies.ts';
import type { RowsInside } from './backups/rows-inside.ts';
import type { Readings } from './backups/verification/readings.ts';
import type { SetContents } from './file-sets/set-contents.ts';
import type { DatedCopies, DatedCopySettings } from './hosts/dated-copies.ts';
import type { Attachment } from './hosts/mounted-on.ts';
import type { SnapshotLocation } from './keys/found-snapshot.ts';
import type { KeyProvider } from './keys/key-provider.ts';
import type { ProofLedger } from './keys/proof-ledger.ts';
import type { NamedKeys } from './named-keys.ts';
import type { KeyProviderRow } from './organizations/dataset-contracts.ts';
import type { DatasetMapping } from './organizations/dataset-source.ts';
import type { InstallReading } from './organizations/install-database.ts';
import type { JoinedHosts } from './recorded/joined-hosts.ts';
import type { ToldOfCopies } from './recorded/recorded-file-set.ts';
import type { RecordedProviders } from './recorded-providers.ts';
import type { ReportChain } from './report-chain.ts';
import type { AskedServer, KnownServer, Server } from './servers.ts';
import type { ArtifactTree } from './trees/artifact-tree.ts';
import type { S3ReadClient } from './trees/s3-client.ts';

/** What the whole collection works with: settings, open clients, and how to ask. */
export interface Collection {
  readonly config: Config;
  readonly policy: Policy;
  readonly attestations: readonly Attestation[];
  /** Ids of those that were about a subject that was met. */
  readonly attestationsUsed: Set<string>;
  readonly mapping: DatasetMapping;
  readonly asker: Asker;
  readonly signal: AbortSignal;
  /** Key of the digests of small secret files. */
  readonly digestKey: Secret;
  readonly startedAt: Instant;
  secret(setting: string, reference: string): Promise<Secret>;
  /** Path of the configuration file, from whose directory relative references are seen. */
  readonly configFile: string;
  /** Every reference to a secret in it. */
  readonly references: readonly { readonly path: string; readonly reference: string }[];
  /** What other hosts answered. */
  readonly joined: JoinedHosts;
  /** Reports that were written before. */
  readonly reportChain: ReportChain;
}

/** A configured location, open for reading. `tree` null where it could not be opened at all. */
export interface OpenLocation {
  readonly config: LocationConfig;
  readonly subject: Subject;
  readonly tree: ArtifactTree | null;
  readonly blindSpot: BlindSpot | null;
  /** Of a location in a bucket that could be opened: how to ask the bucket itself. */
  readonly bucket: { readonly client: S3ReadClient; readonly name: string; readonly prefix: string } | null;
  /** Of an AWS account and region that could be opened: how to ask its services. */
  readonly aws?: AwsBackupSource;
  /** Of a directory: how it is attached to the host that reads it; absent where nobody looked. */
  readonly attachment?: Attachment;
  /** Difference of the storage's clock, where it tells one. */
  clockOffsetMillis(): number | null;
}

/** A configured provider with what it holds. */
export interface OpenProvider {
  readonly config: ProviderConfig;
  readonly provider: KeyProvider;
  readonly snapshots: readonly { readonly location: OpenLocation; readonly found: SnapshotLocation }[];
}

export interface FileCopies {
  readonly location: OpenLocation;
  readonly settings: DatedCopySettings;
  /** Null where the location could not be listed. */
  readonly copies: DatedCopies | null;
  /** Where the copies are no directories of the location: what tells of their contents. */
  readonly contents?: SetContents;
  /** Where nobody saw what the copies hold. */
  readonly grade?: 'declared';
  /** Where another host read the copies, and told of a part of what they hold. */
  readonly told?: ToldOfCopies & { readonly host: string };
  /** Why it could not, or why what lies there tells of no copy. */
  readonly blindSpot: BlindSpot | null;
}

/** Everything shared, learnt before the organizations are walked. */
export interface Estate {
  readonly reading: InstallReading;
  readonly installSubject: Subject;
  /** When the product was last upgraded; null where the install database does not tell. */
  readonly upgradedAt: Instant | null;
  /** When the product was installed; null likewise. */
  readonly installedAt: Instant | null;
  readonly servers: readonly Server[];
  readonly known: ReadonlyMap<string, KnownServer>;
  /** Configured servers on which no database is recorded. */
  readonly unusedServers: readonly AskedServer[];
  /** How many databases of the install bear a name, by name and server. */
  readonly databaseServers: ReadonlyMap<string, ReadonlySet<string>>;
  readonly locations: readonly OpenLocation[];
  readonly dumps: readonly LocationContents[];
  /** Copies of whole clusters, with the servers they are of. */
  readonly physical: readonly MatchedCopies[];
  /** What reading copies to their end showed. */
  readonly readings: Readings;
  /** By the database name inside, and by the one that the file name claims. */
  readonly dumpsByName: ReadonlyMap<string, readonly DumpArtifact[]>;
  /** By id; without those of {@link Estate.recordedProviders} that are others than the install uses. */
  readonly providers: ReadonlyMap<string, OpenProvider>;
  readonly recordedProviders: RecordedProviders;
  /** By id of the configured provider. */
  readonly namedKeys: ReadonlyMap<string, NamedKeys>;
  readonly fileCopies: readonly FileCopies[];
  readonly plans: readonly Facts['backup-plan'][];
  /** Reads rows out of copies; null where that is not asked for. */
  readonly rowsInside: RowsInside | null;
  /** Ids of the providers that hold keys of the live buckets asked about so far. */
  readonly leanedOnByStores: Set<string>;
  /** Which key versions were tried where unwrapping is to be proven. */
  readonly proofs: ProofLedger;
  /** Provider rows of the install, which keyrings of organizations may name too. */
  readonly sharedProviders: readonly KeyProviderRow[];
}

/** A part under construction. */
export interface PartBuilder {
  readonly subjects: SubjectNode[];
  readonly evidence: AnyEvidence[];
}

export const ABSENT = (dataset: string): BlindSpot => ({
  reason: 'not-asked',
  detail: `${ABSENT_DATASET}${dataset}`,
  remedy: `Give dataset ${dataset} a statement or a file in the mapping.`,
});
