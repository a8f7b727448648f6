import type { BlindReason } from '../../../model/source-error.ts';
import type { DumpOptions, DumpRecognition } from '../../formats/pg-dump/dump-reading.ts';
import type { SentReading } from './common-reading.ts';
import type { ArtifactPlace } from './recognize-artifact.ts';

/** One artifact to be read by a thread. */
export interface ReadingTask extends ArtifactPlace {
  /** Of the local directory, as an absolute path. */
  readonly root: string;
  readonly depth: DumpOptions['depth'];
}

/** What became of one task. */
export type Outcome = { readonly recognition: DumpRecognition } | Failure;

/** The same, on its way between threads. */
export type ReadingAnswer =
  | { readonly reading: SentReading }
  | { readonly recognition: Exclude<DumpRecognition, { readonly kind: 'dump' }> }
  | Failure;

type Failure =
  /** It could not be read, as a SourceError says it. */
  | { readonly failure: { readonly reason: BlindReason; readonly message: string; readonly remedy: string } }
  /** A defect of this program. */
  | { readonly defect: string };
