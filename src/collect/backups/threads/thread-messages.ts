import type { DumpOptions, DumpRecognition } from '../../formats/pg-dump/dump-reading.ts';
import type { SentReading } from './common-reading.ts';
import { errorOf, type Failure } from './failure.ts';
import type { ArtifactPlace } from './recognize-artifact.ts';

/** Artifacts to be read by a thread. */
export interface ReadingTask {
  /** Of the local directory, as an absolute path. */
  readonly root: string;
  readonly places: readonly ArtifactPlace[];
  readonly depth: DumpOptions['depth'];
}

/** What became of one artifact. */
export type Outcome = { readonly recognition: DumpRecognition } | Failure;

/** The same, on its way between threads. */
export type ReadingAnswer =
  | { readonly reading: SentReading }
  | { readonly recognition: Exclude<DumpRecognition, { readonly kind: 'dump' }> }
  | Failure;

/** @throws SourceError where the artifact could not be read */
export function recognitionOf(outcome: Outcome | undefined): DumpRecognition {
  if (outcome === undefined) throw new Error('a thread that reads gave no answer');
  if ('recognition' in outcome) return outcome.recognition;
  throw errorOf(outcome);
}
