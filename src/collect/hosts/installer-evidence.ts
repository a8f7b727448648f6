import type { AnyEvidence, BlindSpot } from '../../model/evidence.ts';
import type { Subject } from '../../model/subject.ts';
import type { Collection, Estate, OpenLocation } from '../estate.ts';
import type { InstallRow } from '../organizations/dataset-contracts.ts';
import { readWholeSpool } from '../organizations/spool.ts';
import { recordedIn } from '../recorded/recorded-location.ts';
import { readInstallers } from './installer-packages.ts';

const NO_LOCATION: BlindSpot = {
  reason: 'not-asked',
  detail: 'no location of installer packages is configured',
  remedy: 'Name the directory or bucket that keeps them under locations, with purpose installers.',
};
const NOT_RECORDED: BlindSpot = {
  reason: 'not-asked',
  detail: 'installer packages were not read where their location was collected',
  remedy: 'Write a new plan and collect by it: recoverage plan, collect --plan.',
};

/** Installer packages of the version that runs, one answer for each location that keeps some. */
export async function installerEvidence(
  collection: Collection,
  estate: Estate,
  subject: Subject,
): Promise<readonly AnyEvidence[]> {
  const { asker } = collection;
  const places = estate.locations.filter(({ config }) => config.purposes.includes('installers'));
  if (places.length === 0) {
    const question = {
      source: 'configuration',
      operation: 'locations of installers: none',
      locator: 'configuration file',
    };
    return [asker.record({ kind: 'installer-package', subject, ...question }, { items: [], blindSpot: NO_LOCATION })];
  }
  const version = await productVersion(estate);
  return Promise.all(
    places.map((place) =>
      asker.ask({
        kind: 'installer-package',
        subject,
        source: `location ${place.config.name}`,
        operation: 'installer packages',
        locator: place.tree?.locator ?? place.config.name,
        answer: () => packagesIn(collection, place, version),
      }),
    ),
  );
}

async function packagesIn({ signal }: Collection, { config, tree, blindSpot }: OpenLocation, version: string | null) {
  if (tree === null) return { items: [], blindSpot };
  const recorded = recordedIn(tree);
  if (recorded === null) return { items: await readInstallers(config.name, tree, version, signal) };
  if (recorded.packages === null) return { items: [], blindSpot: recorded.failure ?? NOT_RECORDED };
  // An upgrade since then makes what was found of the old version say nothing of the new one.
  const items = recorded.packages.filter((one) => one.version === version);
  const isOther = version !== recorded.packages[0]?.version && recorded.packages.length > 0;
  return { items, blindSpot: isOther ? NOT_RECORDED : recorded.failure };
}

async function productVersion({ reading }: Estate): Promise<string | null> {
  const dataset = reading.datasets.install;
  if (dataset.status !== 'read') return null;
  const { rows } = await readWholeSpool<InstallRow>(dataset.file);
  return rows[0]?.productVersion ?? null;
}
