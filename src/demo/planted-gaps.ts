import type { Finding } from '../model/finding.ts';
import type { Plane } from '../model/report.ts';
import { subjectId } from '../model/subject.ts';
import { NAMES, organizationOf } from './organizations.ts';

/** One finding that a report on the demo install must show, because of something that was planted. */
export interface PlantedGap {
  readonly controlId: string;
  /** As {@link subjectId} writes it. */
  readonly subject: string;
  readonly status: 'fail' | 'unknown';
  readonly plane: Plane;
  /** Name of the organization it is about; null for the install's own. */
  readonly organization: string | null;
  /** What was planted. */
  readonly planted: string;
}

type Consequence = readonly [controlId: string, subject: string, status: PlantedGap['status']];

function plant(
  plane: Plane,
  organization: string | null,
  planted: string,
  consequences: readonly Consequence[],
): readonly PlantedGap[] {
  return consequences.map(([controlId, subject, status]) => ({
    controlId,
    subject,
    status,
    plane,
    organization,
    planted,
  }));
}

const of = (slug: string) => {
  const { id, name, database, keyring } = organizationOf(slug);
  return {
    name,
    organization: `organization:${id}`,
    database: `database:${id}/${database}`,
    keyring: `keyring:${keyring}`,
    store: `store:binding-${slug}`,
  };
};
const [elm, fir, grove, hazel, iris, juniper, linden] = [
  of('elm'),
  of('fir'),
  of('grove'),
  of('hazel'),
  of('iris'),
  of('juniper'),
  of('linden'),
];

/**
 * Everything that was planted in the demo install, with all that follows from it: no other finding of a report on it
 * may fail or be unknown.
 */
export const PLANTED_GAPS: readonly PlantedGap[] = [
  ...plant('database', elm.name, 'the last three nightly runs failed; its newest dump is 3 days old', [
    ['DB-3', elm.database, 'fail'],
    ['DB-4', elm.database, 'fail'],
    ['DB-10', elm.database, 'fail'],
    ['DB-11', elm.database, 'fail'],
    ['REC-2', elm.organization, 'fail'],
  ]),
  ...plant('database', fir.name, 'the newest dump is cut off in the middle; the one before it is too old', [
    ['DB-3', fir.database, 'fail'],
    ['DB-6', fir.database, 'fail'],
    ['REC-2', fir.organization, 'fail'],
  ]),
  ...plant('database', grove.name, 'the newest dump is another organization’s, under the right name', [
    ['DB-3', grove.database, 'fail'],
    ['DB-5', grove.database, 'fail'],
    ['DB-7', grove.database, 'fail'],
    ['REC-2', grove.organization, 'fail'],
  ]),
  ...plant('database', hazel.name, 'a run is recorded as successful, and its dump is gone', [
    ['DB-5', hazel.database, 'fail'],
    ['DB-10', hazel.database, 'fail'],
  ]),
  ...plant('database', null, 'a dump of a database that was deleted long ago was left behind', [
    ['INV-5', `install:${NAMES.installId}`, 'fail'],
  ]),
  ...plant('keys', iris.name, 'its wrapping key was rotated after the newest snapshot of the key provider', [
    ['KEY-7', iris.keyring, 'fail'],
  ]),
  ...plant('keys', juniper.name, 'its wrapping key was deleted and made anew under the same name', [
    ['KEY-13', juniper.keyring, 'fail'],
    ['KEY-7', juniper.keyring, 'fail'],
    ['REC-1', juniper.organization, 'fail'],
    ['REC-2', juniper.organization, 'fail'],
    ['REC-3', juniper.organization, 'fail'],
  ]),
  ...plant('files', linden.name, 'the directory of its files is in no backup set', [
    ['FILE-3', linden.store, 'fail'],
    ['FILE-4', linden.store, 'fail'],
    ['FILE-5', linden.store, 'fail'],
    ['FILE-10', linden.store, 'fail'],
    ['REC-1', linden.organization, 'fail'],
    ['REC-3', linden.organization, 'fail'],
  ]),
  ...plant('host', null, 'the bootstrap file was changed after its last copy', [
    ['HOST-1', `host:${NAMES.installHost}`, 'fail'],
  ]),
  ...plant('restore', null, 'nobody signed in when the last tenant database was restored in a test', [
    ['RST-3', `install:${NAMES.installId}`, 'fail'],
  ]),
];

/** What of a finding tells which one it is. */
export type ComparedFinding = Pick<Finding, 'controlId' | 'status'> & {
  readonly subject: Pick<Finding['subject'], 'kind' | 'key'>;
};

export interface PlantComparison {
  readonly found: readonly PlantedGap[];
  /** Planted, and not reported with the status that it must have. */
  readonly missing: readonly PlantedGap[];
  /** Reported as failing or unknown, and not planted. */
  readonly unexpected: readonly ComparedFinding[];
}

/** Holds a report's findings against what was planted. Findings that pass or do not apply are passed over. */
export function compareWithPlanted(
  findings: Iterable<ComparedFinding>,
  planted: readonly PlantedGap[] = PLANTED_GAPS,
): PlantComparison {
  const open = new Map(planted.map((gap) => [keyOf(gap.controlId, gap.subject, gap.status), gap]));
  const known = new Map(open);
  const unexpected = new Map<string, ComparedFinding>();
  for (const finding of findings) {
    if (finding.status !== 'fail' && finding.status !== 'unknown') continue;
    const key = keyOf(finding.controlId, subjectId(finding.subject), finding.status);
    if (known.has(key)) open.delete(key);
    else unexpected.set(key, finding);
  }
  const missing = [...open.values()];
  return {
    found: planted.filter((gap) => !missing.includes(gap)),
    missing,
    unexpected: [...unexpected.values()],
  };
}

function keyOf(controlId: string, subject: string, status: string): string {
  return `${controlId} ${status} ${subject}`;
}
