import type { Judgement, Observation } from '../model/control.ts';
import { HOUR, toMillis } from '../model/instant.ts';
import { counted, instantText } from '../model/text.ts';
import { isSegmentName, timelineOf } from '../model/wal-segments.ts';
import { archivesOwnWal, segmentIn } from './archiving.ts';
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

/** Whether some archive holds WAL without a hole, up to what the server says that it archived. */
export function judgeWal(facts: PointInTimeFacts): Judgement {
  const claim = claimOf(facts);
  if (claim === null) return judged('holds', 'point-in-time recovery is not claimed', facts.archivers);
  const [claimed, source] = claim;
  const places = [...Map.groupBy(facts.archives, archiveText).values()];
  if (places.length === 0) {
    const text = `${claimed}, and no configured location shows the WAL that is kept`;
    return judged('unknown', text, [source]);
  }
  const obstacles = places.map((archives) => obstacleIn(archives, facts.archivers[0]));
  const whole = places.find((_, index) => obstacles[index] === null);
  if (whole !== undefined) {
    return judged(
      'holds',
      `the WAL in ${whole[0] === undefined ? 'the archive' : archiveText(whole[0])} is unbroken`,
      whole,
    );
  }
  return judged('fails', obstacles.filter((obstacle) => obstacle !== null).join('; '), facts.archives);
}

function obstacleIn(archives: readonly Archive[], archiver: Archiver | undefined): string | null {
  const broken = archives.find(({ value }) => value.missing > 0);
  if (broken !== undefined) {
    const { gaps, missing } = broken.value;
    const [gap] = gaps;
    const where = gap === undefined ? '' : gap.first === gap.last ? `: ${gap.first}` : `: ${gap.first} to ${gap.last}`;
    const more = gaps.length > 1 ? `, in ${counted(gaps.length, 'gap')}` : '';
    return `${counted(missing, 'WAL segment')} ${missing === 1 ? 'is' : 'are'} missing in ${archiveText(broken)}${where}${more}`;
  }
  return archiver === undefined ? null : endsEarly(archives, archiver);
}

/**
 * What the server says that it archived must be there. Servers are asked before archives are listed; an hour is left
 * for files on their way through a spool.
 */
function endsEarly(archives: readonly Archive[], { value }: Archiver): string | null {
  const archived = value.lastArchivedWal === null ? null : segmentIn(value.lastArchivedWal);
  if (archived === null || value.lastArchivedAt === null || !archivesOwnWal({ value } as Archiver)) return null;
  const line = archives.find((archive) => archive.value.timeline === timelineOf(archived));
  const last = line?.value.lastSegment ?? null;
  const until = line?.value.restorableTo ?? null;
  if (line === undefined || last === null || until === null || !isSegmentName(last) || last >= archived) return null;
  if (toMillis(value.lastArchivedAt) - toMillis(until) <= HOUR) return null;
  return `the WAL in ${archiveText(line)} ends at ${last} of ${instantText(until)}, and the server archived ${archived} at ${instantText(value.lastArchivedAt)}`;
}

function archiveText({ value }: Archive): string {
  return `${value.path} in ${value.location}`;
}
