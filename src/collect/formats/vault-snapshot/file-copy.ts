import { DAY, type Instant, SECOND, toInstant } from '../../../model/instant.ts';
import { createBarrierTerms } from './barrier-terms.ts';
import { fileEntryValue } from './file-entry.ts';
import type { SnapshotReading } from './snapshot-reading.ts';
import { createStorageSummary, type TransitKeyVisitor } from './storage-summary.ts';

export interface FileCopyReading extends Omit<SnapshotReading, 'recognized' | 'what'> {
  /** The term of the barrier key that its keyring may lack, being of an older moment; null where nothing shows that. */
  readonly lackingTerm: number | null;
}

/** A copy of the files in which Vault's `file` storage keeps its entries. It is told file by file. */
export interface FileCopy {
  /** Whether the content of an entry is to be read: what a key cannot be had without. Of others the size is enough. */
  isRead(key: string): boolean;
  /** @param content null where the file was not read */
  note(
    key: string,
    file: { readonly bytes: number; readonly modifiedMillis: number },
    content: Uint8Array | null,
  ): void;
  /** @param cut what was wrong with what the files came in; null: nothing */
  reading(cut: string | null): FileCopyReading;
}

/** What every Vault has, and cannot be opened without. */
const NEEDED = ['core/hsm/barrier-unseal-keys', 'core/keyring', 'core/mounts', 'core/seal-config'] as const;
const READ = /^core\/|^(?:namespaces\/[^/]+\/)?logical\/[^/]+\/(?:policy|archive)\/[^/]+$/;
/** As much of the path of an entry as names nothing that its owner chose. */
const PLACE =
  /^(?:namespaces\/[^/]+\/)?(?:logical|auth|sys)\/(?:[0-9a-f]{8}-[0-9a-f-]{27}\/(?:(?:policy|archive)\/)?)?/;
/** Bytes of a value that are looked at, of one that lies in no clear. */
const VALUE_BEGIN = 5;
/**
 * Files whose times are further apart than any copying takes bear the times at which Vault wrote them; else they may
 * bear those of the copying, which tell nothing of what is in them.
 */
const KEPT_TIMES_MILLIS = DAY;
/** One is enough to tell; some may be what a crash left. */
const MAX_BROKEN = 1000;
/** ~ year 2255, as the readers of dates reach no further. */
const LAST_MILLIS = 9_000_000_000 * SECOND;

/** @param keepsTimes false where files bear the time at which they came to lie there, as objects in a bucket do */
export function createFileCopy(onKey: TransitKeyVisitor, keepsTimes: boolean): FileCopy {
  const halves = new Map<string, number>();
  let entryMillis = 0;
  const summary = createStorageSummary((mount, kind, name) => {
    const id = `${mount}/${name}`;
    halves.set(id, (halves.get(id) ?? 0) | (kind === 'policy' ? 1 : 2));
    if (entryMillis > 0 && entryMillis < LAST_MILLIS) onKey(mount, kind, name, entryMillis);
    else onKey(mount, kind, name);
  });
  const terms = createBarrierTerms();
  const missing = new Set<string>(NEEDED);
  let bytes = 0;
  let oldest = Number.POSITIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  const whole = new Set<string>();
  const broken: string[] = [];

  /** Vault writes an entry under its name with digits behind it, and then renames: one that a crash left is no entry. */
  function isLeftover(key: string): boolean {
    const digits = /[0-9]+$/.exec(key)?.[0].length ?? 0;
    return Array.from({ length: digits }, (_, index) => key.slice(0, key.length - 1 - index)).some((name) =>
      whole.has(name),
    );
  }

  function fileFault(): string | null {
    const key = broken.find((one) => !isLeftover(one));
    if (key === undefined) return null;
    if (key.startsWith('core/')) return `the file of ${key} is not whole`;
    // The name of a key is confidential.
    const place = PLACE.exec(key)?.[0];
    return `the file of an entry${place === undefined ? '' : ` in ${place}`} is not whole`;
  }

  return {
    isRead: (key) => READ.test(key),
    note(key, file, content) {
      bytes += file.bytes;
      if (file.modifiedMillis > 0) {
        oldest = Math.min(oldest, file.modifiedMillis);
        newest = Math.max(newest, file.modifiedMillis);
      }
      const value = content === null ? null : fileEntryValue(content);
      if (file.bytes === 0 || (content !== null && value === null)) {
        if (broken.length < MAX_BROKEN) broken.push(key);
        return;
      }
      if (content !== null) whole.add(key);
      missing.delete(key);
      const shown = value === null ? new Uint8Array(0) : summary.isClear(key) ? value : value.subarray(0, VALUE_BEGIN);
      entryMillis = file.modifiedMillis;
      if (value !== null && !summary.isClear(key)) terms.note(key, value, file.modifiedMillis);
      summary.note({ key, valueBytes: value?.length ?? 0, value: shown });
    },
    reading(cut) {
      const [lacks] = missing;
      const takenAt = keepsTimes ? lastWritten(oldest, newest) : null;
      const fault = cut ?? fileFault() ?? (lacks === undefined ? null : `the file of ${lacks} is missing`);
      return {
        complete: fault === null,
        // There are none; what the barrier sealed shows when Vault opens it.
        checksumsMatch: true,
        because: fault ?? 'every entry that a key needs is there and whole; files carry no checksums',
        takenAt,
        lackingTerm: takenAt === null ? null : terms.lackingTerm(),
        raftIndex: null,
        raftTerm: null,
        raftServers: [],
        ...summary.facts(),
        transitKeyCount: [...halves.values()].filter((half) => half === 3).length,
        bytes,
      };
    },
  };
}

function lastWritten(oldest: number, newest: number): Instant | null {
  const isKept = newest - oldest > KEPT_TIMES_MILLIS && newest < LAST_MILLIS;
  return isKept ? toInstant(newest) : null;
}
