/**
 * Translates a schedule of AWS into the five fields of cron (minute, hour, day of the month, month, day of the week),
 * or into an ISO 8601 duration. Null where that cannot say the same: years, `L`, `W` and `#`.
 * Source: Amazon EventBridge Scheduler User Guide, "Schedule types", whose expressions AWS Backup uses: six fields
 * with the year, `?` for any day, Sunday is 1, `a/b` starts at a.
 */
export function cronOfAws(expression: string): string | null {
  const text = expression.trim();
  const rate = /^rate\(\s*(\d{1,5})\s+(minute|hour|day)s?\s*\)$/.exec(text);
  if (rate !== null) {
    const [, count = '', unit = ''] = rate;
    if (Number(count) === 0) return null;
    return unit === 'day' ? `P${Number(count)}D` : `PT${Number(count)}${unit === 'hour' ? 'H' : 'M'}`;
  }
  const fields = /^cron\(([^()]{1,100})\)$/.exec(text)?.[1]?.trim().split(/\s+/);
  if (fields?.length !== 6 || fields[5] !== '*') return null;
  const [minute, hour, day, month, weekday] = fields.map((field, index) => fieldOf(field, FIELDS[index]));
  if (minute == null || hour == null || day == null || month == null || weekday == null) return null;
  // In cron either of two restricted days suffices; AWS refuses to have both.
  if (day !== '*' && weekday !== '*') return null;
  return `${minute} ${hour} ${day} ${month} ${weekday}`;
}

interface Field {
  readonly least: number;
  readonly most: number;
  readonly names: readonly string[];
  readonly anyDay: boolean;
  /** What is taken off a number. */
  readonly shift: number;
}

const NAMELESS = { names: [], anyDay: false, shift: 0 } as const;
const FIELDS: readonly Field[] = [
  { ...NAMELESS, least: 0, most: 59 },
  { ...NAMELESS, least: 0, most: 23 },
  { ...NAMELESS, least: 1, most: 31, anyDay: true },
  {
    ...NAMELESS,
    least: 1,
    most: 12,
    names: ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'],
  },
  { least: 1, most: 7, names: ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'], anyDay: true, shift: 1 },
];

function fieldOf(text: string, field: Field | undefined): string | null {
  if (field === undefined) return null;
  if (text === '?') return field.anyDay ? '*' : null;
  const parts = text.split(',').map((part) => partOf(part, field));
  return parts.every((part) => part !== null) ? parts.join(',') : null;
}

function partOf(text: string, field: Field): string | null {
  const match = /^(\*|[A-Z0-9]{1,3})(?:-([A-Z0-9]{1,3}))?(?:\/(\d{1,2}))?$/.exec(text.toUpperCase());
  if (match === null) return null;
  const [, first = '', last, step] = match;
  if (step !== undefined && Number(step) === 0) return null;
  if (first === '*') {
    if (last !== undefined) return null;
    return step === undefined ? '*' : `*/${Number(step)}`;
  }
  const from = numberOf(first, field);
  const to = last === undefined ? null : numberOf(last, field);
  if (from === null || (last !== undefined && (to === null || to < from))) return null;
  if (step === undefined) return to === null ? `${from}` : `${from}-${to}`;
  return `${from}-${to ?? field.most - field.shift}/${Number(step)}`;
}

function numberOf(text: string, { least, most, names, shift }: Field): number | null {
  const named = names.indexOf(text);
  if (named >= 0) return named + least - shift;
  if (!/^\d{1,2}$/.test(text)) return null;
  const value = Number(text);
  return value >= least && value <= most ? value - shift : null;
}
