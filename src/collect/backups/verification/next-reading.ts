/** What is known of one copy without reading it to its end, and what that reading made of it. */
export interface SelectedCopy {
  readonly structure: Assessment;
  /** What a full reading, of this run or remembered, tells; null where there is none that may still count. */
  readonly verified: Assessment | null;
  /** True where that reading has to be made anew: it found damage, or its age limit is near. */
  readonly isDue: boolean;
  /** True where a run recorded a checksum that only a full reading can compare. */
  readonly hasChecksum: boolean;
  /** True for what is read with the other copies in its file, as a database inside an output of pg_dumpall is. */
  readonly isReadWithOthers: boolean;
}

export interface Assessment {
  readonly integrity: 'complete' | 'incomplete' | 'unproven';
  /** Whether nothing shows that it was made to hold less than one database, or another one. */
  readonly holdsAll: boolean;
  readonly nameAgrees: boolean | null;
}

/** Damaged copies of one database in one location behind which the next one is still read. */
const MOST_DAMAGED = 4;
/** Copies of one database in one location that are read to their end at most, whatever they turn out to hold. */
const MOST_READ = 16;

export interface Selection {
  /** The copy to read next; null where enough is known. */
  readonly next: { readonly index: number; readonly isDecided: boolean } | null;
  /** Those that were looked at: what a recovery would take, and what stands before it. */
  readonly regarded: ReadonlySet<number>;
}

/**
 * The next copy of one database in one location to read to its end: the newest that may count; where that turned out
 * damaged, or to hold less, the one before it. Of a copy whose structure shows damage nothing more is asked.
 *
 * @param newestFirst copies that are not of another database and not from the future
 */
export function nextReading(newestFirst: readonly SelectedCopy[]): Selection {
  const regarded = new Set<number>();
  let damaged = 0;
  let read = 0;
  let isNameless = false;
  for (const [index, { structure, verified, isDue, hasChecksum, isReadWithOthers }] of newestFirst.entries()) {
    if (structure.integrity === 'incomplete') continue;
    // Dumps of definitions lie beside those with rows.
    if (!structure.holdsAll) continue;
    // Its file has a turn of its own.
    if (isReadWithOthers && verified === null) continue;
    // One that names no database cannot count, and reading more of its kind would tell no more.
    if (isNameless && structure.nameAgrees === null) continue;
    regarded.add(index);
    if (verified === null || isDue) {
      const isProven = structure.integrity === 'complete' && !hasChecksum;
      const stillCounts = verified !== null && verified.integrity !== 'incomplete';
      return { next: { index, isDecided: isProven || stillCounts }, regarded };
    }
    read += 1;
    // Behind a damaged newest copy the next one decides what a recovery would have, so it is read as well.
    if (verified.integrity === 'incomplete') damaged += 1;
    else if (verified.holdsAll && verified.nameAgrees === true) break;
    else isNameless ||= verified.holdsAll && verified.nameAgrees === null;
    if (damaged === MOST_DAMAGED || read === MOST_READ) break;
  }
  return { next: null, regarded };
}
