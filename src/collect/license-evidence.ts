import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { datasetQuestion } from './dataset-answers.ts';
import type { Collection, Estate } from './estate.ts';
import type { InstallRows } from './organizations/dataset-contracts.ts';

/** Key of an install whose id could not be read. */
export const UNKNOWN_INSTALL = 'unknown';

/** The organizations that a license is compared with. */
export interface LicensedInputs {
  readonly streamed: { readonly count: number };
  /** Lower-case ids. */
  readonly organizationKeys: ReadonlySet<string>;
}

const INSTALL_UNKNOWN: BlindSpot = {
  reason: 'not-asked',
  detail: 'the id of the install is not known, so no license can be told to be its own',
  remedy: 'Read the blind spot of dataset install.',
};

/** The licenses of this install: a database can hold those of several. */
export async function licenseEvidence(
  collection: Collection,
  estate: Estate,
  inputs: LicensedInputs,
): Promise<AnyEvidence> {
  const install = estate.installSubject;
  const own = (row: InstallRows['license']) => row.installId.toLowerCase() === install.key.toLowerCase();
  const ask = datasetQuestion(collection, estate, install);
  const license = await ask('license', 'license', (row) => licenseFact(row, inputs), own);
  if (install.key !== UNKNOWN_INSTALL || license.blindSpot !== null) return license;
  return { ...license, blindSpot: INSTALL_UNKNOWN };
}

function licenseFact(row: InstallRows['license'], inputs: LicensedInputs): Facts['license'] {
  const named = new Set(row.organizationIds.map((id) => id.toLowerCase()));
  return {
    state: row.state,
    validFrom: row.validFrom,
    validUntil: row.validUntil,
    maxOrganizations: row.maxOrganizations,
    organizationsNotCovered: [...inputs.organizationKeys].filter((key) => !named.has(key)).slice(0, 1000),
    organizationsNotInstalled: [...named].filter((id) => !inputs.organizationKeys.has(id)).slice(0, 1000),
    organizationsNamed: named.size,
    organizationsInstalled: inputs.streamed.count,
  };
}
