import type { AnyEvidence } from '../model/evidence.ts';
import { INSTALL_DATASET_NAMES, type InstallDatasetName } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';

const DATASET = /^dataset (\w+)$/;

/**
 * Evidence from datasets that were read from an export is as old as the export, not as this run. An export dated ahead
 * is as old as this run: the clock of its writer makes it no newer.
 */
export function datedByExport(
  evidence: readonly AnyEvidence[],
  datasets: InstallReading['datasets'],
): readonly AnyEvidence[] {
  return evidence.map((record) => {
    if (record.source !== 'install database') return record;
    const name = INSTALL_DATASET_NAMES.find((one: InstallDatasetName) => one === DATASET.exec(record.operation)?.[1]);
    const dataset = name === undefined ? undefined : datasets[name];
    if (dataset?.status !== 'read' || dataset.exportedAt === null) return record;
    return dataset.exportedAt < record.collectedAt ? { ...record, collectedAt: dataset.exportedAt } : record;
  });
}
