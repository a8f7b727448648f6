import type { GzipEnd } from './gzip-member.ts';
import type { SnapshotArchive } from './snapshot-archive.ts';
import { RAFT_PARTS } from './snapshot-state.ts';

/** Whether a snapshot is whole and sums up, and the first thing wrong with it. */
export interface SnapshotVerdict {
  readonly complete: boolean;
  readonly checksumsMatch: boolean;
  /** One sentence without its final period. */
  readonly because: string;
}

const GZIP_FAULTS: Readonly<Record<Exclude<GzipEnd, 'whole' | 'wrong-checksum'>, string>> = {
  cut: 'the compressed data stop before their end',
  damaged: 'the compressed data are damaged',
  'no-trailer': 'the end of the compressed file is missing',
  'trailing-bytes': 'bytes follow the end of the compressed file',
};

const SUMMED = ['meta.json', 'state.bin'] as const;

/**
 * A snapshot is whole where the gzip member ends in a valid trailer with nothing behind it, all parts are there, `state.bin` has
 * the size that `meta.json` names and ends with an entry; and it sums up where `SHA256SUMS` agrees with both parts it lists.
 */
export function judgeSnapshot(archive: SnapshotArchive): SnapshotVerdict {
  const incomplete = structureFault(archive);
  const wrongSum = sumFault(archive);
  return {
    complete: incomplete === null,
    checksumsMatch: wrongSum === null,
    because: incomplete ?? wrongSum ?? 'all parts are there and agree with their checksums',
  };
}

function structureFault(archive: SnapshotArchive): string | null {
  const { stop, stoppedIn, gzipEnd, meta, state } = archive;
  if (stop === 'unexpected-part')
    return `the archive holds an unexpected part ${JSON.stringify((stoppedIn ?? '').slice(0, 40))}`;
  if (stop === 'part-too-large') return `its part ${stoppedIn} is larger than it is ever written`;
  if (stop === 'not-a-snapshot') return 'its meta.json is not that of a snapshot';
  if (stop === 'damaged') return 'the archive inside is damaged';
  const missing = (state?.parts ?? RAFT_PARTS).filter((part) => !archive.sums.has(part));
  const lacks =
    missing.length === 0 ? '' : `, and ${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} missing or cut`;
  if (gzipEnd !== null && gzipEnd !== 'whole' && gzipEnd !== 'wrong-checksum') return `${GZIP_FAULTS[gzipEnd]}${lacks}`;
  if (missing.length > 0) return `the archive ends without ${missing.join(', ')}`;
  if (stop === 'cut') return 'the archive inside stops before its end';
  if (archive.bytesAfterEnd) return 'bytes follow the end of the archive inside';
  if (meta?.Size !== archive.stateBytes) return 'state.bin has another size than meta.json says';
  if (state?.isWhole() !== true) return 'state.bin does not end with a whole entry';
  return null;
}

function sumFault(archive: SnapshotArchive): string | null {
  const { declaredSums, sums, gzipEnd } = archive;
  if (declaredSums === null) return 'it carries no checksums';
  const wrong = SUMMED.filter((part) => sums.get(part) === undefined || declaredSums.get(part) !== sums.get(part));
  if (wrong.length > 0) return `${wrong.join(' and ')} ${wrong.length === 1 ? 'does' : 'do'} not agree with SHA256SUMS`;
  if (gzipEnd === 'wrong-checksum') return 'the checksum of the compressed file does not agree with its content';
  if (gzipEnd !== 'whole' && gzipEnd !== 'trailing-bytes') return 'the checksum of the compressed file was not reached';
  return null;
}
