import type { AnyEvidence, BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toInstant, toMillis } from '../model/instant.ts';
import type { Subject } from '../model/subject.ts';
import { allCopies } from './backups/all-copies.ts';
import { tenantCopiesOf } from './copied-databases.ts';
import { runsEvidence } from './dataset-answers.ts';
import { declarationsAbout } from './declarations.ts';
import { sampleQuestion, skewMillis } from './drawn-artifacts.ts';
import type { Collection, Estate, PartBuilder } from './estate.ts';
import type { BackupRunRow } from './organizations/dataset-contracts.ts';
import { type LiveInputs, liveEvidence, type TenantReading } from './tenant-live-evidence.ts';
import { unopenedFiles } from './unopened-files.ts';

/** One tenant database with what the install database says about it. */
export interface TenantInputs extends LiveInputs {
  /** True where the organization has just this one, so that runs without a database name are its. */
  readonly only: boolean;
  readonly runs: readonly BackupRunRow[];
  readonly plans: readonly Facts['backup-plan'][];
  readonly runsBlindSpot: BlindSpot | null;
  readonly fileMoments: readonly Instant[];
  /** Whether artifact rows are to be drawn, to be looked for in its store. */
  readonly draws: boolean;
}

/** Copies of one location around whose moments artifact rows are counted, newest first. */
const COUNTED_COPIES = 10;

/** The facts about one tenant database: its server's view, its copies, and over one connection what is in it. */
export async function tenantEvidence(
  collection: Collection,
  estate: Estate,
  part: PartBuilder,
  inputs: TenantInputs,
): Promise<TenantReading> {
  const { organization, row } = inputs;
  const { only, plans } = inputs;
  const database = tenantCopiesOf(estate, { organizationKey: organization.key, row, only, runs: inputs.runs, plans });
  const { subject, runs } = database;
  const known = database.server === null ? undefined : estate.known.get(database.server);
  part.subjects.push({ subject, ...(known === undefined ? {} : { cluster: known.subject.key }) });
  const found = await allCopies(collection, estate, database);
  const copies = [...found, ...unopenedFiles(collection, estate, database, found)];
  part.evidence.push(
    runsEvidence(collection, estate, subject, runs, inputs.runsBlindSpot),
    ...declarationsAbout(collection, subject),
    ...copies,
  );
  return liveEvidence(collection, part, subject, inputs, known, {
    instants: countingInstants(collection, inputs, copies),
    prefixes: inputs.prefixes,
    sample: inputs.draws ? sampleQuestion(collection, organization) : null,
    withObjects: copies.some(holdsComparable),
    withSize: copies.some(({ kind, items }) => kind === 'copy' && items.length > 0),
  });
}

/** An organization whose database is not known gets an unnamed one, so that what nobody could ask about is unknown. */
export function unknownTenant(
  collection: Collection,
  part: PartBuilder,
  organization: Subject,
  blindSpot: BlindSpot | null,
): void {
  const subject: Subject = {
    kind: 'database',
    key: `${organization.key}/unknown`,
    organizationId: organization.key,
    name: 'unknown database',
  };
  // Where the install database says that there is none, INV-4 says so; a database that is not there has no copies.
  if (blindSpot === null) {
    part.evidence.push(keyVersionsUnasked(collection, organization));
    return;
  }
  part.subjects.push({ subject });
  part.evidence.push(
    collection.asker.record(
      {
        kind: 'copy',
        subject,
        source: 'install database',
        operation: 'dataset tenant_databases',
        locator: 'install database',
      },
      { items: [], blindSpot },
    ),
  );
}

function keyVersionsUnasked(collection: Collection, organization: Subject): AnyEvidence {
  return collection.asker.record(
    {
      kind: 'key-version',
      subject: organization,
      source: 'tenant database',
      operation: 'none',
      locator: 'no database',
    },
    {
      items: [],
      blindSpot: {
        reason: 'not-asked',
        detail: 'it has no tenant database that could hold key versions',
        remedy: 'See the finding on its tenant database.',
      },
    },
  );
}

/**
 * The newest copies' moments of each location, the files' moments, and those plus and less the tolerated skew: rows are counted
 * after each. Each location has a share of its own, so that frequent copies in one do not push out those of another.
 */
function countingInstants(
  collection: Collection,
  inputs: TenantInputs,
  copies: readonly AnyEvidence[],
): readonly Instant[] {
  const moments = copies.flatMap((record) => {
    const own = record.kind === 'copy' ? record.items.flatMap(({ moment }) => (moment === null ? [] : [moment])) : [];
    return own
      .sort((a, b) => b.notBefore.localeCompare(a.notBefore))
      .slice(0, COUNTED_COPIES)
      .flatMap((moment) => [moment.notBefore, moment.notAfter]);
  });
  const skew = skewMillis(collection, inputs.organization);
  const skewed = inputs.fileMoments.flatMap((moment) => [
    moment,
    toInstant(toMillis(moment) + skew),
    toInstant(toMillis(moment) - skew),
  ]);
  return [...new Set([...moments, ...skewed])].sort();
}

/** Whether a copy was found whose contents can be compared with what the live database holds. */
function holdsComparable(record: AnyEvidence): boolean {
  return record.kind === 'copy' && record.items.some(({ objects }) => objects !== undefined);
}
