import { FormatDamage } from './format-damage.ts';

/** A timeline that another one goes back to, and where that other one left it. */
export interface Ancestor {
  readonly timeline: number;
  /** Position in the log of the switch, such as `0/3000148`. */
  readonly switchLsn: string;
}

/** `0000000A.history`. */
const NAME = /^([0-9A-F]{8})\.history(?:\.(?:gz|zst|lz4|bz2|xz))?$/;
const LINE = /^\s*(\d{1,10})\s+([0-9A-Fa-f]{1,8}\/[0-9A-Fa-f]{1,8})(?:\s|$)/;
/** A cluster that was promoted every day for a year. */
export const LARGEST_HISTORY = 64 * 1024;

/** Number of the timeline whose history a file holds by its name; null where it holds none. */
export function timelineOfHistory(fileName: string): number | null {
  const [, timeline] = NAME.exec(fileName) ?? [];
  return timeline === undefined ? null : Number.parseInt(timeline, 16);
}

/**
 * The timelines that one goes back to, oldest first (PostgreSQL source, `readTimeLineHistory` in timeline.c): a line
 * for each, with its number, the switch and a reason; lines that begin with `#` say nothing.
 *
 * @throws FormatDamage when a line is none, or numbers do not ascend to the timeline itself
 */
export function parseTimelineHistory(text: string, timeline: number): readonly Ancestor[] {
  const ancestors: Ancestor[] = [];
  for (const line of text.split('\n')) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const [, number, switchLsn] = LINE.exec(line) ?? [];
    if (number === undefined || switchLsn === undefined) throw new FormatDamage('a line of it names no timeline');
    ancestors.push({ timeline: Number(number), switchLsn: switchLsn.toUpperCase() });
  }
  const all = [...ancestors.map((one) => one.timeline), timeline];
  if (all.some((one, index) => index > 0 && one <= (all[index - 1] ?? 0))) {
    throw new FormatDamage('its timelines do not ascend');
  }
  return ancestors;
}
