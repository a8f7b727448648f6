import { z } from 'zod';
import { instantOrNull } from '../../../../model/instant.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { localInterval } from './local-interval.ts';
import type { ListedSnapshot, SnapshotListing } from './snapshot-listing.ts';

const report = z.object({
  report: z.array(z.object({ lv: z.array(z.unknown()) })),
});

const volume = z.object({
  lv_name: z.string().min(1),
  vg_name: z.string().nullish(),
  origin: z.string(),
  lv_time: z.string(),
  lv_attr: z.string(),
  data_percent: z.string().nullish(),
  lv_size: z.string().nullish(),
});

/**
 * `lvs --reportformat json --units b --nosuffix -o vg_name,lv_name,origin,lv_time,lv_attr,lv_size,data_percent`
 * (lvmreport(7)). Volumes without an origin are no snapshots. The fifth character of `lv_attr` is `I` or `S` for a
 * snapshot that overflowed, the first `O` or the fifth `m` or `M` for one whose merge began or failed (lvs(8)).
 *
 * @param timeZone zone of times that bear no offset of their own; null where none is configured
 * @throws SourceError where the file is no such report
 */
export function readLvmListing(text: string, timeZone: string | null): SnapshotListing {
  const parsed = report.safeParse(parseJson(text));
  if (!parsed.success) {
    const remedy =
      'Write it with: lvs --reportformat json -o vg_name,lv_name,origin,lv_time,lv_attr,lv_size,data_percent.';
    throw new SourceError('malformed', 'the listing is no JSON report of lvs', remedy);
  }
  const snapshots: ListedSnapshot[] = [];
  const unreadable: number[] = [];
  for (const [index, entry] of parsed.data.report.flatMap(({ lv }) => lv).entries()) {
    const row = volume.safeParse(entry);
    if (!row.success) {
      unreadable.push(index + 1);
      continue;
    }
    const { lv_name, vg_name, origin, lv_time, lv_attr, lv_size } = row.data;
    if (origin === '') continue;
    const prefix = vg_name == null || vg_name === '' ? '' : `${vg_name}/`;
    snapshots.push({
      name: `${prefix}${lv_name}`,
      group: `${prefix}${lv_name}`,
      source: `${prefix}${origin.replace(/^\[|\]$/g, '')}`,
      createdAt: timeOf(lv_time, timeZone),
      transaction: null,
      bytes: /^\d{1,15}$/.test(lv_size ?? '') ? Number(lv_size) : 0,
      invalid: invalidBecause(lv_attr),
    });
  }
  return { snapshots, unreadable };
}

function invalidBecause(attributes: string): string | null {
  const state = attributes.charAt(4);
  if (state === 'I' || state === 'S') return 'its tool calls it invalid: the space for its changes ran out';
  if (state === 'm' || state === 'M' || attributes.charAt(0) === 'O') return 'it is being merged into its origin';
  return attributes.length < 5 ? 'its state is not told' : null;
}

/** `2026-11-22 02:00:03 +0100`, as lvm.conf sets it by default (`report/time_format`). */
function timeOf(text: string, timeZone: string | null): ListedSnapshot['createdAt'] {
  const match = /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d)(?: ?([+-]\d\d):?(\d\d))?$/.exec(text.trim());
  if (match === null) return null;
  const [, day, time, hours, minutes] = match;
  if (hours === undefined) return localInterval(`${day}T${time}`, timeZone);
  if (localInterval(`${day}T${time}`, null) === null) return null;
  const instant = instantOrNull(Date.parse(`${day}T${time}${hours}:${minutes}`));
  return instant === null ? null : { earliest: instant, latest: instant };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
