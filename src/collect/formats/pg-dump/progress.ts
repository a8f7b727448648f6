import type { DumpFacts } from './dump-reading.ts';

/** What is known of a dump so far, kept when a later part turns out to be damaged. */
export interface Progress {
  facts: DumpFacts;
}
