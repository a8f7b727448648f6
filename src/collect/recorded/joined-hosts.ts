import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { DiskFacts } from '../../model/facts/stores.ts';
import type { FactKind, Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import type { CertificateReading } from '../hosts/certificate-reading.ts';
import type { Attachment } from '../hosts/mounted-on.ts';
import type { ArtifactFile } from '../trees/artifact-tree.ts';
import type { FileSampleLine } from './file-sample-line.ts';
import { unitedCopySamples } from './recorded-copy-samples.ts';
import type { RecordedFileSet } from './recorded-file-set.ts';
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

/**
 * One location as two bundles tell it: lists are united, of two answers about one file the newer stands, and a blind spot
 * overrides nothing. It is as old as the older one of those whose answers are in it.
 */
export function unitedLocations(one: RecordedLocation, other: RecordedLocation): RecordedLocation {
  const [newer, older] = one.collectedAt >= other.collectedAt ? [one, other] : [other, one];
  // Of a bundle that read nothing there is nothing to unite.
  if (older.failure !== null && older.files.length === 0) return newer;
  if (newer.failure !== null && newer.files.length === 0) return older;
  const own = new Map<string, ArtifactFile>(newer.files.map((file) => [file.path, file]));
  const before = new Map<string, ArtifactFile>(older.files.map((file) => [file.path, file]));
  const isChanged = (path: string): boolean => {
    const [now, then] = [own.get(path), before.get(path)];
    return now !== undefined && (now.bytes !== then?.bytes || now.modifiedAt !== then.modifiedAt);
  };
  const fromOlder = older.files.filter(({ path }) => !own.has(path));
  const snapshots = new Set(newer.snapshots.map(({ fact }) => fact.path));
  const physical = new Map([...older.physical, ...newer.physical]);
  for (const [purpose, contents] of newer.physical) {
    const earlier = older.physical.get(purpose);
    if (contents.blindSpot !== null && earlier?.blindSpot === null) physical.set(purpose, earlier);
  }
  return {
    ...newer,
    collectedAt: older.collectedAt,
    files: [...newer.files, ...fromOlder],
    links: [...newer.links, ...older.links.filter(({ path }) => !newer.links.some((link) => link.path === path))],
    failure: newer.failure === null || older.failure === null ? null : newer.failure,
    reading: (path, depth) => {
      const found = newer.reading(path, depth);
      // What was said of other contents under that path tells nothing of those that lie there now.
      const earlier = isChanged(path) ? null : older.reading(path, depth);
      if (found === null) return earlier;
      return 'failure' in found.outcome && earlier !== null && !('failure' in earlier.outcome) ? earlier : found;
    },
    digests: (copy, path) => newer.digests(copy, path) ?? older.digests(copy, path),
    fileSet: betterSet(newer.fileSet, older.fileSet),
    copySample: (root) => unitedCopySamples(newer.copySample(root), older.copySample(root)),
    snapshots: [...newer.snapshots, ...older.snapshots.filter(({ fact }) => !snapshots.has(fact.path))],
    notSnapshots: newer.notSnapshots,
    // Files that are not opened are an answer, too.
    snapshotsBlindSpot:
      older.snapshotsBlindSpot === null && newer.snapshotsBlindSpot?.reason !== 'unsupported'
        ? null
        : newer.snapshotsBlindSpot,
    physical,
    packages: newer.packages ?? older.packages,
  };
}

/** The newer one, unless it could not be read and the other could: copies of both would be told by two settings. */
function betterSet(newer: RecordedFileSet | null, older: RecordedFileSet | null): RecordedFileSet | null {
  if (newer === null) return older;
  return newer.copies === null && older !== null && older.copies !== null ? older : newer;
}

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
