import type { Damaged, Files } from './damage-place.ts';

/** What a reading at one depth says of a damaged artifact. */
export interface Reading {
  /** The verdict: `complete` means that the damage was not found. */
  readonly verdict: string;
  /** SHA-256 of the file as read, where it was read to its end and has one. */
  readonly sha256: string | null;
}

/** What a program says of an artifact; `no answer` when it did not end in time, which is no word on the artifact. */
export type ToolAnswer = 'accepted' | 'refused' | 'no answer';

/** A program of the vendor that looks at the same artifact. */
export interface VendorTool {
  readonly name: string;
  /** Of the artifact as it lies on disk. */
  readonly ask: () => Promise<ToolAnswer>;
}

/**
 * `cluster`: a reading takes some 50 ms. `program at structure`, `program at every depth`: the structure, or everything,
 * is read through the vendor's program, which takes a second.
 */
export type Slowness = 'cluster' | 'program at structure' | 'program at every depth';

/** One format, as a real artifact of it on disk. */
export interface DamagedFormat {
  readonly name: string;
  /** Directory of the artifact; paths are relative to it. */
  readonly root: string;
  /** What is damaged: all of the artifact's files, or the part that the name tells. */
  readonly files: Files;
  /** Reads the artifact, in which one file is other than it is on disk; null: as it is. */
  readonly read: (depth: 'structure' | 'full', damaged: Damaged | null) => Promise<Reading>;
  readonly tools: readonly VendorTool[];
  /** A run record can hold the SHA-256 of one file, and of no directory. */
  readonly hasRecordedSum: boolean;
  /** The verdict in full without damage, where that is not `complete`: of what this program does not open. */
  readonly soundVerdict?: string;
  /** Said above its table: what of it is measured, and what is not. */
  readonly note?: string;
  /** Both depths read the same: it is read once for each place. */
  readonly hasOneDepth?: boolean;
  /** What takes long for each place, so that fewer are measured: a reading of a whole cluster, or a program asked for it. */
  readonly slow?: Slowness;
}
