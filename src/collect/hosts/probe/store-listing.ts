import { listDirectory } from '../../trees/directory-listing.ts';
import { waitingAccess } from '../../trees/file-access.ts';

/** Part of a listing of all files below a directory. */
export interface ListingPage {
  readonly files: readonly { readonly path: string; readonly bytes: number }[];
  readonly isLast: boolean;
}

const FILES_A_PAGE = 1000;
const NEVER = new AbortController().signal;

/**
 * Lists a directory page by page. Waits for each answer of the system: for a process of its own.
 *
 * @param onProgress told of each directory that is opened
 */
export function storeListing(root: string, onProgress: () => void): () => Promise<ListingPage> {
  const access = {
    ...waitingAccess,
    opendir: (path: string | Buffer) => {
      onProgress();
      return waitingAccess.opendir(path);
    },
  };
  const listing = listDirectory({ base: root, access }, NEVER, undefined, '');
  let failure: { readonly error: unknown } | null = null;
  return async () => {
    if (failure !== null) throw failure.error;
    const files: { readonly path: string; readonly bytes: number }[] = [];
    try {
      while (files.length < FILES_A_PAGE) {
        const next = await listing.next();
        if (next.done === true) return { files, isLast: true };
        files.push({ path: next.value.path, bytes: next.value.bytes });
      }
    } catch (error) {
      // What was listed before is told before.
      failure = { error };
    }
    return { files, isLast: false };
  };
}
