import { SECOND, toInstant } from '../../../model/instant.ts';
import { throwIfInterrupted } from '../../guard/interruption.ts';
import type { ByteReader } from '../../trees/artifact-tree.ts';
import { openGzipMember } from './gzip-member.ts';
import { kindOfOther, OTHER_KINDS } from './other-file-kind.ts';
import { type SnapshotArchive, VAULT_SNAPSHOT_ID, walkSnapshotArchive } from './snapshot-archive.ts';
import type { SnapshotFileKind, SnapshotReading } from './snapshot-reading.ts';
import { judgeSnapshot, type SnapshotVerdict } from './snapshot-verdict.ts';
import { createStateSummary, type StateSummary, type TransitKeyVisitor } from './state-summary.ts';

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
 * hashicorp/raft-snapshot). Streams in bounded memory: about 100 bytes per transit key of one mount, and some buffers.
 * Damage is an answer, never an error; what came before it is still told.
 * @throws SourceError only when the bytes cannot be read, or `signal` fires
 */
export async function readVaultSnapshot(reader: ByteReader, options: SnapshotReadOptions): Promise<SnapshotReading> {
  const bytes = interruptible(reader, options.signal);
  const state = createStateSummary(options.onKey ?? (() => undefined));
  const report = (what: SnapshotFileKind, verdict: SnapshotVerdict, archive: SnapshotArchive | null) =>
    reading(what, verdict, archive, state.summary(), reader.bytes);

  if (reader.bytes === 0) return report('cut-short', { ...FAILED, because: 'the file is empty' }, null);
  const member = await openGzipMember(bytes);
  if (member === null) {
    const kind = await kindOfOther(bytes);
    return report(kind, { ...FAILED, because: OTHER_KINDS[kind] }, null);
  }
  const archive = await walkSnapshotArchive(member, (chunk) => state.scanner.push(chunk));
  const what = kindOfArchive(archive);
  if (what === 'other' || what === 'other-raft-snapshot') {
    return report(what, { ...FAILED, because: OTHER_KINDS[what] }, null);
  }
  return report(what, judgeSnapshot(archive, state.scanner.isWhole()), archive);
}

/** An archive that stops before it shows what it is may be a failed snapshot; one that shows something else is none. */
function kindOfArchive({
  meta,
  stop,
  gzipEnd,
}: SnapshotArchive): 'vault-raft-snapshot' | 'cut-short' | 'other-raft-snapshot' | 'other' {
  if (meta !== null) return meta.ID === VAULT_SNAPSHOT_ID ? 'vault-raft-snapshot' : 'other-raft-snapshot';
  const stoppedEarly = stop === 'cut' && (gzipEnd === 'cut' || gzipEnd === 'damaged' || gzipEnd === 'no-trailer');
  return stoppedEarly ? 'cut-short' : 'other';
}

function reading(
  what: SnapshotFileKind,
  verdict: SnapshotVerdict,
  archive: SnapshotArchive | null,
  state: StateSummary,
  bytes: number,
): SnapshotReading {
  const seconds = archive?.modifiedSeconds ?? null;
  return {
    recognized: what === 'vault-raft-snapshot' || what === 'cut-short',
    what,
    ...verdict,
    takenAt: seconds === null || seconds > LAST_SECOND ? null : toInstant(seconds * SECOND),
    raftIndex: archive?.meta?.Index ?? null,
    raftServers: (archive?.meta?.Configuration?.Servers ?? []).map(({ ID, Address }) => ({ id: ID, address: Address })),
    ...state,
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
