import type { Instant } from '../../../model/instant.ts';

const STARTED = /^(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2})(?: (.+))?$/;
const OFFSET = /^([+-]\d{2}):?(\d{2})?$/;

/**
 * The moment in pg_dump's `-- Started on 2026-11-22 18:40:39 UTC`. It is only an instant with UTC, GMT or an offset:
 * other abbreviations (CST, IST) mean several zones. Null where it is no such text.
 */
export function parseStartedOn(text: string): { readonly local: string; readonly at: Instant | null } | null {
  const [, date, time, zone = ''] = STARTED.exec(text) ?? [];
  if (date === undefined || time === undefined) return null;
  const local = `${date}T${time}`;
  const offset = OFFSET.exec(zone);
  const suffix = zone === 'UTC' || zone === 'GMT' ? 'Z' : offset === null ? null : `${offset[1]}:${offset[2] ?? '00'}`;
  const millis = Date.parse(`${local}${suffix ?? 'Z'}`);
  if (Number.isNaN(millis)) return null;
  return { local, at: suffix === null ? null : new Date(millis).toISOString() };
}
