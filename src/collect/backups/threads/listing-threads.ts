import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { SourceError } from '../../../model/source-error.ts';
import { interruption } from '../../guard/interruption.ts';
import type { ArtifactFile } from '../../trees/artifact-tree.ts';
import { errorOf } from './failure.ts';
import type { ListingEnd, ListingPart } from './listing-messages.ts';
import { type ToldOfLinked, unpackFiles } from './packed-files.ts';

/** What a tree holds. */
export interface Listing {
  readonly files: ArtifactFile[];
  /** Symbolic links that lead out of it, and what is neither file nor link. */
  readonly links: ArtifactFile[];
  /** What was thrown where it is not all there is; null where it is. */
  readonly failure: { readonly error: unknown } | null;
}

const PROGRAM = new URL(`./listing-thread${extname(import.meta.url)}`, import.meta.url);
/** A part at a time is all that the thread holds. */
const LIMITS = { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 2 };

/**
 * Lists a local directory in a thread of its own, which may wait for each answer of the system: several times as fast
 * as the thread that asks all other sources could, and a mount that never answers holds up nothing else.
 *
 * @param root as an absolute path
 * @param program what the thread runs
 */
export async function listInThread(root: string, signal: AbortSignal, program: URL = PROGRAM): Promise<Listing> {
  const files: ArtifactFile[] = [];
  const links: ArtifactFile[] = [];
  const linked: ToldOfLinked = new Map();
  const failure = await new Promise<Error | null>((resolve) => {
    if (signal.aborted) {
      resolve(interruption(signal, root));
      return;
    }
    // Neither what this process was started with nor its environment, which may hold secrets, is a thread's business.
    const worker = new Worker(program, { execArgv: [], env: {}, resourceLimits: LIMITS, workerData: root });
    const finish = (why: Error | null): void => {
      signal.removeEventListener('abort', abort);
      worker.removeAllListeners('message');
      void worker.terminate();
      resolve(why);
    };
    const abort = (): void => finish(interruption(signal, root));
    signal.addEventListener('abort', abort, { once: true });
    worker.on('message', (message: ListingPart | ListingEnd) => {
      if ('end' in message) {
        finish(message.end === null ? null : errorOf(message.end));
        return;
      }
      for (const file of unpackFiles(message.files, linked)) files.push(file);
      links.push(...message.links);
    });
    worker.on('error', (error: unknown) =>
      finish(endedBy(root, error instanceof Error ? error.name : 'unknown error')),
    );
    worker.on('exit', (code) => finish(endedBy(root, `exit code ${code}`)));
  });
  return { files, links, failure: failure === null ? null : { error: failure } };
}

function endedBy(root: string, why: string): SourceError {
  return new SourceError(
    'unsupported',
    `listing ${JSON.stringify(root)} ended the thread that listed it (${why})`,
    'Give the audit more memory, and report it to the makers of this program: no directory may do that.',
  );
}
