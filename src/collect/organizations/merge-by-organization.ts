import type { RowProblem } from './dataset-contract.ts';
import type { InstallDatasetName, InstallRows, OrganizationRow } from './dataset-contracts.ts';
import { compareKeys } from './organization-key.ts';
import { readSpool, type SpoolRecord } from './spool.ts';

/** Datasets whose rows belong to organizations, besides the list of organizations itself. */
export const OWNED_DATASETS = [
  'tenant_databases',
  'backup_plans',
  'backup_runs',
  'restore_validations',
  'storage_bindings',
  'key_providers',
  'keyrings',
] as const satisfies readonly InstallDatasetName[];
export type OwnedDatasetName = (typeof OWNED_DATASETS)[number];

export type OwnedRows = { readonly [N in OwnedDatasetName]: readonly InstallRows[N][] };

/** Spool files by dataset, ordered by organization key with the keyless first; a dataset without a file gives no rows. */
export interface OrganizationSpools {
  readonly organizations: string;
  readonly owned: { readonly [N in OwnedDatasetName]?: string | undefined };
}

/** One entry of the list of organizations with everything the install database says about it. */
export interface OrganizationEntry {
  readonly organizationId: string;
  /** The id as organizations are compared by. */
  readonly key: string;
  /** Null where the row could not be read; `problems` says why. */
  readonly organization: OrganizationRow | null;
  /** How many entries have this key; above 1 none of them can be told from the others. */
  readonly entriesWithKey: number;
  readonly rows: OwnedRows;
  readonly problems: readonly RowProblem[];
}

/** A row outside every organization. */
export type OwnedRecord = {
  [N in OwnedDatasetName]: { readonly dataset: N; readonly record: SpoolRecord<InstallRows[N]> };
}[OwnedDatasetName];

export interface MergeSink {
  /** A row without organization: the install's own. Also organizations whose row has no id. */
  readonly unowned: (
    found: OwnedRecord | { readonly dataset: 'organizations'; readonly record: SpoolRecord<OrganizationRow> },
  ) => void;
  /** A row whose organization is not in the list. */
  readonly orphan: (found: OwnedRecord) => void;
}

interface Cursor {
  readonly dataset: OwnedDatasetName;
  /** Takes the records whose key is `key`, or all before it. */
  readonly next: () => Promise<SpoolRecord<unknown> | null>;
  readonly close: () => Promise<void>;
}

/**
 * Walks the organizations in the order of their keys and gives for each its rows of every dataset. Holds the rows of
 * one key at a time. Ids that differ only in case stay separate entries, each with the rows that name it exactly; rows
 * that name neither go to all of them.
 */
export async function* mergeByOrganization(
  spools: OrganizationSpools,
  sink: MergeSink,
): AsyncGenerator<OrganizationEntry> {
  const cursors = OWNED_DATASETS.flatMap((dataset) => {
    const file = spools.owned[dataset];
    return file === undefined ? [] : [peekable(dataset, file)];
  });
  try {
    for await (const group of groupsByKey(readSpool<OrganizationRow>(spools.organizations))) {
      const key = group[0]?.key ?? null;
      if (key === null) {
        for (const record of group) sink.unowned({ dataset: 'organizations', record });
        continue;
      }
      const owned = await Promise.all(cursors.map((cursor) => take(cursor, key, sink)));
      for (const record of group) yield toEntry(record, key, group, owned.flat());
    }
    for (const cursor of cursors) await take(cursor, null, sink);
  } finally {
    await Promise.all(cursors.map((cursor) => cursor.close()));
  }
}

async function* groupsByKey<Row>(
  records: AsyncIterable<SpoolRecord<Row>>,
): AsyncGenerator<readonly SpoolRecord<Row>[]> {
  let group: SpoolRecord<Row>[] = [];
  for await (const record of records) {
    // The keyless are no group: each is passed on by itself.
    if (group.length > 0 && (record.key === null || group[0]?.key !== record.key)) {
      yield group;
      group = [];
    }
    group.push(record);
  }
  if (group.length > 0) yield group;
}

interface PeekableCursor extends Cursor {
  readonly peek: () => Promise<SpoolRecord<unknown> | null>;
}

function peekable(dataset: OwnedDatasetName, file: string): PeekableCursor {
  const records = readSpool<unknown>(file);
  let ahead: SpoolRecord<unknown> | null | undefined;
  const peek = async (): Promise<SpoolRecord<unknown> | null> => {
    if (ahead === undefined) {
      const step = await records.next();
      ahead = step.done === true ? null : step.value;
    }
    return ahead;
  };
  return {
    dataset,
    peek,
    async next() {
      const record = await peek();
      ahead = record === null ? null : undefined;
      return record;
    },
    async close() {
      await records.return(undefined);
    },
  };
}

/** The records of `key`; those before it go to the sink. With `key` null all that remain do. */
async function take(cursor: PeekableCursor, key: string | null, sink: MergeSink): Promise<readonly OwnedRecord[]> {
  const taken: OwnedRecord[] = [];
  for (let record = await cursor.peek(); record !== null; record = await cursor.peek()) {
    // The pairing of dataset and row type is made where the file is opened.
    const found = { dataset: cursor.dataset, record } as OwnedRecord;
    const order = record.key === null ? -1 : key === null ? 1 : compareKeys(record.key, key);
    if (order > 0 && key !== null) break;
    if (record.key === null) sink.unowned(found);
    else if (order === 0) taken.push(found);
    else sink.orphan(found);
    await cursor.next();
  }
  return taken;
}

function toEntry(
  record: SpoolRecord<OrganizationRow>,
  key: string,
  group: readonly SpoolRecord<OrganizationRow>[],
  owned: readonly OwnedRecord[],
): OrganizationEntry {
  const exactIds = new Set(group.map(({ organizationId }) => organizationId));
  const mine = owned.filter(
    ({ record: { organizationId } }) => organizationId === record.organizationId || !exactIds.has(organizationId),
  );
  const rowsOf = <N extends OwnedDatasetName>(dataset: N): readonly InstallRows[N][] =>
    mine.flatMap((found) => (found.dataset === dataset && found.record.ok ? [found.record.row as InstallRows[N]] : []));
  return {
    organizationId: record.organizationId ?? key,
    key,
    organization: record.ok ? record.row : null,
    entriesWithKey: group.length,
    rows: {
      tenant_databases: rowsOf('tenant_databases'),
      backup_plans: rowsOf('backup_plans'),
      backup_runs: rowsOf('backup_runs'),
      restore_validations: rowsOf('restore_validations'),
      storage_bindings: rowsOf('storage_bindings'),
      key_providers: rowsOf('key_providers'),
      keyrings: rowsOf('keyrings'),
    },
    problems: [
      ...(record.ok ? [] : record.problems),
      ...mine.flatMap(({ record: one }) => (one.ok ? [] : one.problems)),
    ],
  };
}
