import { systemClock } from '../../ask.ts';
import type { Collection, Estate } from '../../estate.ts';
import { canBeRead } from '../../recorded/recorded-location.ts';
import type { LocationContents } from '../artifact-index.ts';
import type { ClosedArtifact } from '../closed-artifacts.ts';
import { checksumOf, recordedClosedIn } from '../closed-copies.ts';
import type { CopiedDatabase } from '../copied-database.ts';
import { recordedIn } from '../copy-candidates.ts';
import { isOld, isOldEnough, verificationAges } from './ages.ts';
import type { DumpState } from './dump-state.ts';
import type { ReadingPlan, Wish } from './reading-queue.ts';
import { turnOfCopy } from './remembered-store.ts';
import { type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'policy' | 'signal'> & { readonly config: Pick<Collection['config'], 'collect'> };

/**
 * Files that nobody can look into and of which a run of the database recorded a checksum: at depth `mixed` the newest in
 * a location, at `full` all. Reading them lets the record speak for them.
 */
export async function closedPlan(
  { policy, config, signal }: Access,
  estate: Pick<Estate, 'dumps'>,
  state: DumpState,
  memory: VerificationMemory,
  database: CopiedDatabase,
  contents: LocationContents,
): Promise<ReadingPlan> {
  const { depth, verification } = config.collect;
  const ages = verificationAges(policy, database.subject, verification.everyDays, systemClock());
  const all = recordedClosedIn(database, contents, recordedIn(estate, database, contents)).filter(({ path }) =>
    canBeRead(contents.location.tree, path, 'full'),
  );
  const chosen = depth === 'full' ? all : all.slice(0, 1);
  const wishes: Wish[] = [];
  for (const artifact of chosen) {
    const sum = await memory.sumOf(artifact);
    if (depth !== 'full' && sum !== null && !isOldEnough(sum, ages, false)) continue;
    const turn = depth === 'full' ? turnOfCopy('sum', artifact.path) : `sum ${database.subject.key}`;
    wishes.push({
      key: artifact,
      bytes: artifact.bytes,
      isDecided: sum !== null && !isOld(sum, ages),
      lastReadAt: memory.turnOf(artifact, turn),
      read: () => readSum(artifact, state, memory, signal),
      noteTurn: () => memory.noteTurn(artifact, turn, verifiedNow()),
      next: async () => null,
    });
  }
  return { wishes, bytes: chosen.reduce((bytes, artifact) => bytes + artifact.bytes, 0) };
}

async function readSum(
  artifact: ClosedArtifact,
  state: DumpState,
  memory: VerificationMemory,
  signal: AbortSignal,
): Promise<number> {
  try {
    const sha256 = await checksumOf(artifact, signal);
    await memory.addSum(artifact, { sha256, verifiedAt: verifiedNow() });
    return artifact.bytes;
  } catch (error) {
    signal.throwIfAborted();
    state.noteFailure(artifact, error);
    return 0;
  }
}
