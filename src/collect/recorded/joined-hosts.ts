import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { DiskFacts } from '../../model/facts/stores.ts';
import type { FactKind, Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { CertificateReading } from '../hosts/certificate-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { FileSampleLine } from './file-sample-line.ts';
import type { RecordedLocation } from './recorded-location.ts';
import type { RecordedProvider } from './recorded-provider.ts';

/** A bundle that another host wrote, as messages and reports call it. */
export interface JoinedBundle {
  readonly file: string;
  readonly installId: string;
  /** As the host calls itself. */
  readonly collectorHost: string;
  readonly planId: string;
  readonly toolVersion: string;
  readonly startedAt: Instant;
  readonly finishedAt: Instant;
  readonly digest: string;
  /** Whether a MAC under the shared key vouches for who wrote it. */
  readonly isAuthenticated: boolean;
}

/** One answer of a bundle, of its own time. */
export interface JoinedAnswer<T> {
  readonly bundle: JoinedBundle;
  readonly collectedAt: Instant;
  readonly value: T | null;
  /** Why there is no, or no complete, value. */
  readonly blindSpot: BlindSpot | null;
}

/** What was seen of the directory of a store. */
export interface JoinedStore {
  readonly isDirectory: boolean;
  readonly empty: boolean;
  readonly disk?: DiskFacts;
}

/** Besides: whether the file system answered that nothing is there. */
export type JoinedStoreAnswer = JoinedAnswer<JoinedStore> & { readonly isAbsent: boolean };

/** Everything that bundles of other hosts answer. Empty where none was joined. */
export interface JoinedHosts {
  readonly bundles: readonly JoinedBundle[];
  /** The host that answered as the install host, as it calls itself; null where none did, or nothing tells which counts. */
  installHost(): string | null;
  hostFiles(role: Facts['host-file']['role'], path: string): readonly JoinedAnswer<Facts['host-file']>[];
  licenseFiles(path: string): readonly JoinedAnswer<Facts['license-file']>[];
  certificateFiles(path: string): readonly JoinedAnswer<CertificateReading>[];
  systems(): readonly JoinedAnswer<Facts['host-system']>[];
  store(path: string): readonly JoinedStoreAnswer[];
  /** How a path is attached to the host that was asked; null where none was. */
  attachment(path: string): Attachment | null;
  location(name: string): RecordedLocation | null;
  provider(id: string): RecordedProvider | null;
  /** Files that were drawn out of a database and looked for in a store; null where none were. */
  fileSample(store: string, database: string): JoinedFileSample | null;
}

export interface JoinedFileSample {
  readonly bundle: JoinedBundle;
  readonly line: FileSampleLine;
}

export const NOTHING_JOINED: JoinedHosts = {
  bundles: [],
  installHost: () => null,
  hostFiles: () => [],
  licenseFiles: () => [],
  certificateFiles: () => [],
  systems: () => [],
  store: () => [],
  attachment: () => null,
  location: () => null,
  provider: () => null,
  fileSample: () => null,
};

/** Evidence about what came in a bundle is as old as that bundle, not as this run. */
export function datedByBundle(evidence: readonly AnyEvidence[], joined: JoinedHosts): readonly AnyEvidence[] {
  if (joined.bundles.length === 0) return evidence;
  return evidence.map((record) => {
    const collectedAt = timeOf(record, joined);
    return collectedAt === null || collectedAt >= record.collectedAt ? record : { ...record, collectedAt };
  });
}

/** Null for what this run itself learnt: also what the configuration states, or what a service has for all. */
function timeOf({ source, kind }: AnyEvidence, joined: JoinedHosts): Instant | null {
  const location = LOCATION.exec(source)?.[1];
  if (location !== undefined) return OWN_WORD.has(kind) ? null : (joined.location(location)?.collectedAt ?? null);
  const provider = PROVIDER.exec(source)?.[1];
  if (provider !== undefined && ASKED.has(kind)) return joined.provider(provider)?.collectedAt ?? null;
  return null;
}

const LOCATION = /^location (.+)$/;
const PROVIDER = /^(?:peer of )?provider (.+)$/;
const OWN_WORD: ReadonlySet<FactKind> = new Set(['store-versioning', 'store-object-lock', 'store-encryption']);
/** What a provider itself answers. */
const ASKED: ReadonlySet<FactKind> = new Set([
  'provider-state',
  'provider-peer',
  'access-rights',
  'failure-domain',
  'clock',
  'key-state',
  'key-settings',
  'key-rotation',
  'key-peer',
  'unwrap-proof',
]);
