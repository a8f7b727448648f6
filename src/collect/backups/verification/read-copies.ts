import type { ReadingSummary } from '../../../model/bundle.ts';
import { toInstant } from '../../../model/instant.ts';
import { createLimiter } from '../../concurrency.ts';
import type { Collection, Estate } from '../../estate.ts';
import { type DumpArtifact, type LocationContents, readToEnd } from '../artifact-index.ts';
import { recordedIn } from '../copy-candidates.ts';
import { placesOf } from '../database-copies.ts';
import { type CopiedDatabase, type CopySurvey, surveyCopies, verificationAges } from '../survey-copies.ts';
import { inReadingOrder, type Turn } from './reading-order.ts';
import type { Readings } from './readings.ts';
import type { VerificationBudget } from './verification-budget.ts';
import { type Verification, type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'signal' | 'policy'> & { readonly config: Pick<Collection['config'], 'collect'> };
type Dumps = Pick<Estate, 'dumps' | 'dumpsByName' | 'databaseServers'>;

/** How copies are read to their end in one run. */
export interface ReadingSession {
  readonly memory: VerificationMemory;
  readonly budget: VerificationBudget;
  readonly progress: (done: number, total: number) => void;
}

export interface CopyReadings {
  readonly readings: Readings;
  /** What was read and left so far. */
  summary(): Omit<ReadingSummary, 'notes'>;
  /** Plans what to read of all databases, then reads it while the budget lasts. @throws only when interrupted */
  read(databases: AsyncIterable<CopiedDatabase>): Promise<void>;
}

interface Wish extends Turn {
  readonly database: CopiedDatabase;
  readonly contents: LocationContents;
  readonly artifact: DumpArtifact;
}

/** Copies that are read at the same time at most: what limits is the processor, as data are decompressed. */
const MOST_AT_ONCE = 8;

/**
 * Reads copies to their end: at depth `mixed` the newest of each database in each location, at `full` all. The order is
 * made before anything is read, as the budget is one for the whole run.
 */
export function createCopyReadings(collection: Access, estate: Dumps, session: ReadingSession): CopyReadings {
  const { memory } = session;
  let { budget } = session;
  const { depth, concurrency, verification: settings } = collection.config.collect;
  const failures = new Map<DumpArtifact, unknown>();
  const running = new Map<DumpArtifact, Promise<void>>();
  const left = new Set<DumpArtifact>();
  let leftUnproven = 0;
  let readBytes = 0;

  const readings: Readings = {
    async of(artifact) {
      if (failures.has(artifact)) throw failures.get(artifact);
      return memory.of(artifact);
    },
    isLeft: (artifact) => left.has(artifact),
  };
  const dumps = { ...estate, readings };
  const startedAt = verifiedNow();

  /** Null where one of the copies could not be read: its answer is missing, and more of them would change nothing. */
  const survey = async (database: CopiedDatabase, contents: LocationContents): Promise<CopySurvey | null> => {
    const recorded = recordedIn(estate, database, contents);
    const ages = verificationAges(collection.policy, database.subject, settings.everyDays, startedAt);
    try {
      return await surveyCopies(dumps, database, contents, recorded, ages);
    } catch (error) {
      if (![...failures.values()].includes(error)) throw error;
      return null;
    }
  };

  const nextWish = async (database: CopiedDatabase, contents: LocationContents): Promise<Wish | null> => {
    const found = await survey(database, contents);
    if (found === null || found.selection.next === null) return null;
    const { index, isDecided } = found.selection.next;
    const artifact = found.newestFirst[index]?.artifact;
    if (artifact === undefined) return null;
    const lastReadAt = memory.turnOf(contents, database.subject.key);
    return { database, contents, artifact, isDecided, lastReadAt };
  };

  const allWishes = async (database: CopiedDatabase, contents: LocationContents): Promise<readonly Wish[]> => {
    const found = await survey(database, contents);
    return (found?.newestFirst ?? [])
      .filter(({ fact }) => fact.integrity === 'incomplete' || isMeantWhole(fact))
      .map(({ artifact, verification }) => ({
        database,
        contents,
        artifact,
        // Every copy is asked for by name, so that only its age puts it before or behind another.
        isDecided: false,
        lastReadAt: verification?.verifiedAt ?? null,
      }));
  };

  const readOne = async (artifact: DumpArtifact): Promise<void> => {
    try {
      const verification = await verify(artifact, collection.signal);
      const taken = verification.reading?.bytesRead ?? artifact.bytes;
      budget.settle(artifact.bytes, taken);
      readBytes += taken;
      await memory.add(artifact, verification);
    } catch (error) {
      collection.signal.throwIfAborted();
      failures.set(artifact, error);
    }
  };

  /** @returns false where the budget left it for a later run */
  const granted = async ({ artifact, isDecided }: Wish): Promise<boolean> => {
    const known = running.get(artifact);
    if (known !== undefined) {
      await known;
      return true;
    }
    if (!budget.take(artifact.bytes)) {
      if (!left.has(artifact) && !isDecided) leftUnproven += 1;
      left.add(artifact);
      return false;
    }
    const reading = readOne(artifact);
    running.set(artifact, reading);
    await reading;
    return true;
  };

  const serve = async (first: Wish): Promise<void> => {
    for (let wish: Wish | null = first; wish !== null; ) {
      collection.signal.throwIfAborted();
      if (!(await granted(wish))) return;
      const { database, contents }: Wish = wish;
      memory.noteTurn(contents, database.subject.key, verifiedNow());
      wish = depth === 'full' ? null : await nextWish(database, contents);
    }
  };

  return {
    readings,
    summary: () => ({ depth, read: running.size, readBytes, left: left.size, leftUnproven }),
    async read(databases) {
      if (depth === 'structure') return;
      const wishes: Wish[] = [];
      let bytes = 0;
      for await (const database of databases) {
        for (const contents of placesOf(estate, database)) {
          const own = depth === 'full' ? await allWishes(database, contents) : [await nextWish(database, contents)];
          const present = own.filter((wish) => wish !== null);
          wishes.push(...present);
          if (settings.everyDays === undefined) continue;
          bytes += depth === 'full' ? sum(present) : newestBytes(await survey(database, contents));
        }
      }
      if (settings.everyDays !== undefined) budget = budget.share(Math.ceil(bytes / settings.everyDays));
      const limit = createLimiter(Math.min(concurrency, MOST_AT_ONCE));
      let done = 0;
      const served = inReadingOrder(wishes).map((wish) =>
        limit(async () => {
          await serve(wish);
          done += 1;
          session.progress(done, wishes.length);
        }),
      );
      try {
        await Promise.all(served);
      } finally {
        // Nothing is added to the memory any more once this has ended.
        await Promise.allSettled(served);
      }
    },
  };
}

function isMeantWhole({ nameAgrees, scope, tablesWithoutRows }: CopySurvey['copies'][number]['fact']): boolean {
  return nameAgrees !== false && (scope === 'full' || scope === 'unknown') && tablesWithoutRows.length === 0;
}

function sum(wishes: readonly Wish[]): number {
  return wishes.reduce((bytes, { artifact }) => bytes + artifact.bytes, 0);
}

function newestBytes(survey: CopySurvey | null): number {
  const [first] = survey?.selection.regarded ?? [];
  return first === undefined ? 0 : (survey?.newestFirst[first]?.artifact.bytes ?? 0);
}

async function verify(artifact: DumpArtifact, signal: AbortSignal): Promise<Omit<Verification, 'isNew'>> {
  const recognition = await readToEnd(artifact, signal);
  const verifiedAt = toInstant(Date.now());
  if (recognition.kind !== 'dump') {
    return { outcome: 'damaged', because: recognition.what, reading: null, verifiedAt };
  }
  const { reading } = recognition;
  const { state, because } = reading.integrity;
  const outcome = ({ complete: 'whole', incomplete: 'damaged', unproven: 'unproven' } as const)[state];
  return { outcome, because, reading, verifiedAt };
}
