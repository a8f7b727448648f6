import { type Instant, MINUTE, toInstant, toMillis } from '../../../model/instant.ts';
import type { DumpReading } from '../../formats/pg-dump/dump-reading.ts';
import { READING_RULES } from '../../formats/pg-dump/reading-rules.ts';
import type { PhysicalCopy } from '../physical/physical-copy.ts';
import type { CopyIdentity } from './copy-identity.ts';
import { clusterReadingRules, rememberedClusterCopy } from './remembered-cluster-copy.ts';
import { listedIdentity } from './remembered-identity.ts';
import { rememberedReading } from './remembered-lines.ts';
import { openStore, type RememberedStore, type StoreOptions } from './remembered-store.ts';

/** One reading of a copy to its end. */
export interface Verification {
  readonly outcome: 'whole' | 'damaged' | 'unproven';
  readonly because: string;
  /** Null where it turned out to be no dump. */
  readonly reading: DumpReading | null;
  readonly verifiedAt: Instant;
  /** True where this run made it. */
  readonly isNew: boolean;
}

/** The checksum of a file that nobody can look into. */
export interface VerifiedSum {
  readonly sha256: string;
  readonly verifiedAt: Instant;
  readonly isNew: boolean;
}

/** One reading of a copy of a cluster in full, itself without those that it builds on. */
export interface ClusterVerification {
  /** The copy as that reading found it. */
  readonly copy: PhysicalCopy;
  /** What is wrong with the WAL that it needs and that no copy needs which builds on it. */
  readonly walDamage: string | null;
  readonly verifiedAt: Instant;
  readonly isNew: boolean;
}

/** A copy of a cluster in the state that its identity tells. */
export interface ClusterCopyState {
  readonly location: CopyIdentity['location'];
  /** What the configuration says lies there. */
  readonly purpose: string;
  readonly label: string;
  readonly identity: string;
}

type Place = Pick<CopyIdentity, 'location'>;

/** What was verified, by earlier runs and by this one. */
export interface VerificationMemory extends Pick<RememberedStore, 'refused' | 'save' | 'close'> {
  /** The last full reading of exactly this state of the copy, by the present rules; null where there is none. */
  of(copy: CopyIdentity): Promise<Verification | null>;
  add(copy: CopyIdentity, verification: Omit<Verification, 'isNew'>): Promise<void>;
  sumOf(file: CopyIdentity): Promise<VerifiedSum | null>;
  addSum(file: CopyIdentity, sum: Omit<VerifiedSum, 'isNew'>): Promise<void>;
  clusterCopyOf(state: ClusterCopyState): Promise<ClusterVerification | null>;
  addClusterCopy(state: ClusterCopyState, verification: Omit<ClusterVerification, 'isNew'>): Promise<void>;
  /** @param of what takes turns there: a database, a server, one copy */
  turnOf(place: Place, of: string): Instant | null;
  noteTurn(place: Place, of: string, readAt: Instant): void;
}

export interface MemoryOptions extends StoreOptions {
  readonly toolVersion: string;
}

/** Tolerance of clocks, as the catalogue of controls sets it. */
const CLOCKS = 5 * MINUTE;

/** @throws ForeignFileError where the file holds something else, or was written by a newer version */
export async function openMemory({ toolVersion, ...options }: MemoryOptions): Promise<VerificationMemory> {
  const store = await openStore(options);
  return {
    refused: store.refused,
    save: store.save,
    close: store.close,
    async of(copy) {
      const found = await store.get({
        ...placeIn(copy),
        group: 'copy',
        key: copy.path,
        identity: listedIdentity(copy),
      });
      if (found?.line.type !== 'copy' || isToCome(found.line.verifiedAt)) return null;
      const { outcome, because, reading, verifiedAt } = found.line;
      return { outcome, because, reading, verifiedAt, isNew: found.isNew };
    },
    async add(copy, { outcome, because, reading, verifiedAt }) {
      await store.add({
        type: 'copy',
        ...listed(copy),
        depth: 'full',
        rules: reading === null ? 0 : READING_RULES[reading.format],
        outcome,
        because,
        sha256: reading?.sha256 ?? null,
        verifiedAt,
        toolVersion,
        reading: reading === null ? null : rememberedReading(reading),
      });
    },
    async sumOf(file) {
      const found = await store.get({ ...placeIn(file), group: 'sum', key: file.path, identity: listedIdentity(file) });
      if (found?.line.type !== 'sum' || isToCome(found.line.verifiedAt)) return null;
      const { sha256, verifiedAt } = found.line;
      return { sha256, verifiedAt, isNew: found.isNew };
    },
    async addSum(file, sum) {
      await store.add({ type: 'sum', ...listed(file), ...sum, toolVersion });
    },
    async clusterCopyOf(state) {
      const { purpose, label, identity } = state;
      const place = { ...placeIn(state), group: `cluster-copy ${purpose}`, key: label, identity } as const;
      const found = await store.get(place);
      if (found?.line.type !== 'cluster-copy' || isToCome(found.line.verifiedAt)) return null;
      const { copy, walDamage, verifiedAt } = found.line;
      return { copy, walDamage, verifiedAt, isNew: found.isNew };
    },
    async addClusterCopy(state, { copy, walDamage, verifiedAt }) {
      const { purpose, label, identity } = state;
      const rules = clusterReadingRules(copy.method);
      const known = { type: 'cluster-copy', ...placeIn(state), purpose, label, identity, rules } as const;
      await store.add({ ...known, verifiedAt, toolVersion, copy: rememberedClusterCopy(copy), walDamage });
    },
    turnOf: (place, of) => store.turnOf({ ...placeIn(place), of }),
    noteTurn: (place, of, readAt) => store.noteTurn({ ...placeIn(place), of, readAt }),
  };
}

function placeIn({ location }: Place) {
  return { location: location.name, locator: location.tree.locator };
}

function listed(copy: CopyIdentity) {
  const { path, bytes, modifiedAt, version } = copy;
  return { ...placeIn(copy), path, bytes, modifiedAt, version };
}

/** What claims to be from a time to come would never grow old. */
function isToCome(verifiedAt: Instant): boolean {
  return toMillis(verifiedAt) > Date.now() + CLOCKS;
}

/** The clock of verifications. */
export function verifiedNow(): Instant {
  return toInstant(Date.now());
}
