import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { SourceError } from '../model/source-error.ts';
import type { Subject } from '../model/subject.ts';
import { ABSENT, type Collection, type Estate } from './estate.ts';
import type { InstallDatasetName, InstallRows, TenantDatasetName } from './organizations/dataset-contracts.ts';
import { readWholeSpool } from './organizations/spool.ts';
import type { TenantDataset } from './organizations/tenant-database.ts';
import { INSTALL_SERVER } from './servers.ts';

export const INSTALL_SOURCE = { source: 'install database' };

/** Where the install database is, safe to print. */
export function locatorOf(estate: Estate): string {
  const server = estate.known.get(INSTALL_SERVER)?.server;
  return server === undefined ? 'install database' : `${server.host}:${server.port}`;
}

/** Asks a dataset of the install database that was spooled: its rows as facts, with what keeps them from being complete. */
export function datasetQuestion(collection: Collection, estate: Estate, subject: Subject) {
  return async <N extends InstallDatasetName, K extends 'install' | 'backup-plan' | 'restore-test' | 'license'>(
    name: N,
    kind: K,
    translate: (row: InstallRows[N]) => Facts[K],
    wanted: (row: InstallRows[N]) => boolean = () => true,
  ): Promise<AnyEvidence> => {
    const found = estate.reading.datasets[name];
    const question = { kind, subject, ...INSTALL_SOURCE, operation: `dataset ${name}`, locator: locatorOf(estate) };
    return collection.asker.ask({
      ...question,
      answer: async () => {
        if (found.status === 'absent') return { items: [], blindSpot: ABSENT(name) };
        if (found.status === 'blind') throw found.error;
        const { rows, problems } = await readWholeSpool<InstallRows[N]>(found.file);
        return { items: rows.filter(wanted).map(translate), blindSpot: problemBlindSpot(name, problems) };
      },
    }) as Promise<AnyEvidence>;
  };
}

/** Rows that could not be read leave an answer incomplete. */
export function problemBlindSpot(
  dataset: string,
  problems: readonly { readonly column: string; readonly problem: string }[],
): BlindSpot | null {
  const [first] = problems;
  if (first === undefined) return null;
  return {
    reason: 'malformed',
    detail: `dataset ${dataset}: column ${first.column} ${first.problem}${problems.length > 1 ? `, and ${problems.length - 1} more problems` : ''}`,
    remedy: `Correct the rows, or the mapping of dataset ${dataset}.`,
  };
}

/** Run records of one database. */
export function runsEvidence(
  collection: Collection,
  estate: Estate,
  database: Subject,
  runs: readonly Facts['backup-run'][],
  problems: BlindSpot | null = null,
): AnyEvidence {
  const found = estate.reading.datasets.backup_runs;
  const question = {
    kind: 'backup-run' as const,
    subject: database,
    ...INSTALL_SOURCE,
    operation: 'dataset backup_runs',
    locator: locatorOf(estate),
  };
  if (found.status === 'absent')
    return collection.asker.record(question, { items: [], blindSpot: ABSENT('backup_runs') });
  if (found.status === 'blind') {
    return collection.asker.record(question, {
      items: [],
      blindSpot: collection.asker.blindSpotOf(found.error, 'backup_runs'),
    });
  }
  return collection.asker.record(question, { items: runs, blindSpot: problems });
}

/** What one dataset of a tenant database answered, as facts. */
export function datasetAnswer<Row, Fact>(
  collection: Collection,
  name: TenantDatasetName,
  dataset: TenantDataset<Row>,
  translate: (rows: readonly Row[]) => readonly Fact[],
): { readonly items: readonly Fact[]; readonly blindSpot: BlindSpot | null } {
  if (dataset.status === 'absent') return { items: [], blindSpot: ABSENT(name) };
  if (dataset.status === 'blind') {
    return { items: [], blindSpot: collection.asker.blindSpotOf(dataset.error satisfies SourceError, name) };
  }
  return { items: translate(dataset.rows), blindSpot: problemBlindSpot(name, dataset.problems) };
}
