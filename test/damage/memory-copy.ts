import type { PhysicalContents } from '../../src/collect/backups/physical/physical-copy.ts';
import { settleCopies } from '../../src/collect/backups/physical/settle-copies.ts';
import type { ArtifactTree } from '../../src/collect/trees/artifact-tree.ts';
import type { BlindSpot } from '../../src/model/evidence.ts';
import { SourceError } from '../../src/model/source-error.ts';
import { memoryTree } from '../collect/memory-tree.ts';
import type { Damaged, Files } from './damage-place.ts';
import type { DamagedFormat, Reading } from './damaged-format.ts';
import { filesBelow } from './read-files.ts';

export type Depth = 'structure' | 'full';

/** What every reader of a location is told besides depth and tree. */
export const READING = {
  declaredServer: null,
  signal: new AbortController().signal,
  blindSpotOf: (error: unknown): BlindSpot => {
    if (!(error instanceof SourceError)) throw error;
    return { reason: error.reason, detail: error.message, remedy: error.remedy };
  },
} as const;

/** A location that is read as a whole, and where it is damaged. */
export interface DamagedLocation {
  readonly name: string;
  readonly root: string;
  readonly isDamaged: (path: string) => boolean;
  readonly read: (tree: ArtifactTree, depth: Depth) => Promise<PhysicalContents>;
  readonly tools: DamagedFormat['tools'];
  readonly note?: string;
}

/**
 * A location with one copy of a cluster, held in memory while it is read: opening thousands of files again for each place
 * would take most of the time. The verdict is that over the copy with the WAL it leans on.
 */
export function located({ root, isDamaged, read, ...format }: DamagedLocation): DamagedFormat {
  const all = filesBelow(root, () => true, 'with empty files');
  return {
    ...format,
    root,
    files: new Map([...all].filter(([path, { length }]) => length > 0 && isDamaged(path))),
    read: async (depth, damaged) => verdictOver(await read(memoryTree(withDamage(all, damaged)), depth)),
    hasRecordedSum: false,
    slow: 'cluster',
  };
}

/** The files of an artifact, one of them damaged. */
export function withDamage(files: Files, damaged: Damaged | null): Files {
  return damaged === null ? files : new Map(files).set(damaged.path, damaged.bytes);
}

/** The verdict over the only copy of a location. */
export function verdictOver({ copies, archives, blindSpot }: PhysicalContents): Reading {
  const [settled] = settleCopies(copies, archives);
  const verdict = settled?.integrity ?? 'no copy';
  // A copy that nobody could read to its end, and whose location says so, vouches for nothing.
  return { verdict: verdict === 'unproven' && blindSpot !== null ? 'blind spot' : verdict, sha256: null };
}
