import type { JudgeContext, Observation, Observed } from '../../model/control.ts';
import { HOUR, toMillis } from '../../model/instant.ts';
import { counted } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { namesText } from '../names-text.ts';

const LIST = need('organization-list', 'self', 'either');
const LICENSE_NEEDS = { licenses: need('license', 'self', 'either'), lists: LIST } as const;
const ROW_NEEDS = { lists: LIST } as const;
const SOME_NEEDS = { databases: need('database-list', 'self', 'more-helps') } as const;
const DATABASE_NEEDS = { databases: need('database-list', 'self', 'more-hurts') } as const;

/** Rows of organizations that exist; runs and tests of restores outlive those that were deleted. */
const PRESENT = new Set(['tenant_databases', 'keyrings', 'storage_bindings']);

/**
 * INV-2: the list of organizations, the license and the databases that servers really have name the same. It names
 * organizations and databases, so its subject is the install: no organization's own report holds it.
 */
export const inv2 = defineControl({
  id: 'INV-2',
  title: 'The lists of organizations agree',
  failureTitle: 'The lists of organizations do not agree',
  severity: 'high',
  bears: 'audit',
  subject: 'install',
  rationale:
    'A database that no organization is recorded with is backed up by nobody and erased by nobody; an organization that the license does not name stays shut after a recovery. Where lists differ, an audit that follows one of them overlooks something.',
  remediation:
    'Find out whose an orphan database is: record it, or take a last copy and drop it (dropdb NAME). One of another application belongs under otherDatabases of its server in the configuration. Ask the vendor for a license that names the organizations there are.',
  remediationUnknown:
    "Let the audit see both lists before correcting either: every organization, every server's databases, and the license of this install. Drop nothing that is not known to be an orphan.",
  limits: ['provisioningHours'],
  combine: 'all',
  parts: [
    part({
      name: 'the license names the organizations there are',
      needs: LICENSE_NEEDS,
      judge({ licenses }: Observed<typeof LICENSE_NEEDS>, context) {
        return judgeLicenses(licenses, context);
      },
    }),
    part({
      name: 'other datasets name no others',
      needs: ROW_NEEDS,
      judge({ lists }: Observed<typeof ROW_NEEDS>) {
        const [list] = lists;
        if (list === undefined) return judged('unknown', 'the organizations were not listed');
        const unlisted = (list.value.rowsUnlisted ?? []).filter(({ dataset }) => PRESENT.has(dataset));
        if (unlisted.length === 0)
          return judged('holds', 'no dataset names an organization that is not listed', [list]);
        const rows = unlisted.map((one) => `${counted(one.rows, 'row')} of dataset ${one.dataset}`).join(', ');
        return judged('fails', `${rows} belong to organizations that are not in the list`, [list]);
      },
    }),
    part({
      name: 'servers told their databases',
      needs: SOME_NEEDS,
      judge({ databases }: Observed<typeof SOME_NEEDS>) {
        if (databases.length === 0) return judged('unknown', 'no server told which databases it has');
        return judged(
          'holds',
          `the databases of ${counted(databases.length, 'server')} were listed`,
          databases.slice(0, 1),
        );
      },
    }),
    part({
      name: 'the databases on the servers are those recorded',
      needs: DATABASE_NEEDS,
      judge({ databases }: Observed<typeof DATABASE_NEEDS>, context) {
        const problems = databases.flatMap((list) => differencesOf(list, context));
        const limit = context.limit('provisioningHours', 'tenant-database');
        if (problems.length > 0) return judged('fails', problems.join('; '), databases, limit);
        const [doubtful] = databases.filter(({ value }) => value.possible > 0);
        if (doubtful !== undefined) {
          const { server, possible, unrecorded } = doubtful.value;
          const names = namesText(
            unrecorded.filter((one) => one.is === 'possible').map(({ name }) => name),
            possible,
          );
          const text = `${server} has ${counted(possible, 'database')} that may be recorded under an address that is not configured, or in a row that could not be read: ${names}`;
          return judged('unknown', text, [doubtful], limit);
        }
        const recorded = databases.reduce((sum, { value }) => sum + value.recorded, 0);
        const text = `${counted(recorded, 'database')} on ${counted(databases.length, 'server')}, and none but those recorded`;
        return judged('holds', text, databases, limit);
      },
    }),
  ],
});

type License = Observation<'license'>;

/** Renewed licenses stand beside those that they replace: of those in force, or else of all, one that agrees suffices. */
function judgeLicenses(licenses: readonly License[], { asOf }: JudgeContext) {
  if (licenses.length === 0) {
    return judged('unknown', 'the install database holds no license of this install that could be compared');
  }
  const inForce = licenses.filter(
    ({ value }) => value.validUntil >= asOf && (value.validFrom === null || value.validFrom <= asOf),
  );
  const compared = (inForce.length > 0 ? inForce : licenses).toSorted((a, b) =>
    b.value.validUntil.localeCompare(a.value.validUntil),
  );
  const agreeing = compared.find(({ value }) => disagreements(value).length === 0);
  const [best] = compared;
  if (agreeing === undefined && best !== undefined) {
    return judged('fails', disagreements(best.value).join('; '), [best]);
  }
  if (agreeing === undefined || agreeing.value.organizationsNotInstalled === undefined) {
    return judged('unknown', 'whether the license names organizations that are not there was not looked at', compared);
  }
  const text = `the license names the ${counted(agreeing.value.organizationsNamed, 'organization')} there are`;
  return judged('holds', text, [agreeing]);
}

function disagreements({ organizationsNotCovered, organizationsNotInstalled = [] }: License['value']): string[] {
  const [lacking, surplus] = [organizationsNotCovered, organizationsNotInstalled];
  return [
    ...(lacking.length > 0
      ? [`the license does not name ${counted(lacking.length, 'organization')} of the install: ${namesText(lacking)}`]
      : []),
    ...(surplus.length > 0
      ? [
          `the license names ${counted(surplus.length, 'organization')} that the install does not have: ${namesText(surplus)}`,
        ]
      : []),
  ];
}

function differencesOf({ value }: Observation<'database-list'>, context: JudgeContext): readonly string[] {
  const { server, unrecorded, orphans, missing, missingCount } = value;
  const grace = context.limit('provisioningHours', 'tenant-database').value * HOUR;
  // A row may be written before its database is made.
  const gone = missing.filter(
    ({ createdAt }) => createdAt === null || toMillis(context.asOf) - toMillis(createdAt) > grace,
  );
  const names = unrecorded.filter((one) => one.is === 'orphan').map(({ name }) => name);
  const lacking = missingCount - missing.length + gone.length;
  return [
    ...(orphans > 0
      ? [
          `${server} has ${counted(orphans, 'database')} that no organization is recorded with: ${namesText(names, orphans)}`,
        ]
      : []),
    ...(gone.length > 0
      ? [
          `${server} does not have ${counted(lacking, 'database')} that ${lacking === 1 ? 'is' : 'are'} recorded on it: ${namesText(
            gone.map(({ databaseName }) => databaseName),
            lacking,
          )}`,
        ]
      : []),
  ];
}
