import { parentPort, workerData } from 'node:worker_threads';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import { listDirectory } from '../../trees/directory-listing.ts';
import { waitingAccess } from '../../trees/file-access.ts';
import { failureOf } from './failure.ts';
import type { ListingEnd, ListingPart } from './listing-messages.ts';
import { packFiles } from './packed-files.ts';

/*
 * What runs in the thread of listing-threads.ts: lists one local directory, read-only and by the same rules as
 * everywhere, and tells what it finds in parts. Nobody tells it to stop: it is ended.
 */

const FILES_IN_PART = 2048;

function tell(message: ListingPart | ListingEnd): void {
  parentPort?.postMessage(message);
}

async function list(base: string): Promise<void> {
  let files: ArtifactFile[] = [];
  let links: ArtifactFile[] = [];
  const tellPart = (): void => {
    tell({ files: packFiles(files), links });
    files = [];
    links = [];
  };
  const listing = listDirectory(
    { base, access: waitingAccess },
    new AbortController().signal,
    (link) => links.push(link),
    '',
  );
  try {
    for await (const file of listing) {
      files.push(file);
      if (files.length === FILES_IN_PART) tellPart();
    }
  } finally {
    tellPart();
  }
}

const end = await list(String(workerData)).then(
  () => null,
  (error: unknown) => failureOf(error),
);
tell({ end });
