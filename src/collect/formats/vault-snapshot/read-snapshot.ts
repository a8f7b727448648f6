import { SECOND, toInstant } from '../../../model/instant.ts';
import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';
import { openGzipMember } from './gzip-member.ts';
import { kindOfOther, OTHER_KINDS } from './other-file-kind.ts';
import { type SnapshotArchive, walkSnapshotArchive } from './snapshot-archive.ts';
import type { SnapshotFileKind, SnapshotReading } from './snapshot-reading.ts';
import { snapshotState } from './snapshot-state.ts';
import { judgeSnapshot, type SnapshotVerdict } from './snapshot-verdict.ts';
import { NO_STORAGE, type TransitKeyVisitor } from './storage-summary.ts';

export interface SnapshotReadOptions {
  readonly signal: AbortSignal;
  /** Told of each entry of a transit key. A key is in the snapshot only where both its policy and its archive are. Names are confidential. */
  readonly onKey?: TransitKeyVisitor;
}

const FAILED = { complete: false, checksumsMatch: false };
const LAST_SECOND = 253_402_300_799;

/**
 * Reads a raft snapshot of Vault as `vault operator raft snapshot save` or `GET sys/storage/raft/snapshot` writes it: a
 * gzip around a tar of `meta.json`, `state.bin`, `SHA256SUMS` and `SHA256SUMS.sealed` (observed in Vault 1.21.2; package
 * hashicorp/raft-snapshot); or one of a Consul in which Vault keeps its storage, as `consul snapshot save` writes it,
 * without the last part (package snapshot of Consul). Streams in bounded memory: about 100 bytes per transit key of one
 * mount, and some buffers. Damage is an answer, never an error; what came before it is still told.
 * @throws SourceError only when the bytes cannot be read, or `signal` fires
 */
export async function readVaultSnapshot(reader: ByteReader, options: SnapshotReadOptions): Promise<SnapshotReading> {
  const bytes = interruptible(reader, options.signal);
  const report = (what: SnapshotFileKind, verdict: SnapshotVerdict, archive: SnapshotArchive | null) =>
    reading(what, verdict, archive, reader.bytes);

  if (reader.bytes === 0) return report('cut-short', { ...FAILED, because: 'the file is empty' }, null);
  const member = await openGzipMember(bytes);
  if (member === null) {
    const kind = await kindOfOther(bytes);
    return report(kind, { ...FAILED, because: OTHER_KINDS[kind] }, null);
  }
  const onKey = options.onKey ?? (() => undefined);
  const archive = await walkSnapshotArchive(member, (id) => snapshotState(id, onKey));
  const verdict = judgeSnapshot(archive);
  const what = kindOfArchive(archive, verdict.complete);
  if (what === 'other' || what === 'other-raft-snapshot' || what === 'consul-without-vault') {
    return report(what, { ...FAILED, because: OTHER_KINDS[what] }, null);
  }
  return report(what, verdict, archive);
}

/** An archive that stops before it shows what it is may be a failed snapshot; one that shows something else is none. */
function kindOfArchive(
  { meta, state, stop, gzipEnd }: SnapshotArchive,
  complete: boolean,
): Exclude<SnapshotFileKind, 'error-answer' | 'database-file'> {
  if (state?.isPossible() === false) return 'other-raft-snapshot';
  // What was cut off may have been the storage.
  if (state !== null) return state.facts() === null && complete ? 'consul-without-vault' : state.what;
  if (meta !== null) return 'other-raft-snapshot';
  const stoppedEarly = stop === 'cut' && (gzipEnd === 'cut' || gzipEnd === 'damaged' || gzipEnd === 'no-trailer');
  return stoppedEarly ? 'cut-short' : 'other';
}

const RECOGNIZED: ReadonlySet<SnapshotFileKind> = new Set(['vault-raft-snapshot', 'consul-snapshot', 'cut-short']);

function reading(
  what: SnapshotFileKind,
  verdict: SnapshotVerdict,
  archive: SnapshotArchive | null,
  bytes: number,
): SnapshotReading {
  const seconds = archive?.modifiedSeconds ?? null;
  const ofVault = archive?.state?.what === 'vault-raft-snapshot' ? archive.meta : null;
  return {
    recognized: RECOGNIZED.has(what),
    what,
    ...verdict,
    takenAt: seconds === null || seconds > LAST_SECOND ? null : toInstant(seconds * SECOND),
    raftIndex: ofVault?.Index ?? null,
    raftTerm: ofVault?.Term ?? null,
    raftServers: (ofVault?.Configuration?.Servers ?? []).map(({ ID, Address }) => ({ id: ID, address: Address })),
    ...(archive?.state?.facts() ?? NO_STORAGE),
    bytes,
  };
}

function interruptible(reader: ByteReader, signal: AbortSignal): ByteReader {
  const what = 'a Vault snapshot';
  return {
    ...reader,
    async read(offset, length) {
      throwIfInterrupted(signal, what);
      return await reader.read(offset, length);
    },
    async *stream(offset) {
      for await (const chunk of reader.stream(offset)) {
        throwIfInterrupted(signal, what);
        yield chunk;
      }
      throwIfInterrupted(signal, what);
    },
  };
}
