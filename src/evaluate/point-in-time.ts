import type { Judgement, Observation } from '../model/control.ts';
import type { Limit } from '../model/policy.ts';
import { counted } from '../model/text.ts';
import { archivesOwnWal } from './archiving.ts';
import { archiveText, arrivalOf } from './arrived-wal.ts';
import { judged } from './define-control.ts';
import { scheduleOf } from './expected-runs.ts';
import { isReplication } from './plan-needs.ts';

type Plan = Observation<'backup-plan'>;
type Archiver = Observation<'archiver'>;
type Archive = Observation<'wal-archive'>;

export interface PointInTimeFacts {
  readonly plans: readonly Plan[];
  readonly archivers: readonly Archiver[];
  readonly archives: readonly Archive[];
}

/** Methods that archive WAL beside their base copies, as plans write them. */
const KEEPS_WAL = /pitr|point.?in.?time|continuous|wal.?arch|wal.?g\b|pg.?backrest|barman/i;

/** What claims that any moment can be restored: the server archives its WAL, a plan promises it, or WAL is kept. */
export function claimOf({ plans, archivers, archives }: PointInTimeFacts): readonly [string, Observation] | null {
  const [archive] = archives;
  if (archive !== undefined) return [`WAL is kept in ${archiveText(archive)}`, archive];
  const plan = plans.find(promisesPointInTime);
  if (plan !== undefined) {
    return [`plan ${plan.value.planId} (${plan.value.method}) promises point-in-time recovery`, plan];
  }
  const archiver = archivers.find(archivesOwnWal);
  return archiver === undefined ? null : ['the server archives its WAL', archiver];
}

function promisesPointInTime(plan: Plan): boolean {
  const { value } = plan;
  if (!value.enabled || isReplication(plan)) return false;
  return KEEPS_WAL.test(value.method) || scheduleOf(value).kind === 'continuous';
}

/**
 * Whether some archive holds WAL without a hole, up to what the server says that it archived.
 *
 * @param limit minutes that a segment may take on its way into the archive
 */
export function judgeWal(facts: PointInTimeFacts, limit: Limit): Judgement {
  const claim = claimOf(facts);
  if (claim === null) return judged('holds', 'point-in-time recovery is not claimed', facts.archivers);
  const [claimed, source] = claim;
  const places = [...Map.groupBy(facts.archives, archiveText).values()];
  if (places.length === 0) {
    const text = `${claimed}, and no configured location shows the WAL that is kept`;
    return judged('unknown', text, [source]);
  }
  const [archiver] = facts.archivers;
  const obstacles = places.map((archives) => holeIn(archives) ?? notUpToDate(archives, archiver, limit));
  const whole = places.find((_, index) => obstacles[index] === null);
  if (whole !== undefined) {
    const [first] = whole;
    return judged('holds', `the WAL in ${first === undefined ? 'the archive' : archiveText(first)} is unbroken`, whole);
  }
  const real = obstacles.filter((obstacle) => obstacle !== null);
  const isOpen = real.some(({ truth }) => truth === 'unknown');
  const because = real.map(({ text }) => text).join('; ');
  return judged(isOpen ? 'unknown' : 'fails', because, facts.archives, real.find((one) => one.limit)?.limit);
}

interface Obstacle {
  readonly truth: 'fails' | 'unknown';
  readonly text: string;
  readonly limit?: Limit;
}

function holeIn(archives: readonly Archive[]): Obstacle | null {
  const broken = archives.find(({ value }) => value.missing > 0);
  if (broken === undefined) return null;
  const { gaps, missing } = broken.value;
  const [gap] = gaps;
  const where = gap === undefined ? '' : gap.first === gap.last ? `: ${gap.first}` : `: ${gap.first} to ${gap.last}`;
  const more = gaps.length > 1 ? `, in ${counted(gaps.length, 'gap')}` : '';
  const are = missing === 1 ? 'is' : 'are';
  const text = `${counted(missing, 'WAL segment')} ${are} missing in ${archiveText(broken)}${where}${more}`;
  return { truth: 'fails', text };
}

/** What the server says that it archived must be there. */
function notUpToDate(archives: readonly Archive[], archiver: Archiver | undefined, limit: Limit): Obstacle | null {
  if (archiver === undefined) return null;
  const arrival = arrivalOf(archives, archiver, limit);
  if (arrival.is !== 'lacking' && arrival.is !== 'on another timeline') return null;
  return { truth: arrival.is === 'lacking' ? 'fails' : 'unknown', text: arrival.because, limit };
}
