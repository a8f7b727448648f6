import { leavesOutData } from '../../../model/left-out-data.ts';
import type { Collection, Estate } from '../../estate.ts';
import { canBeRead } from '../../recorded/recorded-location.ts';
import type { DumpArtifact, LocationContents } from '../artifact-index.ts';
import type { CopiedDatabase } from '../copied-database.ts';
import { recordedIn } from '../copy-candidates.ts';
import { type CopySurvey, isReadWithOthers, surveyCopies } from '../survey-copies.ts';
import { verificationAges } from './ages.ts';
import type { DumpState } from './dump-state.ts';
import type { ReadingPlan, Wish } from './reading-queue.ts';
import { turnOfCopy } from './remembered-store.ts';
import { type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'policy'> & { readonly config: Pick<Collection['config'], 'collect'> };
type Location = LocationContents['location'];

/** Dumps of one database in one location: at depth `mixed` the newest that may count, at `full` all. */
export async function dumpPlan(
  { policy, config }: Access,
  estate: Pick<Estate, 'dumps'>,
  state: DumpState,
  memory: VerificationMemory,
  database: CopiedDatabase,
  location: Location,
): Promise<ReadingPlan> {
  const { depth, verification: settings } = config.collect;
  const ages = verificationAges(policy, database.subject, settings.everyDays, verifiedNow());

  /** Null where one of the copies could not be read: its answer is missing, and more of them would change nothing. */
  const survey = async (): Promise<CopySurvey | null> => {
    const contents = state.of(location);
    const recorded = recordedIn(estate, database, contents);
    try {
      return await surveyCopies(state.current(), database, contents, recorded, ages);
    } catch (error) {
      if (!state.isFailure(error)) throw error;
      return null;
    }
  };

  const nextIn = (found: CopySurvey | null): Wish | null => {
    if (found === null || found.selection.next === null) return null;
    const { index, isDecided } = found.selection.next;
    const artifact = found.newestFirst[index]?.artifact;
    // What came from another host was read there, or is not.
    if (artifact === undefined || !canBeRead(location.tree, artifact.path, 'full')) return null;
    return {
      key: artifact,
      bytes: artifact.bytes,
      isDecided,
      lastReadAt: memory.turnOf({ location }, database.subject.key),
      read: () => state.read(artifact),
      noteTurn: () => memory.noteTurn({ location }, database.subject.key, verifiedNow()),
      next: async () => nextIn(await survey()),
    };
  };

  /** Every copy is asked for by name, so that only its age puts it before or behind another. */
  const wishFor = ({ artifact, verification }: CopySurvey['newestFirst'][number]): Wish => {
    // Of one that is written over each night no reading is left, but when its last turn was.
    const turn = turnOfCopy('copy', artifact.path);
    return {
      key: artifact,
      bytes: artifact.bytes,
      isDecided: false,
      lastReadAt: verification?.verifiedAt ?? memory.turnOf({ location }, turn),
      read: () => state.read(artifact),
      noteTurn: () => {
        for (const owner of [turn, database.subject.key]) memory.noteTurn({ location }, owner, verifiedNow());
      },
      next: async () => null,
    };
  };

  const found = await survey();
  if (depth === 'full') {
    const all = (found?.newestFirst ?? [])
      .filter(({ artifact }) => canBeRead(location.tree, artifact.path, 'full'))
      .filter(({ artifact, fact }) => !isReadWithOthers(artifact) && (fact.integrity === 'incomplete' || isWhole(fact)))
      .map(wishFor);
    return { wishes: all, bytes: all.reduce((bytes, wish) => bytes + wish.bytes, 0) };
  }
  const next = nextIn(found);
  return { wishes: next === null ? [] : [next], bytes: newestOf(found)?.bytes ?? 0 };
}

/** Whether it is meant to hold all of the database. */
function isWhole(fact: CopySurvey['copies'][number]['fact']): boolean {
  return fact.nameAgrees !== false && (fact.scope === 'full' || fact.scope === 'unknown') && !leavesOutData(fact);
}

/** The one that a single pass would read; none where it is read with others. */
function newestOf(survey: CopySurvey | null): DumpArtifact | undefined {
  const [first] = survey?.selection.regarded ?? [];
  const artifact = first === undefined ? undefined : survey?.newestFirst[first]?.artifact;
  return artifact === undefined || isReadWithOthers(artifact) ? undefined : artifact;
}
