/**
 * A report or another file that could not be written. `message` says what failed and where, `hint` what to change. Nothing of
 * it is left behind, and what was there before is still there.
 */
export class OutputError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'OutputError';
    this.hint = hint;
  }
}

/** What is written, as messages call it, and how to have it written elsewhere. */
export interface WrittenOutput {
  readonly noun: string;
  /** Completes "choose …". */
  readonly elsewhere: string;
}

export const REPORT_OUTPUT: WrittenOutput = { noun: 'the report', elsewhere: 'another directory with --output' };
export const BUNDLE_OUTPUT: WrittenOutput = { noun: 'the bundle', elsewhere: 'another file with --bundle' };
/** The bundle of a run that keeps none. */
export const TEMPORARY_BUNDLE: WrittenOutput = {
  noun: 'the collected evidence',
  elsewhere: 'another directory for temporary files (TMPDIR)',
};
/** Files that `init` writes. */
export const DRAFT_OUTPUT: WrittenOutput = { noun: 'the file', elsewhere: 'another file with --output' };

const REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  ENOENT: ['the directory that shall hold it is not there', 'Make it'],
  ENOSPC: ['no space is left', 'Free space on that file system'],
  EDQUOT: ['the disk quota is used up', 'Free space or raise the quota'],
  EACCES: ['permission denied', 'Give this user write permission on the directory that holds it'],
  EPERM: ['operation not permitted', 'Give this user write permission on the directory that holds it'],
  EROFS: ['the file system is read-only', 'Make it writable'],
  ENOTDIR: ['a part of the path is a file', 'Name a path whose parts are directories'],
  EEXIST: ['a part of the path is a file', 'Name a path whose parts are directories'],
  EISDIR: ['it is a directory', 'Name a path inside it'],
  EBUSY: ['it is in use or a mount point', 'Name a path inside the mount point'],
  EXDEV: ['it is a mount point', 'Name a path inside the mount point'],
  EMFILE: ['too many files are open', 'Raise the limit of open files (ulimit -n)'],
  EIO: ['the disk reported an error', 'Check the disk'],
};

/** An {@link OutputError} for an error of the file system; any other error (a defect) stays what it is. */
export function toOutputError(error: unknown, path: string, output: WrittenOutput): unknown {
  if (error instanceof OutputError) return error;
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return error;
  const [reason, remedy] = REASONS[error.code] ?? [error.code, null];
  const hint = remedy === null ? `Choose ${output.elsewhere}.` : `${remedy}, or choose ${output.elsewhere}.`;
  return new OutputError(`cannot write ${output.noun} to ${JSON.stringify(path)}: ${reason}`, hint, { cause: error });
}
