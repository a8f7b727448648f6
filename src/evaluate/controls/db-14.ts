import type { Judgement, Observation, Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { MINUTE, toMillis } from '../../model/instant.ts';
import type { Limit } from '../../model/policy.ts';
import { counted, instantText } from '../../model/text.ts';
import { isSegmentName, segmentNumber } from '../../model/wal-segments.ts';
import { ARCHIVER_PAUSE, backlogOf, failedFile, holdsAllCompleted } from '../archiving.ts';
import { arrivalOf } from '../arrived-wal.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';

const USED_NEEDS = { archivers: need('archiver', 'self', 'either') } as const;
const NEEDS = { ...USED_NEEDS, archives: need('wal-archive', 'self', 'either') } as const;

type Archiver = Observation<'archiver'>;

/**
 * DB-14: where a server archives its WAL, no completed segment waits too long and none that failed waits; and what it
 * reports as archived is in the archive, where one is read. The segment being written is no completed one, so an idle
 * server is healthy, however long ago it archived the last.
 */
export const db14 = defineControl({
  id: 'DB-14',
  title: 'Continuous archiving is healthy',
  failureTitle: 'Completed WAL is not being archived',
  severity: 'high',
  bears: 'recovery',
  subject: 'cluster',
  rationale:
    'What a segment holds can be restored to once it is archived: while segments wait, the recovery point stands still, and the disk of the server fills.',
  remediation:
    "Read the server's log for the error of archive_command or archive_library, repair the target (space, access, network), and watch the archiver catch up: SELECT * FROM pg_stat_archiver. Where the server reports segments as archived that the archive lacks, its archive_command (SHOW archive_command) succeeds without storing them there: such as /bin/true, a script that swallows errors, or a target that is not this archive. Mend it, and take a new base backup.",
  remediationUnknown:
    'Ask the server (SELECT * FROM pg_stat_archiver) and compare with the newest segment in the archive. Name the archive in the configuration (locations), so that the audit sees it.',
  limits: ['archiveWaitMinutes'],
  applies: [
    part({
      name: 'the server archives its WAL',
      needs: USED_NEEDS,
      judge({ archivers }: Observed<typeof USED_NEEDS>) {
        const [archiver] = archivers;
        if (archiver === undefined) return judged('unknown', 'the server did not tell whether it archives its WAL');
        const { mode, currentWal } = archiver.value;
        if (mode === 'off') return judged('fails', 'archive_mode is off: continuous archiving is not used', [archiver]);
        if (currentWal === null) return judged('fails', 'it is a standby, which writes no WAL of its own', [archiver]);
        return judged('holds', `archive_mode is ${mode}`, [archiver]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'no completed segment waits',
      needs: NEEDS,
      judge({ archivers, archives }: Observed<typeof NEEDS>, context) {
        const [archiver] = archivers;
        if (archiver === undefined) return judged('unknown', 'the server did not tell how it archives its WAL');
        const limit = context.limit('archiveWaitMinutes');
        const failed = failedAttempt(archiver);
        if (failed !== null) return regardless(failed, 'archives');
        const told = waits(archiver, archives, limit);
        if (told.truth === 'fails') return told;
        const arrival = arrivalOf(archives, archiver, limit);
        switch (arrival.is) {
          case 'lacking':
            return judged('fails', arrival.because, [archiver, ...arrival.cites], limit);
          case 'on another timeline':
            return judged('unknown', arrival.because, [archiver, ...arrival.cites], limit);
          case 'there':
            return told.truth === 'holds' ? regardless(told, 'archives') : told;
          case 'on its way':
            return told.truth === 'holds' ? { ...told, because: `${told.because}; ${arrival.because}` } : told;
          default:
            return told.truth === 'holds' && archives.length === 0 ? byItsWordAlone(told, archiver) : told;
        }
      },
    }),
  ],
});

/** What waits by the server's own statistics; where they do not tell, by what the archive holds. */
function waits(archiver: Archiver, archives: readonly Observation<'wal-archive'>[], limit: Limit): Judgement {
  const { lastArchivedWal } = archiver.value;
  if (lastArchivedWal !== null && isSegmentName(lastArchivedWal)) {
    const told = byStatistics(archiver, limit);
    return told.truth === 'fails' ? regardless(told, 'archives') : told;
  }
  const told = withoutSegment(archiver, limit);
  if (told.truth === 'holds') return told;
  const whole = archives.find(({ value }) => holdsAllCompleted(value, archiver.value));
  if (whole === undefined) return told;
  const { path, location } = whole.value;
  return judged('holds', `every completed segment is in ${path} in ${location}`, [archiver, whole], limit);
}

/** Nothing that was archived need be looked for where the server archived nothing yet. */
function byItsWordAlone(told: Judgement, { value }: Archiver): Judgement {
  if (value.lastArchivedWal === null) return regardless(told, 'archives');
  return {
    ...told,
    because: `${told.because}; no place that was read shows its WAL, so this is by its own word alone`,
  };
}

/** A file whose last attempt failed, and that nothing archived since: the archiver goes on with no other before it. */
function failedAttempt(archiver: Archiver): Judgement | null {
  const { lastArchivedWal, lastFailedAt, failedCount } = archiver.value;
  const failed = failedFile(archiver.value);
  if (failed === null || lastFailedAt === null) return null;
  const text = `${failed} waits: archiving it failed, last at ${instantText(lastFailedAt)} (${counted(failedCount, 'failed attempt')})`;
  // Names sort by timeline and position. One from before the last success is stuck or was settled by hand.
  const isOlder = lastArchivedWal !== null && failed.slice(0, 24) < lastArchivedWal.slice(0, 24);
  if (!isOlder) return judged('fails', text, [archiver]);
  const doubt = `archiving ${failed} failed at ${instantText(lastFailedAt)}, and ${lastArchivedWal}, which comes later, was archived before that`;
  return judged('unknown', doubt, [archiver]);
}

/** The last archived file is a segment: what was completed after it waits. */
function byStatistics(archiver: Archiver, limit: Limit): Judgement {
  const { lastArchivedWal, lastArchivedAt } = archiver.value;
  const now = toMillis(archiver.collectedAt);
  const allowed = limit.value * MINUTE;
  const backlog = backlogOf(archiver.value, now);
  if (backlog === null || lastArchivedAt === null) {
    return judged('unknown', 'the statistics of the archiver contradict themselves', [archiver], limit);
  }
  const last = `${lastArchivedWal} was archived at ${instantText(lastArchivedAt)}`;
  const { waiting, atLeast, atMost } = backlog;
  if (waiting === 0) return judged('holds', `${last}, and no segment was completed since`, [archiver], limit);
  const text = `${last}, and ${counted(waiting, 'completed segment')} ${waiting === 1 ? 'waits' : 'wait'}`;
  if (atMost <= allowed) return judged('holds', `${text}, for less than ${limit.text}`, [archiver], limit);
  if (atLeast > allowed) return judged('fails', `${text}, for longer than ${limit.text}`, [archiver], limit);
  if (now - toMillis(lastArchivedAt) <= allowed) {
    return judged('holds', `${text}; the archiver is at work`, [archiver], limit);
  }
  const isJustDone = atLeast < ARCHIVER_PAUSE && archiver.value.checkpointAt != null;
  if (isJustDone) return judged('unknown', `${text}; it may have been completed just now`, [archiver], limit);
  return judged('fails', `${text}; nothing was archived for more than ${limit.text}`, [archiver], limit);
}

/** The last archived file is none that tells how far the archiver is: after a reset, a base backup or a promotion. */
function withoutSegment(archiver: Archiver, limit: Limit): Judgement {
  const facts = archiver.value;
  const now = toMillis(archiver.collectedAt);
  const allowed = limit.value * MINUTE;
  const cites = [archiver];
  if (facts.lastArchivedWal === null || facts.lastArchivedAt === null) {
    if (noneCompleted(facts)) return judged('holds', 'no segment was completed yet that could wait', cites, limit);
    const since = facts.statisticsSince === null ? '' : ` since ${instantText(facts.statisticsSince)}`;
    const text = `its statistics tell of no archived segment${since}, so whether one waits is not known; the next one that is archived tells`;
    return judged('unknown', text, cites, limit);
  }
  const last = `${facts.lastArchivedWal} was archived at ${instantText(facts.lastArchivedAt)}`;
  const backlog = backlogOf(facts, now);
  if (backlog?.waiting === 0) return judged('holds', `${last}, and no segment was completed since`, cites, limit);
  if (backlog !== null && backlog.atMost <= allowed) {
    return judged('holds', `${last}, and no segment waits for ${limit.text}`, cites, limit);
  }
  if (now - toMillis(facts.lastArchivedAt) <= allowed) {
    return judged('holds', `${last}; the archiver is at work`, cites, limit);
  }
  return judged('unknown', `${last}, which does not tell whether a segment waits since`, cites, limit);
}

/** The first segment of a cluster is number 1; after a reset of the statistics, the latest checkpoint may tell. */
function noneCompleted(facts: Facts['archiver']): boolean {
  const { currentWal, segmentBytes, checkpointWal, checkpointAt, statisticsSince } = facts;
  if (currentWal === null || !isSegmentName(currentWal)) return false;
  if (segmentNumber(currentWal, segmentBytes) <= 1) return true;
  if (checkpointWal == null || checkpointAt == null || statisticsSince === null) return false;
  return checkpointWal === currentWal && checkpointAt <= statisticsSince;
}
