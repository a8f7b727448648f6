import { parseAzureKeyReference } from '../model/azure-key-reference.ts';
import type { AnyEvidence } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { KeyringRow } from './organizations/dataset-contracts.ts';
import type { InstallReading } from './organizations/install-database.ts';
import { readSpool } from './organizations/spool.ts';

/** Says of an organization's key-version rows, live and inside copies, which name a key of another organization. */
export type TellingOthersKeys = (evidence: readonly AnyEvidence[]) => Promise<readonly AnyEvidence[]>;

type Version = Facts['key-version'];
/** Keyrings of one organization. */
type Own = readonly Facts['keyring'][];

/**
 * Marks rows that name a key which no keyring of their organization names, and which one of another organization does, in
 * the same key provider: the same name in another provider may be another key. What the install keyring names is nobody's.
 * The names of all keyrings are read the first time such a row is met, and kept: about 100 bytes for each organization.
 */
export function tellingOthersKeys({ datasets }: Pick<InstallReading, 'datasets'>): TellingOthersKeys {
  let names: Promise<ReadonlySet<string>> | null = null;
  const allNames = () => {
    names ??= namesOfOrganizations(datasets.keyrings);
    return names;
  };
  return async (evidence) => {
    const own = keyringsIn(evidence);
    if (own === null || !evidence.some((record) => versionsIn(record).some((row) => !isOwn(own, row)))) return evidence;
    const all = await allNames();
    const mark = (row: Version): Version =>
      !isOwn(own, row) && own.some((keyring) => all.has(nameOf(keyring.providerId, refIn(keyring, row.keyRef))))
        ? { ...row, ofAnotherOrganization: true }
        : row;
    return evidence.map((record) => marked(record, mark));
  };
}

/** The keyrings of an organization's part; null where not all are known, so that no key is certainly none of its own. */
function keyringsIn(evidence: readonly AnyEvidence[]): Own | null {
  const records = evidence.filter((record) => record.kind === 'keyring');
  const own = records.flatMap(({ items }) => items);
  return own.length === 0 || records.some(({ blindSpot }) => blindSpot !== null) ? null : own;
}

function versionsIn(record: AnyEvidence): readonly Version[] {
  if (record.kind === 'key-version') return record.items;
  if (record.kind !== 'copy') return [];
  return record.items.flatMap(({ keyVersionsInside }) => keyVersionsInside?.versions ?? []);
}

function marked(record: AnyEvidence, mark: (row: Version) => Version): AnyEvidence {
  if (record.kind === 'key-version') return { ...record, items: record.items.map(mark) };
  if (record.kind !== 'copy' || versionsIn(record).length === 0) return record;
  const items = record.items.map((copy) => {
    const inside = copy.keyVersionsInside;
    if (inside?.versions == null) return copy;
    return { ...copy, keyVersionsInside: { ...inside, versions: inside.versions.map(mark) } };
  });
  return { ...record, items };
}

function isOwn(own: Own, { keyRef }: Version): boolean {
  return own.some((keyring) => refIn(keyring, keyring.keyRef) === refIn(keyring, keyRef));
}

/** What tells keys of a provider apart: of Azure the name, whatever version a reference states. */
function refIn({ providerKind }: Facts['keyring'], keyRef: string): string {
  return providerKind === 'azure-key-vault' ? azureName(keyRef) : keyRef;
}

function azureName(keyRef: string): string {
  return parseAzureKeyReference(keyRef)?.name ?? keyRef;
}

function nameOf(providerId: string, keyRef: string): string {
  return `${providerId} ${keyRef}`;
}

async function namesOfOrganizations(keyrings: InstallReading['datasets']['keyrings']): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  if (keyrings.status !== 'read') return names;
  for await (const record of readSpool<KeyringRow>(keyrings.file)) {
    if (!record.ok || record.row.organizationId === null) continue;
    const { providerId, keyRef } = record.row;
    // Which providers are Azure is known where a name is looked up: both forms are kept where they differ.
    names.add(nameOf(providerId, keyRef));
    names.add(nameOf(providerId, azureName(keyRef)));
  }
  return names;
}
