import { systemClock } from '../../ask.ts';
import type { Collection } from '../../estate.ts';
import { canBeRead } from '../../recorded/recorded-location.ts';
import type { DumpArtifact, LocationContents } from '../artifact-index.ts';
import { clusterDumpsIn } from '../cluster-dumps.ts';
import { isOld, isOldEnough, verificationAges } from './ages.ts';
import type { DumpState } from './dump-state.ts';
import { nextReading, type SelectedCopy } from './next-reading.ts';
import type { ReadingPlan, Wish } from './reading-queue.ts';
import { turnOfCopy } from './remembered-store.ts';
import { type Verification, type VerificationMemory, verifiedNow } from './verification-memory.ts';

type Access = Pick<Collection, 'policy'> & { readonly config: Pick<Collection['config'], 'collect'> };
type Location = LocationContents['location'];

/** Whose turn it is where outputs of pg_dumpall lie: they are of no database alone. */
const CLUSTER_DUMPS = 'pg_dumpall';

/** Outputs of pg_dumpall: at depth `mixed` the newest of each location, and behind a damaged one the next; at `full` all. */
export async function clusterDumpPlan(
  { policy, config }: Access,
  state: DumpState,
  memory: VerificationMemory,
): Promise<ReadingPlan> {
  const { depth, verification } = config.collect;
  const ages = verificationAges(policy, null, verification.everyDays, systemClock());

  const wishFor = (artifact: DumpArtifact, turn: string, isDecided: boolean, next: Wish['next']): Wish => ({
    key: artifact,
    bytes: artifact.bytes,
    isDecided,
    lastReadAt: memory.turnOf(artifact, turn),
    read: () => state.read(artifact),
    noteTurn: () => memory.noteTurn(artifact, turn, verifiedNow()),
    next,
  });

  const nextIn = async (location: Location): Promise<Wish | null> => {
    const newestFirst = clusterDumpsIn(state.of(location));
    const known: SelectedCopy[] = [];
    for (const artifact of newestFirst) {
      let verification: Verification | null;
      try {
        verification = await state.current().readings.of(artifact);
      } catch (error) {
        if (!state.isFailure(error)) throw error;
        return null;
      }
      known.push({
        structure: { integrity: 'unproven', holdsAll: true, nameAgrees: true },
        verified: verification === null || isOld(verification, ages) ? null : assessed(verification),
        isDue: verification !== null && isOldEnough(verification, ages, verification.outcome === 'damaged'),
        hasChecksum: false,
        isReadWithOthers: false,
      });
    }
    const { next } = nextReading(known);
    const artifact = next === null ? undefined : newestFirst[next.index];
    if (next === null || artifact === undefined || !canBeRead(location.tree, artifact.path, 'full')) return null;
    return wishFor(artifact, CLUSTER_DUMPS, next.isDecided, async () => {
      await state.refresh();
      return nextIn(location);
    });
  };

  const wishes: Wish[] = [];
  let bytes = 0;
  for (const contents of state.current().dumps) {
    const own = clusterDumpsIn(contents).filter(({ path }) => canBeRead(contents.location.tree, path, 'full'));
    if (depth === 'full') {
      wishes.push(...own.map((one) => wishFor(one, turnOfCopy('copy', one.path), false, async () => null)));
      bytes += own.reduce((sum, one) => sum + one.bytes, 0);
      continue;
    }
    const next = await nextIn(contents.location);
    if (next !== null) wishes.push(next);
    bytes += own[0]?.bytes ?? 0;
  }
  return { wishes, bytes };
}

/** Only a whole one ends the search: what could not be read to its end may hold anything. */
function assessed({ outcome }: Verification): SelectedCopy['verified'] {
  const integrity = ({ whole: 'complete', damaged: 'incomplete', unproven: 'unproven' } as const)[outcome];
  return { integrity, holdsAll: outcome === 'whole', nameAgrees: true };
}
