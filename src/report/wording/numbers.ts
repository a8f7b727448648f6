/** Whole numbers with a comma every three digits, e.g. `100,000`: the same on every machine, whatever its locale. */
export function numberText(value: number): string {
  return Math.trunc(value)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** A count with its noun in grammatical number, e.g. `1 organization`, `12 organizations`, `no gaps`. */
export function countText(count: number, singular: string, plural: string = `${singular}s`): string {
  if (count === 0) return `no ${plural}`;
  return `${numberText(count)} ${count === 1 ? singular : plural}`;
}

const UNITS = ['kB', 'MB', 'GB', 'TB', 'PB', 'EB'] as const;

/** Bytes in decimal units (IEC 80000-13: 1 kB = 1,000 bytes), e.g. `0 bytes`, `1 byte`, `4.2 MB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1000) return bytes === 1 ? '1 byte' : `${numberText(bytes)} bytes`;
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 99.95 ? value.toFixed(1) : numberText(Math.round(value))} ${UNITS[unit] ?? ''}`;
}

/** Items as prose: `a`, `a and b`, `a, b and c`. */
export function listText(items: readonly string[]): string {
  if (items.length < 2) return items.join('');
  return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}

/** First letter in upper case; the rest as it is. */
export function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
