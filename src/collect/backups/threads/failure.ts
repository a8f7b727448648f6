import { type BlindReason, SourceError } from '../../../model/source-error.ts';

/** Why something failed in a thread, on its way out of it. */
export type Failure =
  /** It could not be read, as a SourceError says it. */
  | { readonly failure: { readonly reason: BlindReason; readonly message: string; readonly remedy: string } }
  /** A defect of this program. */
  | { readonly defect: string };

export function failureOf(error: unknown): Failure {
  if (error instanceof SourceError) {
    const { reason, message, remedy } = error;
    return { failure: { reason, message, remedy } };
  }
  return { defect: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

/** What is thrown for it in the program. */
export function errorOf(failure: Failure): Error {
  if ('defect' in failure) return new Error(failure.defect);
  const { reason, message, remedy } = failure.failure;
  return new SourceError(reason, message, remedy);
}
