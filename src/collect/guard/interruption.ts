import { SourceError } from '../../model/source-error.ts';

/** What a read that was stopped by `signal` says: `timeout` where a time limit stopped it, else `not-asked`. */
export function interruption(signal: AbortSignal, reading: string): SourceError {
  const reason: unknown = signal.reason;
  if (reason instanceof Error && reason.name === 'TimeoutError') {
    return new SourceError(
      'timeout',
      `reading ${reading} took longer than allowed`,
      'Raise the time limit of this source.',
    );
  }
  return new SourceError('not-asked', `reading ${reading} was interrupted`, 'Run the audit again and let it finish.');
}

/** @throws SourceError when `signal` has fired. */
export function throwIfInterrupted(signal: AbortSignal, reading: string): void {
  if (signal.aborted) throw interruption(signal, reading);
}
