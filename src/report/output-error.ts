/**
 * A report that could not be written. `message` says what failed and where, `hint` what to change. Nothing of the
 * report is left behind, and a report that was there before is still there.
 */
export class OutputError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutputError';
    this.hint = hint;
  }
}

const REASONS: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  ENOSPC: ['no space is left', 'Free space on that file system, or choose another directory with --output.'],
  EDQUOT: ['the disk quota is used up', 'Free space or raise the quota, or choose another directory with --output.'],
  EACCES: [
    'permission denied',
    'Give this user write permission on the directory that holds it, or choose another with --output.',
  ],
  EPERM: [
    'operation not permitted',
    'Give this user write permission on the directory that holds it, or choose another with --output.',
  ],
  EROFS: ['the file system is read-only', 'Choose a directory on a writable file system with --output.'],
  ENOTDIR: ['a part of the path is a file', 'Choose a path whose parts are directories with --output.'],
  EEXIST: ['a part of the path is a file', 'Choose a path whose parts are directories with --output.'],
  EBUSY: ['it is in use or a mount point', 'Choose a directory inside the mount point with --output.'],
  EXDEV: ['it is a mount point', 'Choose a directory inside the mount point with --output.'],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n).'],
  EIO: ['the disk reported an error', 'Check the disk, or choose another directory with --output.'],
};

/** An {@link OutputError} for an error of the file system; any other error (a defect) stays what it is. */
export function toOutputError(error: unknown, path: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const [reason, hint] = REASONS[error.code] ?? [error.code, 'Choose another directory with --output.'];
  return new OutputError(`cannot write the report to ${JSON.stringify(path)}: ${reason}`, hint, { cause: error });
}
