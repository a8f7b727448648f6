import type { JudgeContext, Observation, Observed } from '../../model/control.ts';
import { HOUR, toMillis } from '../../model/instant.ts';
import { bytesText, counted } from '../../model/text.ts';
import { copyText } from '../copies.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { leftOutObjects } from '../left-out-objects.ts';
import { missingTables } from '../missing-tables.ts';
import {
  byLocation,
  canCount,
  isForeign,
  isFromTheFuture,
  isOfCluster,
  judgeable,
  newestFirst,
  possibleCopies,
} from '../possible-copies.ts';
import { passing } from '../remembered.ts';

const EXISTS_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const COPIES = need('copy', 'self', 'either', { readableOnly: true });
const SIZE_NEEDS = { copies: COPIES } as const;
const LIVE_SIZE_NEEDS = { copies: COPIES, states: need('database-state', 'self', 'either') } as const;
const TABLE_NEEDS = { copies: COPIES, catalogues: need('catalogue', 'self', 'either') } as const;

/** How many earlier copies the median is taken over, and how many there must be. */
const COMPARED = 10;
const COMPARED_AT_LEAST = 3;
/** An empty PostgreSQL database takes about 8 MiB; sizes below twice that say nothing. */
const EMPTY_DATABASE = 16 * 1024 * 1024;
/** Indexes, bloat and compression together shrink a dump to a fiftieth or a hundredth of the live files, not further. */
const SMALLEST_FRACTION = 1 / 500;

