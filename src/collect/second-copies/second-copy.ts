import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import { type Instant, MINUTE, toMillis } from '../../model/instant.ts';
import { systemClock } from '../ask.ts';
import type { FileProbe } from '../stores/file-probe.ts';

type CopySample = Facts['file-copy-sample'];

/** A second copy of one store in which single files can be looked for. */
export interface SecondCopy {
  readonly location: CopySample['location'];
  readonly copy: CopySample['copy'];
  readonly method: CopySample['method'];
  /** What it holds is of then, at the latest. */
  readonly moment: Instant;
  readonly probe: FileProbe;
  /** The newest one of the same place, where that is not this one, and why not. */
  readonly passedOver?: CopySample['passedOver'];
  /** Whether a file belongs into it at all; absent where every file of the store does. */
  covers?(key: string): boolean;
}

/** A place that is said to hold a second copy and could not be asked for it. */
export interface UnaskedCopy {
  readonly location: string;
  readonly blindSpot: BlindSpot;
}

export type DeclaredCopy = SecondCopy | UnaskedCopy;

/** Where the files of one store lie on their source host: each name that the database lists, as paths of that host. */
export interface StorePaths {
  /** Its directory, by its name and where symbolic links lead, or `/bucket/prefix`. */
  readonly roots: readonly string[];
  /** Where a file of this name would lie; empty where the name leads elsewhere. */
  pathsOf(key: string): readonly string[];
}

/** Clocks may differ by so much; a copy that is dated later proves no moment. */
const CLOCK_TOLERANCE = 5 * MINUTE;

/** Whether what a copy says of its moment can be so by now. */
export function isCredible(moment: Instant): boolean {
  return toMillis(moment) <= toMillis(systemClock()) + CLOCK_TOLERANCE;
}
