/*
 * What docs/damage.md tells of each format, taken apart, so that one table can be measured again without the others.
 */

/** What stands under the heading of one format. */
export interface DamageRecord {
  /** Text below the heading, by the name of the format. */
  readonly tables: ReadonlyMap<string, string>;
  /** Places at which a vendor's tool found more, as `NAME: PLACE: TOOL`. */
  readonly missed: readonly string[];
  /** The programs that looked at the same, each as name and number. */
  readonly versions: readonly string[];
}

export const NOTHING_MEASURED: DamageRecord = { tables: new Map(), missed: [], versions: [] };

/** Takes the document apart that `damageDocument` wrote. */
export function recordOf(document: string): DamageRecord {
  const tables = new Map<string, string>();
  for (const section of sectionOf(document, 'The formats').split(/^### /m).slice(1)) {
    const end = section.indexOf('\n');
    tables.set(section.slice(0, end), section.slice(end).trim());
  }
  const missed = sectionOf(document, MISSED)
    .split('\n')
    .filter((line) => line.startsWith('- '));
  const versions = /^- Measured with ([^;]+); seed \d+\./m.exec(document)?.[1]?.split(/,\s+/) ?? [];
  return { tables, missed: missed.map((line) => line.slice(2)), versions };
}

export const MISSED = "Where a vendor's tool finds more";

function sectionOf(document: string, heading: string): string {
  const [, after = ''] = document.split(`\n## ${heading}\n`);
  return after.split(/^## /m)[0] ?? '';
}

/** One table in place of what was known of its format. */
export function withTable(
  record: DamageRecord,
  name: string,
  measured: { readonly table: string; readonly missed: readonly string[] },
): DamageRecord {
  return {
    ...record,
    tables: new Map(record.tables).set(name, measured.table),
    missed: [
      ...record.missed.filter((line) => !line.startsWith(`${name}: `)),
      ...measured.missed.map((place) => `${name}: ${place}`),
    ],
  };
}

/** Numbers of programs in place of those that they had before. */
export function withVersions(record: DamageRecord, versions: readonly string[]): DamageRecord {
  const nameOf = (version: string): string => version.split(' ')[0] ?? '';
  const replaced = new Set(versions.map(nameOf));
  const others = record.versions.filter((version) => !replaced.has(nameOf(version)));
  return { ...record, versions: [...new Set([...others, ...versions])].sort((a, b) => a.localeCompare(b, 'en')) };
}
