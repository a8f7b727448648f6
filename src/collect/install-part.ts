import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Subject } from '../model/subject.ts';

import { allCopies } from './backups/all-copies.ts';
import { clusterEvidence } from './cluster-evidence.ts';
import { clusterPlanEvidence } from './cluster-plan-evidence.ts';
import { installCopiesOf } from './copied-databases.ts';
import { installDatabaseEvidence } from './database-evidence.ts';
import { databaseListEvidence } from './database-list-evidence.ts';
import { datasetQuestion, INSTALL_SOURCE, locatorOf, problemBlindSpot, runsEvidence } from './dataset-answers.ts';
import { declarationsAbout, declarationsRead, strayDeclarations } from './declarations.ts';
import { declaredPlanEvidence, plansOfEveryServer, plansOfServers } from './declared-plans.ts';
import type { Collection, Estate, PartBuilder } from './estate.ts';
import { addressEvidence } from './hosts/addresses/address-evidence.ts';
import { hostEvidence } from './hosts/host-files.ts';
import { licenseFileEvidence } from './hosts/license-file-evidence.ts';
import { runbookEvidence } from './hosts/runbook.ts';
import { type KeyringInputs, keyringEvidence, recordedKeyrings } from './keys/keyring-evidence.ts';
import { proofEvidence } from './keys/proof-evidence.ts';
import { providerEvidence } from './keys/provider-evidence.ts';
import { licenseEvidence } from './license-evidence.ts';
import { locationEvidence } from './location-evidence.ts';
import type { DatabaseCatalogue } from './organizations/database-catalogue.ts';
import type { RowProblem } from './organizations/dataset-contract.ts';
import type { InstallRows } from './organizations/dataset-contracts.ts';
import { installFact, planFact, restoreFact } from './organizations/row-facts.ts';
import { readSpool } from './organizations/spool.ts';
import type { SampleReading } from './organizations/wrapped-samples.ts';
import { previousReportEvidence } from './previous-report-evidence.ts';
import { providerUseEvidence } from './provider-use.ts';
import { secretSourceEvidence } from './secret-sources.ts';
import { INSTALL_SERVER } from './servers.ts';
import { unopenedFiles } from './unopened-files.ts';

/** Rows of the install itself that the walk over organizations comes across. */
export interface InstallRowsFound {
  readonly providers: readonly InstallRows['key_providers'][];
  readonly keyrings: readonly InstallRows['keyrings'][];
  readonly runs: readonly InstallRows['backup_runs'][];
  /** What is wrong with rows of the install that could not be read. */
  readonly problems: readonly RowProblem[];
}

/** What the install part needs besides the shared estate. */
export interface InstallPartInputs {
  readonly own: InstallRowsFound;
  /** Organizations streamed, and ids that differ only in case. */
  readonly streamed: { readonly count: number; readonly idsDifferingInCase: readonly string[] };
  /** Rows that name organizations which are not in the list, counted by dataset. */
  readonly rowsUnlisted: NonNullable<Facts['organization-list']['rowsUnlisted']>;
  /** Lower-case ids, to compare with the license; null where there are too many to hold. */
  readonly organizationKeys: ReadonlySet<string>;
  readonly catalogue: DatabaseCatalogue | null;
  readonly catalogueBlindSpot: BlindSpot | null;
  /** Wrapped samples of the install database; null where unwrapping is not to be proven. */
  readonly samples: SampleReading | null;
}

