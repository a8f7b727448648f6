import { DAY, HOUR, type Instant, MINUTE, toInstant } from '../model/instant.ts';

/** Days of nightly runs that lie there, which is what the plans promise to keep. */
export const NIGHTS = 14;
/** The zone of the plans, which never changes its clocks: a night is always 24 h. */
export const PLAN_ZONE = 'Asia/Singapore';
/** How long ago the last night was: the one before it lies beyond the recovery point objective of 26 h. */
const LAST_NIGHT = 4 * HOUR;
const PLAN_ZONE_OFFSET = 8 * HOUR;

/** When things happened on the demo install, relative to the instant that it is built for. */
export interface Timeline {
  readonly now: Instant;
  /** That long before now. */
  ago(millis: number): Instant;
  /** Cron schedule of the nightly plans, in {@link PLAN_ZONE}. */
  readonly schedule: string;
  /** Scheduled start of the run so many nights ago; 0 is the last one. */
  night(nights: number): Instant;
  /** When the nightly copy of the files was finished; 0 is the last one. */
  fileCopy(nights: number): Instant;
  /** The snapshots of the key provider, oldest first. */
  readonly snapshots: readonly Instant[];
  /** When the wrapping key of Iris Optics was rotated: after the last snapshot. */
  readonly rotation: Instant;
  /** When the wrapping key of Juniper Law was made anew under its old name. */
  readonly replacement: Instant;
  /** When somebody changed the bootstrap file: after the last copy of the files. */
  readonly bootstrapChange: Instant;
}

export function demoTimeline(now: Instant): Timeline {
  const minute = Math.floor(Date.parse(now) / MINUTE) * MINUTE;
  const ago = (millis: number) => toInstant(minute - millis);
  const local = new Date(minute - LAST_NIGHT + PLAN_ZONE_OFFSET);
  return {
    now,
    ago,
    schedule: `${local.getUTCMinutes()} ${local.getUTCHours()} * * *`,
    night: (nights) => ago(LAST_NIGHT + nights * DAY),
    fileCopy: (nights) => ago(LAST_NIGHT - HOUR / 2 + nights * DAY),
    snapshots: [ago(11 * DAY), ago(4 * DAY)],
    rotation: ago(2 * DAY),
    replacement: ago(20 * DAY),
    bootstrapChange: ago(90 * MINUTE),
  };
}
