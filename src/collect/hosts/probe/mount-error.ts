import { SourceError } from '../../../model/source-error.ts';

/** Told of the mount itself: whatever lies there, nothing can be seen of it. */
export class MountError extends SourceError {}

/** Whether nothing at all can be seen of a path, as its file system hangs or is not mounted. */
export function isOfMount(error: SourceError): boolean {
  return error instanceof MountError;
}

/** @param statedIn what names the mount point, as people call it */
export function notMounted(path: string, point: string, statedIn: string): SourceError {
  return new MountError(
    'unreachable',
    `${JSON.stringify(path)} lies at the mount point ${JSON.stringify(point)} of ${statedIn}, where nothing is mounted`,
    `Mount it (mount ${point}) and run the audit again: the empty directory below it says nothing.`,
  );
}
