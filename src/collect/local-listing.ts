import { createHostProbe, type HostProbe, hostProbe } from './hosts/probe/host-probe.ts';
import type { ListingPage } from './hosts/probe/store-listing.ts';

/** Processes that have listed one store and may list another. */
const idle: HostProbe[] = [];

/**
 * All files below a directory of the install host, by a process that lists nothing else meanwhile: a share that hangs
 * under a listing keeps no other store waiting.
 *
 * @throws SourceError after everything that could be listed, where something could not
 */
export async function* localListing(
  root: string,
  signal: AbortSignal,
): AsyncGenerator<ListingPage['files'], void, undefined> {
  // A share that is known to hang, or not to be mounted, takes no process.
  await hostProbe.ask({ ask: 'directory', path: root }, signal);
  const probe = idle.pop() ?? createHostProbe();
  let isWhole = false;
  try {
    for (let isFirst = true; !isWhole; isFirst = false) {
      const page = await probe.ask({ ask: 'listing', path: root, isFirst }, signal);
      yield page.files;
      isWhole = page.isLast;
    }
  } finally {
    if (isWhole) idle.push(probe);
    else probe.close();
  }
}
