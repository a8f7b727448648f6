import type { Observation } from '../model/control.ts';
import { GRADES, type Grade } from '../model/evidence.ts';
import { counted } from '../model/text.ts';
import type { Seen } from './fact-view.ts';
import { ofKey } from './kept-by-key.ts';

/** What was seen well enough for a need. */
export interface GradedSeen extends Seen {
  /** What of the rest was set aside and leaves nothing open, for a sentence; absent: nothing. */
  readonly setAside?: string;
}

/** How the blind spot begins that stands for what is known less well than a need asks. */
export const ONLY_DECLARED = 'only declared, not ';

/**
 * Sets aside what is known less well than the need asks, and leaves open what it would tell. A copy that is declared
 * without anybody having looked could be one or not; one that is declared to be incomplete is none either way.
 */
export function strongEnough(seen: Seen, least: Grade): GradedSeen {
  const leastRank = GRADES.indexOf(least);
  if (weakestRank(seen) >= leastRank) return seen;
  const weak = seen.observations.filter((one) => GRADES.indexOf(one.grade) < leastRank);
  const open = weak.filter((one) => !isIncompleteCopy(one));
  const incomplete = weak.length - open.length;
  const count = counted(incomplete, 'copy', 'copies');
  return {
    observations: seen.observations.filter((one) => GRADES.indexOf(one.grade) >= leastRank),
    blindSpots: [...seen.blindSpots, ...(open.length === 0 ? [] : [onlyDeclared(open, least)])],
    ...(incomplete === 0
      ? {}
      : { setAside: `${count} declared as incomplete, which ${incomplete === 1 ? 'counts' : 'count'} for nothing` }),
  };
}

function onlyDeclared(open: readonly Observation[], least: Grade): Seen['blindSpots'][number] {
  const how = open.some(isDeclaredComplete) ? ' (declared as complete)' : '';
  return {
    evidence: null,
    blindSpot: {
      reason: 'not-asked',
      detail: `${ONLY_DECLARED}${least}${how}`,
      remedy: 'Configure a source that can observe it.',
    },
  };
}

/** Of a database, or of files. */
function isIncompleteCopy({ value }: Observation): boolean {
  return ('integrity' in value && value.integrity === 'incomplete') || ('sourcePath' in value && !value.complete);
}

function isDeclaredComplete({ value }: Observation): boolean {
  return 'declaredComplete' in value && value.declaredComplete === true;
}

/** Rank of the weakest grade among what was seen. Lists of the install may be long, and every organization asks. */
function weakestRank({ observations }: Seen): number {
  return observations.length < LONG
    ? rankIn(observations)
    : ofKey(weakestRanks, observations, () => rankIn(observations));
}

/** From how many observations on remembering their weakest grade is cheaper than looking again. */
const LONG = 32;

function rankIn(observations: readonly Observation[]): number {
  let weakest: number = GRADES.length;
  for (const { grade } of observations) weakest = Math.min(weakest, GRADES.indexOf(grade));
  return weakest;
}

const weakestRanks = new WeakMap<readonly Observation[], number>();