/** DB-8: the newest copy is about as large as it should be and holds the tables that exist. */
export const db8 = defineControl({
  id: 'DB-8',
  title: 'The newest copy has a plausible size',
  failureTitle: 'The newest copy is implausibly small or lacks tables',
  severity: 'medium',
  bears: 'protection',
  subject: 'database',
  rationale:
    'A dump of an emptied database, or of one schema of many, is complete by its own rules. Only comparison with earlier copies and with the live database shows it.',
  remediation:
    'List what the copy holds (pg_restore --list NAME.dump) and compare it with the live database (\\dt *.* in psql). Correct options of the plan that leave out schemas or tables.',
  limits: ['shrinkToFraction'],
  applies: [
    part({
      name: 'a copy lies there',
      needs: EXISTS_NEEDS,
      judge(observed: Observed<typeof EXISTS_NEEDS>, context) {
        const copy = observed.copies.find((one) => isComparable(one, context));
        if (copy !== undefined) return judged('holds', 'a copy lies there', [copy]);
        return judged('fails', 'there is no undamaged copy whose size could be compared');
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'not shrunk',
      needs: SIZE_NEEDS,
      judge(observed: Observed<typeof SIZE_NEEDS>, context) {
        const limit = context.limit('shrinkToFraction');
        const comparable = passing(observed.copies, (copy) => isComparable(copy, context));
        const { copies: open, unopened } = judgeable(comparable);
        // Of a copy that nobody can look into the size is known all the same.
        const groups = [...byLocation(open), ...byLocation(comparable.filter((copy) => !open.includes(copy)))];
        const compared = groups.map((copies) => ({ copy: copies[0], median: medianOfEarlier(copies) }));
        const empty = compared.find(({ copy }) => copy.value.bytes === 0 && !isSnapshot(copy));
        if (empty !== undefined) return judged('fails', `${copyText(empty.copy)} is empty`, [empty.copy], limit);
        const shrunk = compared.find(
          ({ copy, median }) => median !== null && !isSnapshot(copy) && copy.value.bytes < median * limit.value,
        );
        if (shrunk !== undefined) {
          const text = `${copyText(shrunk.copy)} has ${bytesText(shrunk.copy.value.bytes)}, the ones before it ${bytesText(shrunk.median ?? 0)} (median); less than ${limit.text} of that is implausible`;
          return judged('fails', text, [shrunk.copy], limit);
        }
        const first = compared[0];
        if (first === undefined) return judged('unknown', 'there is no copy to compare');
        const before = compared.every(({ median }) => median === null)
          ? `; fewer than ${COMPARED_AT_LEAST} earlier ones to compare it with`
          : '; it has not shrunk';
        const size = isSnapshot(first.copy) ? SIZE_NOT_TOLD : `has ${bytesText(first.copy.value.bytes)}${before}`;
        return judged(
          'holds',
          `${copyText(first.copy)} ${size}${unopened}`,
          compared.map(({ copy }) => copy),
          limit,
        );
      },
    }),
    part({
      name: 'in proportion to the live database',
      needs: LIVE_SIZE_NEEDS,
      judge(observed: Observed<typeof LIVE_SIZE_NEEDS>, context) {
        const copy = newestIn(observed.copies, context);
        const live = observed.states[0];
        const size = live?.value.sizeBytes ?? null;
        // Its size says nothing about one of the databases inside, whatever that database's own is.
        if (copy !== undefined && isOfCluster(copy)) return judged('holds', WHOLE_CLUSTER(copy), [copy]);
        if (copy === undefined || live === undefined || size === null) {
          return judged('unknown', 'the size of the live database is not known');
        }
        const least = Math.max(0, size - EMPTY_DATABASE) * SMALLEST_FRACTION;
        const text = `the live database has ${bytesText(size)}`;
        if (copy.value.bytes >= least) return judged('holds', text, [copy, live]);
        return judged('fails', `${copyText(copy)} has ${bytesText(copy.value.bytes)}; ${text}`, [copy, live]);
      },
    }),
    part({
      name: 'tables are present',
      needs: TABLE_NEEDS,
      judge(observed: Observed<typeof TABLE_NEEDS>, context) {
        const copy = newestIn(observed.copies, context);
        const live = observed.catalogues[0];
        if (copy === undefined || live === undefined) return judged('unknown', 'the live catalogue is not known');
        if (isOfCluster(copy)) return judged('holds', WHOLE_CLUSTER(copy), [copy, live]);
        const tables = live.value.tables.length;
        const { tablesComplete, tableOids, tableNames } = copy.value;
        if (tables > 0 && (!tablesComplete || (tableOids === null && tableNames === null))) {
          return judged('unknown', `which tables ${copyText(copy)} holds was not read`, [copy, live]);
        }
        const missing = missingTables(copy, observed.catalogues);
        const [example] = missing.certain;
        if (example !== undefined) {
          const count = counted(missing.certain.length, 'table');
          return judged('fails', `${copyText(copy)} lacks ${count} of the live database, such as ${example}`, [
            copy,
            live,
          ]);
        }
        if (missing.doubtful) {
          const text = `${copyText(copy)} lacks ${missing.later} of the ${tables} tables of the live database; they may be newer than the copy`;
          return judged('unknown', text, [copy, live]);
        }
        const objects = leftOutObjects(copy, observed.catalogues);
        if (objects.certain.length > 0) {
          return judged('fails', `${copyText(copy)} lacks ${objects.certain.join(', ')} of the live database`, [
            copy,
            live,
          ]);
        }
        if (objects.doubtful.length > 0) {
          const text = `${copyText(copy)} lacks ${objects.doubtful.join(', ')} of the live database, which may be newer than the copy`;
          return judged('unknown', text, [copy, live]);
        }
        return judged('holds', `it holds the tables of the live catalogue that existed then`, [copy, live]);
      },
    }),
  ],
});

/**
 * What a listing of snapshots tells is at most the space that one takes for itself, which is nothing while nothing was
 * changed since (zfsprops(7), `used`).
 */
function isSnapshot(copy: Observation<'copy'>): boolean {
  return copy.value.method === 'filesystem-snapshot';
}

const SIZE_NOT_TOLD = 'is a snapshot, which takes no space for what was not changed since: its size says nothing';

/** Its size follows from all databases and from what an incremental copy builds on. */
const WHOLE_CLUSTER = (copy: Observation<'copy'>): string => `${copyText(copy)} holds the whole cluster`;

/** An empty file is damaged, and its size is the first thing that shows it. A young one may be about to be written. */
function isComparable(copy: Observation<'copy'>, context: JudgeContext): boolean {
  if (canCount(copy, context.asOf)) return true;
  const { bytes, modifiedAt } = copy.value;
  const age = toMillis(context.asOf) - toMillis(modifiedAt);
  return bytes === 0 && age > HOUR && !isForeign(copy) && !isFromTheFuture(copy, context.asOf);
}

function newestIn(copies: readonly Observation<'copy'>[], context: JudgeContext): Observation<'copy'> | undefined {
  return newestFirst(possibleCopies(copies, context.asOf).copies)[0];
}

/** Median size of the copies before the newest one, made by the same method in the same format; null where too few. */
function medianOfEarlier(copies: readonly [Observation<'copy'>, ...Observation<'copy'>[]]): number | null {
  const [newest, ...earlier] = copies;
  const sizes = earlier
    .filter(({ value }) => value.format === newest.value.format && value.method === newest.value.method)
    .filter(({ value }) => value.physical?.kind === newest.value.physical?.kind)
    .slice(0, COMPARED)
    .map(({ value }) => value.bytes)
    .sort((a, b) => a - b);
  return sizes.length < COMPARED_AT_LEAST ? null : (sizes[Math.floor(sizes.length / 2)] ?? null);
}
