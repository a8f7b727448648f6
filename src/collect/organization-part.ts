import type { OrganizationPart } from '../model/bundle.ts';
import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { HOUR, type Instant, toMillis } from '../model/instant.ts';
import { limitValue } from '../model/policy.ts';
import type { Subject } from '../model/subject.ts';
import { bindingsOf } from './bindings.ts';
import { clusterPlanEvidence } from './cluster-plan-evidence.ts';
import { serversOfTenant } from './copied-databases.ts';
import { compareCopiedFiles, type LiveFile } from './copied-files.ts';
import { problemBlindSpot } from './dataset-answers.ts';
import { declarationsAbout } from './declarations.ts';
import { declaredPlanEvidence, plansOfServers } from './declared-plans.ts';
import { deletedPrefixes } from './deleted-prefixes.ts';
import { skewMillis } from './drawn-artifacts.ts';
import { ABSENT, type Collection, type Estate, type PartBuilder } from './estate.ts';
import { isExcluded } from './exclusions.ts';
import { type KeyringInputs, keyringEvidence, recordedKeyrings } from './keys/keyring-evidence.ts';
import { proofEvidence, type SampledDatabase } from './keys/proof-evidence.ts';
import { providerEvidence } from './keys/provider-evidence.ts';
import { tellLostFiles, tellLostInReplicas } from './lost-files.ts';
import { nothingToCopy } from './nothing-to-copy.ts';
import type { ArtifactRow, InstallDatasetName } from './organizations/dataset-contracts.ts';
import type { OrganizationEntry } from './organizations/merge-by-organization.ts';
import { organizationFact, planFact, restoreFact, tenantDatabaseFact } from './organizations/row-facts.ts';
import { withRealPath } from './real-path.ts';
import { fileInventoryEvidence } from './stores/file-inventory-evidence.ts';
import { fileSampleEvidence, whyNotDrawn, whyNotLooked } from './stores/file-sample-evidence.ts';
import { formerStoreEvidence } from './stores/former-store-evidence.ts';
import { storeEvidence } from './stores/store-evidence.ts';
import { tenantEvidence, unknownTenant } from './tenant-evidence.ts';
import type { TenantReading } from './tenant-live-evidence.ts';

/** Everything about one organization. Never throws but on interruption: what fails becomes a blind spot of this part. */
export async function organizationPart(
  collection: Collection,
  estate: Estate,
  entry: OrganizationEntry,
): Promise<OrganizationPart> {
  // Ids that differ only in case cannot be told apart by anything that compares without it.
  const ambiguous = entry.entriesWithKey > 1;
  const key = ambiguous ? entry.organizationId : entry.key;
  const subject: Subject = {
    kind: 'organization',
    key,
    organizationId: key,
    name: entry.organization?.name ?? entry.organizationId,
  };
  const part: PartBuilder = { subjects: [{ subject }], evidence: [] };
  const done = (): OrganizationPart => ({ type: 'organization', organizationId: key, ...part });
  if (ambiguous || entry.organization === null) {
    const blindSpot = ambiguous ? IN_CASE_ONLY : (problemBlindSpot('organizations', entry.problems) ?? IN_CASE_ONLY);
    const facts = entry.organization === null ? [] : [organizationFact(entry.organization)];
    part.evidence.push(
      collection.asker.record(
        { kind: 'organization', subject, ...SOURCE, operation: 'dataset organizations' },
        { items: facts, blindSpot },
      ),
      ...(ambiguous ? [] : [recordedDatabases(collection, estate, entry, subject)]),
    );
    return done();
  }
  part.evidence.push(
    collection.asker.record(
      { kind: 'organization', subject, ...SOURCE, operation: 'dataset organizations' },
      { items: [organizationFact(entry.organization)] },
    ),
  );
  const problems = (dataset: InstallDatasetName) => datasetBlindSpot(collection, estate, entry, dataset);
  const bindings = await Promise.all(bindingsOf(collection, entry).map((one) => withRealPath(collection, one)));
  const keyrings: KeyringInputs = {
    owner: subject,
    rows: entry.rows.keyrings,
    providers: entry.rows.key_providers,
    blindSpot: problemBlindSpot(
      'keyrings',
      entry.problems.filter((one) => one.dataset === 'keyrings'),
    ),
  };
  // Also of one that is left out: whether others share its place, its database or its key is asked about them.
  part.evidence.push(
    collection.asker.record(
      { kind: 'storage-binding', subject, ...SOURCE, operation: 'dataset storage_bindings' },
      { items: bindings, blindSpot: problems('storage_bindings') },
    ),
    recordedDatabases(collection, estate, entry, subject),
    recordedKeyrings(collection, estate, keyrings),
  );
  if (isExcluded(collection, entry.key)) return done();
  const servers = serversOfTenant(estate, entry);
  const ownPlans = plansOfServers(collection, subject, servers);
  part.evidence.push(
    ...declarationsAbout(collection, subject),
    collection.asker.record(
      { kind: 'backup-plan', subject, ...SOURCE, operation: 'dataset backup_plans' },
      { items: entry.rows.backup_plans.map(planFact), blindSpot: problems('backup_plans') },
    ),
    ...(ownPlans.length === 0 ? [] : [declaredPlanEvidence(collection, subject, ownPlans)]),
    ...clusterPlanEvidence(collection, estate, subject, servers, 'tenant-database'),
    collection.asker.record(
      { kind: 'restore-test', subject, ...SOURCE, operation: 'dataset restore_validations' },
      { items: entry.rows.restore_validations.map(restoreFact), blindSpot: problems('restore_validations') },
    ),
  );
  for (const binding of bindings.filter((one) => one.state === 'active')) {
    await storeEvidence(collection, estate, part, key, binding);
  }
  await formerStoreEvidence(collection, estate, part, subject, bindings, problems('storage_bindings'));
  await keyringEvidence(collection, estate, part, keyrings);
  for (const provider of entry.rows.key_providers) {
    await providerEvidence(collection, estate, part, provider.providerId, key);
  }
  const moments = fileMoments(part);
  const [first] = entry.rows.tenant_databases;
  if (first === undefined) unknownTenant(collection, part, subject, problems('tenant_databases'));
  const active = bindings.filter((one) => one.state === 'active');
  const prefixes = active.flatMap((binding) => deletedPrefixes(part, binding));
  const draws =
    whyNotDrawn(collection, active) === null &&
    (whyNotLooked(collection, active) === null || estate.fileCopies.length > 0);
  const readings: TenantReading[] = [];
  const sampled: SampledDatabase[] = [];
  for (const row of entry.rows.tenant_databases) {
    const reading = await tenantEvidence(collection, estate, part, {
      organization: subject,
      row,
      only: entry.rows.tenant_databases.length === 1,
      runs: entry.rows.backup_runs,
      plans: [...entry.rows.backup_plans.map(planFact), ...estate.plans, ...ownPlans],
      runsBlindSpot: problems('backup_runs'),
      fileMoments: moments,
      upgradedAt: estate.upgradedAt,
      draws,
      prefixes,
      sampled: (database) => sampled.push(database),
    });
    readings.push(reading);
  }
  const files: LiveFile[] = [];
  const listed: ArtifactRow[] = [];
  let future = 0;
  await fileSampleEvidence(collection, estate, part, { organizationId: key, bindings, readings }, (looked) => {
    files.push(...looked.files);
    listed.push(...looked.listed);
    future += looked.future;
  });
  const isWithoutFiles = readings.length > 0 && readings.every(({ registered }) => registered === 0);
  for (const binding of active) {
    tellLostFiles(part, binding.bindingId);
    tellLostInReplicas(part, binding.bindingId);
    const isShared = !isWithoutFiles && isSharedDefault(collection, binding);
    const skew = skewMillis(collection, subject);
    const isYoung = awaitsFirstCopy(collection, subject, entry.organization.createdAt);
    const store = { binding, files, listed, future, isYoung, skewMillis: skew, isShared };
    await compareCopiedFiles(part, estate, store, collection.signal);
  }
  await fileInventoryEvidence(collection, part, { organizationId: key, bindings, readings });
  for (const row of entry.rows.keyrings) {
    const keyring: Subject = { kind: 'keyring', key: row.keyringId, organizationId: key, name: row.keyringId };
    part.evidence.push(...(await proofEvidence(collection, estate, keyring, row, sampled)));
  }
  if (isWithoutFiles) nothingToCopy(part);
  return done();
}

