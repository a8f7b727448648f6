import type { InstallOrganization } from './organizations.ts';
import type { ReportDocument } from './read-report.ts';

/** What a report says of one organization: its verdict, and the status of every control that has one. */
export type Statuses = Readonly<Record<string, string | null>>;
/** By slug, what is otherwise than it should be; organizations of which nothing is are left out. */
export type Differences = Readonly<Record<string, Statuses>>;

/** Every status of an organization, of whichever control, with its verdict. */
export function allStatusesOf(report: ReportDocument, { id }: InstallOrganization): Statuses {
  const summary = report.organizations.find((one) => one.organizationId === id);
  if (summary === undefined) throw new Error(`the report has no organization ${id}`);
  return { verdict: summary.verdict, ...summary.statuses };
}

/**
 * Everything of every organization in a report that is otherwise than in a report of the same install while it was well,
 * as it is now. A status that is there in one of the two only is `none` in the other.
 *
 * @param except controls that differ from run to run, and are not what is tested
 */
export function differencesFrom(
  well: ReportDocument,
  report: ReportDocument,
  organizations: readonly InstallOrganization[],
  except: readonly string[] = [],
): Differences {
  return differing(report, organizations, (one) => allStatusesOf(well, one), except);
}

/** The same beside an organization of the same report that is well, where an install is built with all that is wrong in it. */
export function differencesBeside(
  well: InstallOrganization,
  report: ReportDocument,
  organizations: readonly InstallOrganization[],
  except: readonly string[] = [],
): Differences {
  const base = allStatusesOf(report, well);
  return differing(report, organizations, () => base, except);
}

function differing(
  report: ReportDocument,
  organizations: readonly InstallOrganization[],
  baseOf: (organization: InstallOrganization) => Statuses,
  except: readonly string[],
): Differences {
  const listed = organizations.map((one) => one.id).sort();
  const judged = report.organizations.map((one) => one.organizationId).sort();
  if (listed.join() !== judged.join()) throw new Error(`the report is of ${judged.join(', ')}`);
  const differences: Record<string, Statuses> = {};
  for (const organization of organizations) {
    const base = baseOf(organization);
    const now = allStatusesOf(report, organization);
    const names = new Set([...Object.keys(base), ...Object.keys(now)].filter((name) => !except.includes(name)));
    const other = [...names].filter((name) => base[name] !== now[name]).map((name) => [name, now[name] ?? 'none']);
    if (other.length > 0) differences[organization.slug] = Object.fromEntries(other);
  }
  return differences;
}
