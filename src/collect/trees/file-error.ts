import { SourceError } from '../../model/source-error.ts';

const DENIED = new Set(['EACCES', 'EPERM']);
const ABSENT = new Set(['ENOENT', 'ENOTDIR']);

/** Whether a file or directory was not there (any more). */
export function isAbsent(error: unknown): boolean {
  return ABSENT.has(codeOf(error));
}

/** What a failed file operation means. `where` is the path, safe to print. Error codes: errno(3). */
export function fileError(error: unknown, where: string): SourceError {
  if (error instanceof SourceError) return error;
  const code = codeOf(error);
  const place = JSON.stringify(where);
  if (DENIED.has(code)) {
    const remedy = 'Let the user who runs the audit read it: reading and searching directories, reading files.';
    return new SourceError('unauthorized', `${place} may not be read`, remedy, { cause: error });
  }
  if (ABSENT.has(code)) {
    const remedy = 'Check the path in the configuration, and that the file system is mounted on this host.';
    return new SourceError('unreachable', `${place} does not exist`, remedy, { cause: error });
  }
  if (code === 'ELOOP') {
    const remedy = 'Name the directory in which the file itself lies; symbolic links are not followed.';
    return new SourceError('unsupported', `${place} is a symbolic link`, remedy, { cause: error });
  }
  const remedy = 'Check the file system and the mount it lies on.';
  return new SourceError('unreachable', `${place} cannot be read (${code || 'unknown error'})`, remedy, {
    cause: error,
  });
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return '';
  return typeof error.code === 'string' ? error.code : '';
}
