import type { Observation } from '../model/control.ts';
import { LEFT_OUT_ONE_BY_ONE, type LiveObjects, type ObjectKind } from '../model/database-object.ts';
import { counted } from '../model/text.ts';

/** Objects of the live database, other than tables, that a copy lacks: as phrases, such as `3 functions in app`. */
export interface LeftOutObjects {
  /** Existed when the copy was made. */
  readonly certain: readonly string[];
  /** Left out, or made since. */
  readonly doubtful: readonly string[];
}

const PLURALS: Partial<Record<ObjectKind, string>> = { policy: 'policies', index: 'indexes' };

const NONE: LeftOutObjects = { certain: [], doubtful: [] };

/**
 * Compares the objects of a copy with the live catalogue, by their number in each schema. Object ids are assigned in
 * rising order, so what is older than a table in the copy existed then; an upgrade of the product since the copy
 * explains the others. Large objects come at any time, with ids of the application's choice: nothing explains them. An
 * index that may have been made since is no reason to doubt: whoever tends a server makes some, and they hold no data. One
 * that existed then may not have been valid, which pg_dump leaves out.
 *
 * @param byNumberOnly where the database was re-created since, so that ids tell no age
 */
export function leftOutObjects(
  { value: copy }: Observation<'copy'>,
  catalogues: readonly Observation<'catalogue'>[],
  byNumberOnly = false,
): LeftOutObjects {
  const catalogue = catalogues[0]?.value;
  if (catalogue?.objects == null || copy.objects == null || !copy.tablesComplete) return NONE;
  const { upgradedAt } = catalogue;
  const upgradedSince = upgradedAt != null && copy.moment !== null && upgradedAt >= copy.moment.notBefore;
  const youngestTable = (byNumberOnly ? [] : (copy.tableOids ?? [])).reduce((top, oid) => Math.max(top, oid), 0);
  const inside = new Map(copy.objects.map(({ schema, kind, count }) => [`${kind} ${schema}`, count]));
  const certain: string[] = [];
  const doubtful: string[] = [];
  for (const live of catalogue.objects) {
    const { kind, schema, count, lowestOid, highestOid } = live;
    const found = inside.get(`${kind} ${schema}`) ?? 0;
    if (found >= count || (found > 0 && !LEFT_OUT_ONE_BY_ONE.has(kind))) continue;
    const existedThen = kind !== 'large object' && (found === 0 ? lowestOid : highestOid) < youngestTable;
    const missing = phrase(live, count - found);
    if (existedThen && kind !== 'index') certain.push(missing);
    else if (existedThen || kind === 'large object' || !(upgradedSince || kind === 'index')) doubtful.push(missing);
  }
  return { certain, doubtful };
}

function phrase({ kind, schema }: LiveObjects, missing: number): string {
  if (kind === 'large object') return 'the large objects';
  const what = counted(missing, kind, PLURALS[kind]);
  return schema === '' ? what : `${what} in ${schema}`;
}