const SOURCE = { source: 'install database', locator: 'install database' };
const IN_CASE_ONLY: BlindSpot = {
  reason: 'malformed',
  detail: 'its id differs from another organization only in case, so neither can be told from the other',
  remedy: 'Correct the ids in the install database: the product compares them without case.',
};

/**
 * Its rows of tenant databases. Other organizations are compared with them, so that they are told also where its own
 * row cannot be read: a database that nobody knows could be any other's.
 */
function recordedDatabases(
  collection: Collection,
  estate: Estate,
  entry: OrganizationEntry,
  subject: Subject,
): AnyEvidence {
  return collection.asker.record(
    { kind: 'tenant-database', subject, ...SOURCE, operation: 'dataset tenant_databases' },
    {
      items: entry.rows.tenant_databases.map(tenantDatabaseFact),
      blindSpot: datasetBlindSpot(collection, estate, entry, 'tenant_databases'),
    },
  );
}

function datasetBlindSpot(
  collection: Collection,
  estate: Estate,
  entry: OrganizationEntry,
  dataset: InstallDatasetName,
): BlindSpot | null {
  const found = estate.reading.datasets[dataset];
  if (found.status === 'absent') return ABSENT(dataset);
  if (found.status === 'blind') return collection.asker.blindSpotOf(found.error, `dataset ${dataset}`);
  return problemBlindSpot(
    dataset,
    entry.problems.filter((one) => one.dataset === dataset),
  );
}

/** Whether an organization is so new that the first copy of its files need not be there yet. */
function awaitsFirstCopy({ policy, startedAt }: Collection, { organizationId }: Subject, createdAt: Instant): boolean {
  const hours = limitValue('firstCopyHours', policy, { kind: 'store', organizationId });
  const age = toMillis(startedAt) - toMillis(createdAt);
  return age >= 0 && age <= hours * HOUR;
}

/** Whether the directory of the policy's default binding is the same for every organization. */
function isSharedDefault({ config }: Collection, { origin }: Facts['storage-binding']): boolean {
  const standard = config.stores.default;
  return origin === 'policy-default' && standard !== 'none' && !standard.path.includes('{organizationId}');
}

/** Moments of the newest file copies of each location: artifact rows are counted after each of them. */
function fileMoments(part: PartBuilder): readonly Instant[] {
  const moments = part.evidence.flatMap((record) =>
    record.kind === 'file-copy'
      ? record.items
          .filter((item) => item.complete && item.present)
          .map((item) => item.moment)
          .sort()
          .slice(-5)
      : [],
  );
  return [...new Set(moments)].sort();
}
