import { SourceError } from '../../model/source-error.ts';
import { throwIfInterrupted } from '../guard/interruption.ts';
import { s3Error } from './s3-error.ts';
import type { S3Operation } from './s3-operations.ts';

/** What a question to the service gives. @param where the bucket or object, safe to print @throws SourceError */
export async function asking<T>(
  operation: S3Operation,
  where: string,
  signal: AbortSignal,
  ask: () => Promise<T>,
): Promise<T> {
  throwIfInterrupted(signal, where);
  try {
    return await ask();
  } catch (error) {
    throwIfInterrupted(signal, where);
    throw s3Error(error, where, operation);
  }
}

/** An answer that no S3 service gives. */
export function malformed(message: string): SourceError {
  return new SourceError('malformed', message, 'Check that the address is that of an S3 service.');
}
