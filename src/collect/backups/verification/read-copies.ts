import type { ReadingSummary } from '../../../model/bundle.ts';
import type { Collection, Estate } from '../../estate.ts';
import { recordedClosedIn } from '../closed-copies.ts';
import type { CopiedDatabase } from '../copied-database.ts';
import { recordedIn } from '../copy-candidates.ts';
import { placesOf } from '../database-copies.ts';
import { closedPlan } from './closed-wishes.ts';
import { type ClusterCopies, createClusterCopyState } from './cluster-copy-state.ts';
import { clusterCopyPlan } from './cluster-copy-wishes.ts';
import { clusterDumpPlan } from './cluster-dump-wishes.ts';
import { createDumpState, type Dumps } from './dump-state.ts';
import { dumpPlan } from './dump-wishes.ts';
import { createReadingQueue, type ReadingPlan } from './reading-queue.ts';
import type { VerificationBudget } from './verification-budget.ts';
import type { VerificationMemory } from './verification-memory.ts';

type Access = Pick<Collection, 'asker' | 'signal' | 'policy' | 'secret'> & {
  readonly config: Pick<Collection['config'], 'collect'>;
};
type Copies = Dumps & ClusterCopies;

/** How copies are read to their end in one run. */
export interface ReadingSession {
  readonly memory: VerificationMemory;
  readonly budget: VerificationBudget;
  readonly progress: (done: number, total: number) => void;
}

export interface CopyReadings {
  /** What was read and left so far. */
  summary(): Omit<ReadingSummary, 'notes'>;
  /** Plans what to read of all copies, then reads it while the budget lasts. @throws only when interrupted */
  read(databases: AsyncIterable<CopiedDatabase>): Promise<void>;
  /** The copies by all that is known of them by now. */
  current(): Promise<Pick<Estate, 'dumps' | 'dumpsByName' | 'readings' | 'physical'>>;
}

/** Copies that are read at the same time at most: what limits is the processor, as data are decompressed. */
const MOST_AT_ONCE = 8;

/**
 * Reads copies to their end: at depth `mixed` the newest of each database, of each cluster and of what holds several
 * databases, in each location; at `full` all. The order is made before anything is read, and is one for all kinds of
 * copies, as is the budget.
 */
export function createCopyReadings(collection: Access, estate: Copies, session: ReadingSession): CopyReadings {
  const { memory, budget } = session;
  const { depth, concurrency, verification: settings } = collection.config.collect;
  const queue = createReadingQueue(collection.signal);
  const dumps = createDumpState(collection, estate, memory, queue.isLeft);
  const clusters = createClusterCopyState(collection, estate, memory, queue.isLeft);

  const plans = async (databases: AsyncIterable<CopiedDatabase>): Promise<readonly ReadingPlan[]> => {
    const all = [await clusterDumpPlan(collection, dumps, memory), await clusterCopyPlan(collection, clusters, memory)];
    for await (const database of databases) {
      for (const contents of placesOf(estate, database)) {
        all.push(
          await dumpPlan(collection, estate, dumps, memory, database, contents.location),
          await closedPlan(collection, estate, dumps, memory, database, contents),
        );
      }
    }
    return all;
  };

  /** Whose files that nobody can look into are must be known before the first database without a copy is met. */
  const noteRecorded = async (databases: AsyncIterable<CopiedDatabase>): Promise<void> => {
    if (estate.dumps.every(({ closed }) => closed.unclaimed().length === 0)) return;
    for await (const database of databases) {
      for (const contents of placesOf(estate, database)) {
        recordedClosedIn(database, contents, recordedIn(estate, database, contents));
      }
    }
  };

  return {
    summary: () => ({ depth, ...queue.summary() }),
    async current() {
      await dumps.refresh();
      const { readings, dumps: contents, dumpsByName } = dumps.current();
      return { readings, dumps: contents, dumpsByName, physical: clusters.matched() };
    },
    async read(databases) {
      await dumps.refresh();
      await clusters.recall();
      if (depth === 'structure') {
        await noteRecorded(databases);
        return;
      }
      const planned = await plans(databases);
      const wishes = planned.flatMap((plan) => plan.wishes);
      const bytes = planned.reduce((sum, plan) => sum + plan.bytes, 0);
      const { everyDays } = settings;
      const share = everyDays === undefined ? budget : budget.share(Math.ceil(bytes / everyDays));
      let done = 0;
      await queue.serve(wishes, share, Math.min(concurrency, MOST_AT_ONCE), () => {
        done += 1;
        session.progress(done, wishes.length);
      });
    },
  };
}
