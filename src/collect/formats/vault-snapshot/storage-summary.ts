import { z } from 'zod';
import { protobufFields } from './protobuf.ts';
import type { SnapshotReading } from './snapshot-reading.ts';
import type { StateEntry } from './state-entries.ts';

/** @param modifiedMillis when the entry's own file was last written; absent where entries have no files of their own */
export type TransitKeyVisitor = (
  mountUuid: string,
  kind: 'policy' | 'archive',
  keyName: string,
  modifiedMillis?: number,
) => void;

export type StorageFacts = Pick<
  SnapshotReading,
  | 'sealType'
  | 'secretShares'
  | 'secretThreshold'
  | 'recoveryShares'
  | 'recoveryThreshold'
  | 'sealKeyId'
  | 'barrierTermHighest'
  | 'mountUuids'
  | 'transitKeyCount'
  | 'vaultVersions'
>;

/** Of a storage of which nothing was met. */
export const NO_STORAGE: StorageFacts = {
  sealType: null,
  secretShares: null,
  secretThreshold: null,
  recoveryShares: null,
  recoveryThreshold: null,
  sealKeyId: null,
  barrierTermHighest: null,
  mountUuids: [],
  transitKeyCount: 0,
  vaultVersions: [],
};

/** What Vault keeps under its paths, in whatever it stores them. */
export interface StorageSummary {
  /** Whether the whole value of an entry is wanted: it lies in clear, or in the envelope of a seal. */
  isClear(key: string): boolean;
  note(entry: StateEntry): void;
  facts(): StorageFacts;
}

const SEAL_CONFIG = 'core/seal-config';
const RECOVERY_CONFIG = 'core/recovery-config';
const UNSEAL_KEYS = 'core/hsm/barrier-unseal-keys';
const RECOVERY_KEY = 'core/recovery-key';
/** Entries whose value lies in clear or in a seal's envelope, not behind the barrier. */
const CLEAR = new Set([SEAL_CONFIG, RECOVERY_CONFIG, UNSEAL_KEYS, RECOVERY_KEY]);

const VERSION_KEY = /^core\/versions\/(.+)$/;
/** Enterprise namespaces keep their engines and login methods below `namespaces/<id>/`. */
const MOUNT_KEY = /^(?:namespaces\/[^/]+\/)?(?:logical|auth)\/([^/]+)\//;
const TRANSIT_KEY = /^(?:namespaces\/[^/]+\/)?logical\/[^/]+\/(policy|archive)\/([^/]+)$/;

/** Format version of AES-GCM ciphertext behind the barrier, after the four bytes of the key's term (Vault, vault/barrier_aes_gcm.go). */
const BARRIER_FORMAT = 2;
const KEY_INFO_FIELD = 5;
const KEY_ID_FIELD = 3;

const sealConfigSchema = z.object({ type: z.string(), secret_shares: z.int(), secret_threshold: z.int() });
type SealConfig = z.infer<typeof sealConfigSchema>;

/**
 * Sums up the storage of a Vault while its entries stream by. Where keys ascend bytewise, as in snapshots, only the key
 * names of one mount are held at a time. Key names are confidential: they go to `onKey` and into nothing else.
 */
export function createStorageSummary(onKey: TransitKeyVisitor): StorageSummary {
  let seal: SealConfig | null = null;
  let recovery: SealConfig | null = null;
  let sealKeyId: string | null = null;
  let barrierTermHighest: number | null = null;
  let transitKeyCount = 0;
  let mount = '';
  let archives = new Set<string>();
  const mountUuids = new Set<string>();
  const versions = new Set<string>();

  function noteMount(key: string): void {
    const uuid = MOUNT_KEY.exec(key)?.[1];
    if (uuid === undefined) return;
    mountUuids.add(uuid);
    if (uuid !== mount) {
      mount = uuid;
      archives = new Set();
    }
    const [, kind, name] = TRANSIT_KEY.exec(key) ?? [];
    if (name === undefined || (kind !== 'policy' && kind !== 'archive')) return;
    if (kind === 'archive') archives.add(name);
    else if (archives.has(name)) transitKeyCount += 1;
    onKey(uuid, kind, name);
  }

  function note(entry: StateEntry): void {
    if (entry.key === SEAL_CONFIG) seal = sealConfig(entry.value);
    else if (entry.key === RECOVERY_CONFIG) recovery = sealConfig(entry.value);
    else if (entry.key === UNSEAL_KEYS) sealKeyId = sealKeyIdOf(entry.value);
    if (CLEAR.has(entry.key)) return;
    const term = barrierTerm(entry.value);
    if (term !== null && term > (barrierTermHighest ?? 0)) barrierTermHighest = term;
    const version = VERSION_KEY.exec(entry.key)?.[1];
    if (version !== undefined) versions.add(version);
    noteMount(entry.key);
  }

  return {
    isClear: (key) => CLEAR.has(key),
    note,
    facts: () => ({
      sealType: seal?.type ?? null,
      secretShares: seal?.secret_shares ?? null,
      secretThreshold: seal?.secret_threshold ?? null,
      recoveryShares: recovery?.secret_shares ?? null,
      recoveryThreshold: recovery?.secret_threshold ?? null,
      sealKeyId,
      barrierTermHighest,
      mountUuids: [...mountUuids],
      transitKeyCount,
      vaultVersions: [...versions].sort(),
    }),
  };
}

function sealConfig(value: Uint8Array): SealConfig | null {
  try {
    return sealConfigSchema.parse(JSON.parse(Buffer.from(value).toString('utf8')));
  } catch {
    return null;
  }
}

/** The key id in the envelope of a seal (message BlobInfo of go-kms-wrapping: key_info 5, in it key_id 3). */
function sealKeyIdOf(value: Uint8Array): string | null {
  const keyInfo = protobufFields(value)?.find((field) => field.number === KEY_INFO_FIELD);
  const keyId = keyInfo && protobufFields(keyInfo.value)?.find((field) => field.number === KEY_ID_FIELD);
  return keyId && keyId.value.length > 0 ? Buffer.from(keyId.value).toString('utf8') : null;
}

/** The term of the barrier key that encrypted a value, by its first five bytes; null of one that the barrier did not encrypt. */
export function barrierTerm(value: Uint8Array): number | null {
  const begin = Buffer.from(value.subarray(0, 5));
  if (begin.length < 5 || begin[4] !== BARRIER_FORMAT) return null;
  const term = begin.readUInt32BE(0);
  // Text in clear with that byte in fifth place would read as a term of many millions.
  return term > 0 && term < 2 ** 24 ? term : null;
}
