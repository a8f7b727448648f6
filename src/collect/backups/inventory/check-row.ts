import { type Instant, instantOrNull, MINUTE, toInstant, toMillis } from '../../../model/instant.ts';
import { localToInstants } from '../../local-time.ts';
import type { InventoryRow, InventorySettings, RowMistake, StatedCopy } from './stated-copy.ts';

/** What rows are checked against. */
export interface RowSurroundings {
  readonly settings: InventorySettings;
  /** Zone of times that bear none; null where none is configured. */
  readonly timeZone: string | null;
  /** Configured names of the servers. */
  readonly servers: ReadonlySet<string>;
  readonly now: Instant;
}

/** One row as a statement, or everything that is wrong with it. */
export function checkRow(
  row: number,
  values: InventoryRow,
  around: RowSurroundings,
): StatedCopy | { readonly mistakes: readonly RowMistake[] } {
  const problems: string[] = [];
  const text = (field: string): string | null => {
    const value = values[field];
    if (value === null || value === undefined || value === '') return null;
    if (typeof value === 'string' && value.length <= LONGEST) return value;
    if (typeof value === 'number') return String(value);
    problems.push(`${field} is no text of up to ${LONGEST} characters`);
    return null;
  };
  const wanted = (field: string, stated: string | null = null): string => {
    const value = text(field) ?? stated;
    if (value === null) problems.push(`${field} is missing`);
    return value ?? '';
  };
  const time = (field: string): Times | null => {
    const value = wanted(field);
    if (value === '') return null;
    const times = timesOf(value, around.timeZone);
    if (typeof times !== 'string') return times;
    problems.push(`${field} ${times}`);
    return null;
  };
  const [database, server, path] = [text('database'), text('server'), text('path')];
  if (database === null && server === null && path === null)
    problems.push('it names neither database, server nor path');
  if (path !== null && (!path.startsWith('/') || database !== null)) {
    problems.push(database === null ? 'path is no absolute path' : 'it names a database and a path');
  }
  if (server !== null && !around.servers.has(server))
    problems.push(`server ${JSON.stringify(server)} is not configured`);
  const [moment, recorded] = [time('moment'), time('recordedAt')];
  const complete = truthOf(values['complete']);
  if (complete === undefined) problems.push('complete is neither true nor false');
  const [method, owner] = [wanted('method'), wanted('owner', around.settings.owner)];
  const where = text('where') ?? 'not told where';
  const limit = toInstant(toMillis(around.now) + CLOCKS);
  if (recorded !== null && recorded.notBefore > limit) problems.push('recordedAt is in the future');
  if (moment !== null && recorded !== null && moment.notBefore > recorded.notAfter) {
    problems.push('moment is later than recordedAt');
  }
  if (problems.length > 0 || moment === null || recorded === null) {
    return { mistakes: problems.map((problem) => ({ row, problem })) };
  }
  const recordedAt = recorded.notBefore;
  return { row, database, server, path, moment, method, where, complete: complete ?? null, owner, recordedAt };
}

type Times = StatedCopy['moment'];
const LONGEST = 500;
const CLOCKS = 5 * MINUTE;

/** The instants an ISO 8601 time can mean, or what is wrong with it. */
function timesOf(text: string, timeZone: string | null): Times | string {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(:\d\d)?(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (match === null) return 'is no time such as 2026-11-22T02:00:00+01:00';
  const [, day, minutes, seconds = ':00', zone] = match;
  const local = `${day}T${minutes}${seconds}`;
  const asUtc = Date.parse(`${local}Z`);
  // Date.parse takes the 31st of every month and rolls it over.
  const exists = !Number.isNaN(asUtc) && asUtc > 0 && toInstant(asUtc).startsWith(local);
  if (!exists) return 'is a day or time that does not exist';
  if (zone !== undefined) {
    const offset = zone === 'Z' ? 'Z' : `${zone.slice(0, 3)}:${zone.slice(-2)}`;
    const millis = Date.parse(`${local}${offset}`);
    const instant = instantOrNull(millis);
    if (instant === null) return 'has an offset that does not exist';
    return { notBefore: instant, notAfter: instant };
  }
  if (timeZone === null) return 'bears no time zone, and the location states none (timeZone)';
  const instants = localToInstants(local, timeZone);
  const [notBefore, notAfter] = [instantOrNull(instants[0] ?? asUtc), instantOrNull(instants.at(-1) ?? asUtc)];
  return notBefore === null || notAfter === null ? 'is after the year 9999' : { notBefore, notAfter };
}

/** Undefined for what is neither. */
function truthOf(value: unknown): boolean | null | undefined {
  if (value === null || value === undefined || value === '') return null;
  const text = String(value).trim().toLowerCase();
  if (text === 'true' || text === 'yes') return true;
  return text === 'false' || text === 'no' ? false : undefined;
}