/** The facts about the install and everything shared. */
export async function installPart(
  collection: Collection,
  estate: Estate,
  inputs: InstallPartInputs,
): Promise<PartBuilder> {
  const { asker } = collection;
  const install = estate.installSubject;
  const copied = installCopiesOf(collection, estate, inputs.own.runs);
  const copies = await allCopies(collection, estate, copied);
  const { subject: database, runs } = copied;
  const server = estate.known.get(INSTALL_SERVER);
  const problemsOf = (dataset: string) =>
    problemBlindSpot(
      dataset,
      inputs.own.problems.filter((one) => one.dataset === dataset),
    );
  const ownPlans = plansOfServers(collection, install, new Set([INSTALL_SERVER]));
  const part: PartBuilder = {
    subjects: [
      { subject: install },
      { subject: database, ...(server === undefined ? {} : { cluster: server.subject.key }) },
      ...estate.locations.map((location) => ({ subject: location.subject })),
    ],
    evidence: [declarationsRead(collection, install), ...declarationsAbout(collection, install)],
  };
  const dataset = datasetQuestion(collection, estate, install);
  part.evidence.push(
    await dataset('install', 'install', installFact),
    asker.record(
      {
        kind: 'organization-list',
        subject: install,
        ...INSTALL_SOURCE,
        operation: 'dataset organizations',
        locator: locatorOf(estate),
      },
      {
        items: [
          {
            counted: estate.reading.organizationCount ?? 0,
            streamed: inputs.streamed.count,
            idsDifferingInCase: [...inputs.streamed.idsDifferingInCase],
            ...(inputs.rowsUnlisted.length > 0 ? { rowsUnlisted: [...inputs.rowsUnlisted] } : {}),
          },
        ],
        blindSpot: estate.reading.organizationCount === null ? uncounted(collection) : problemsOf('organizations'),
      },
    ),
    await dataset('backup_plans', 'backup-plan', planFact, (row) => row.organizationId === null),
    ...(collection.config.plans.length === 0
      ? []
      : [declaredPlanEvidence(collection, install, [...plansOfEveryServer(collection), ...ownPlans])]),
    ...clusterPlanEvidence(collection, estate, install, new Set([INSTALL_SERVER]), 'install-database'),
    await dataset('restore_validations', 'restore-test', restoreFact),
    await licenseEvidence(collection, estate, inputs),
    ...(await licenseFileEvidence(collection, estate, install)),
    ...(await addressEvidence(collection, install)),
    ...(await runbookEvidence(collection, estate, install)),
    secretSourceEvidence(collection, install),
    previousReportEvidence(collection, install),
    ...(await databaseListEvidence(collection, estate)),
    runsEvidence(collection, estate, database, runs, problemsOf('backup_runs')),
    ...installDatabaseEvidence(collection, server, database, inputs, estate.upgradedAt, estate.installedAt),
    ...declarationsAbout(collection, database),
    ...copies,
    ...unopenedFiles(collection, estate, copied, copies),
    ...clusterEvidence(collection, estate, part),
    ...(await locationEvidence(collection, estate)),
  );
  const keyrings: KeyringInputs = {
    owner: install,
    rows: inputs.own.keyrings,
    providers: inputs.own.providers,
    blindSpot: problemsOf('keyrings'),
  };
  part.evidence.push(recordedKeyrings(collection, estate, keyrings));
  await keyringEvidence(collection, estate, part, keyrings);
  for (const row of keyrings.rows) {
    const subject: Subject = { kind: 'keyring', key: row.keyringId, organizationId: null, name: row.keyringId };
    const database = { reading: inputs.samples, blindSpot: null, versions: null };
    part.evidence.push(...(await proofEvidence(collection, estate, subject, row, [database])));
  }
  await sharedProviders(collection, estate, part, inputs);
  await hostEvidence(collection, estate, part);
  // Last, when every subject was met: organizations are walked before.
  part.evidence.push(...strayDeclarations(collection));
  return part;
}

function uncounted({ mapping }: Collection): BlindSpot {
  const isExport = mapping.install.organizations.kind === 'file';
  return {
    reason: isExport ? 'not-asked' : 'malformed',
    detail: isExport
      ? 'organizations come from an export file, so nothing counts them apart from it'
      : 'the organizations could not be counted',
    remedy: 'Let the mapping of dataset organizations be one plain SELECT.',
  };
}

/** Providers that are the install's or shared; an organization's own is in its own part. */
async function sharedProviders(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  inputs: InstallPartInputs,
): Promise<void> {
  const ownedElsewhere = new Set<string>();
  const dataset = estate.reading.datasets.key_providers;
  if (dataset.status === 'read') {
    for await (const record of readSpool<InstallRows['key_providers']>(dataset.file)) {
      if (record.ok && record.row.organizationId !== null) ownedElsewhere.add(record.row.providerId);
    }
  }
  const ids = new Set([...estate.providers.keys(), ...inputs.own.providers.map((row) => row.providerId)]);
  const shared = [...ids].sort().filter((id) => !ownedElsewhere.has(id));
  for (const id of shared) await providerEvidence(collection, estate, part, id, null);
  const walked = { organizationKeys: inputs.organizationKeys, streamed: inputs.streamed.count };
  part.evidence.push(...(await providerUseEvidence(collection, estate, shared, walked, part.evidence)));
}
