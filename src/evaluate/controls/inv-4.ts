import type { Observed } from '../../model/control.ts';
import { agedText } from '../../model/text.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { isProvisioningInTime } from '../provisioning.ts';

const ORGANIZATION_NEEDS = { organizations: need('organization', 'self', 'either') } as const;
const SOME_ROW = { rows: need('tenant-database', 'self', 'more-helps') } as const;
const ONE_ROW = { rows: need('tenant-database', 'self', 'more-hurts') } as const;
const OTHERS = { overlaps: need('database-overlap', 'self', 'more-hurts') } as const;
const FOUND = { states: need('database-state', 'organization-databases', 'more-helps') } as const;
const NONE_MISSING = { states: need('database-state', 'organization-databases', 'more-hurts') } as const;

/** INV-4: each organization has exactly one tenant database, it is no other organization's nor the install's, and its server knows it. */
export const inv4 = defineControl({
  id: 'INV-4',
  title: 'The organization has exactly one tenant database of its own',
  failureTitle: 'The organization does not have exactly one tenant database of its own',
  severity: 'critical',
  bears: 'recovery',
  subject: 'organization',
  rationale:
    'Without its database an organization is lost already; with two nobody can say which one a restore must bring back, and restoring one that is shared sets another organization back too.',
  remediation:
    'Compare the install database with the servers: psql --list shows which databases exist. Restore the one that is missing, or remove the row or database that is left over. Where two organizations share one, correct the row that is wrong, or move one of them into a database of its own.',
  remediationUnknown:
    'Find out which databases exist (psql --list) and let the audit ask every server. Remove neither row nor database until that is known.',
  limits: ['provisioningHours'],
  applies: [
    part({
      name: 'past provisioning',
      needs: ORGANIZATION_NEEDS,
      judge(observed: Observed<typeof ORGANIZATION_NEEDS>, context) {
        const organization = observed.organizations[0];
        if (organization === undefined) return judged('unknown', 'the organization was not read');
        if (!isProvisioningInTime(organization, context)) {
          return judged('holds', `it is in state ${organization.value.state}`, [organization]);
        }
        const limit = context.limit('provisioningHours');
        const since = agedText(organization.value.createdAt, context.asOf);
        const text = `it is still being provisioned, created on ${since}; the limit is ${limit.text}`;
        return judged('fails', text, [organization], limit);
      },
    }),
  ],
  combine: 'all',
  parts: [
    part({
      name: 'a tenant database is recorded',
      needs: SOME_ROW,
      judge(observed: Observed<typeof SOME_ROW>) {
        if (observed.rows.length === 0)
          return judged('fails', 'the install database records no tenant database for it');
        return judged('holds', `the install database records ${places(observed.rows).join(' and ')}`, observed.rows);
      },
    }),
    part({
      name: 'not more than one is recorded',
      needs: ONE_ROW,
      judge(observed: Observed<typeof ONE_ROW>) {
        const different = places(observed.rows);
        if (different.length < 2) return judged('holds', 'and no other', observed.rows);
        const text = `the install database records ${different.length} tenant databases for it: ${different.slice(0, 3).join(', ')}`;
        return judged('fails', text, observed.rows);
      },
    }),
    part({
      name: 'nobody else has it',
      needs: OTHERS,
      // No names and no counts: an organization's own report must not tell about others.
      judge(observed: Observed<typeof OTHERS>) {
        const [shared] = observed.overlaps;
        if (shared === undefined)
          return judged('holds', 'no other organization is recorded with it, and it is not the install database');
        const { databaseName } = shared.value;
        const isInstall = observed.overlaps.find(({ value }) => value.of === 'install');
        if (isInstall !== undefined) {
          const text = `${isInstall.value.databaseName}, which is recorded as its tenant database, is the install database itself`;
          return judged('fails', text, observed.overlaps);
        }
        const text = `the install database records ${databaseName} for another organization as well`;
        return judged('fails', text, observed.overlaps);
      },
    }),
    part({
      name: 'it was found',
      needs: FOUND,
      judge(observed: Observed<typeof FOUND>) {
        const found = observed.states.find((state) => state.value.exists);
        if (found === undefined) return judged('unknown', 'no server said that it has the database');
        return judged('holds', `its server has database ${found.subject.name}`, [found]);
      },
    }),
    part({
      name: 'none is missing',
      needs: NONE_MISSING,
      judge(observed: Observed<typeof NONE_MISSING>) {
        const missing = observed.states.find((state) => !state.value.exists);
        if (missing === undefined) return judged('holds', 'none that is recorded is missing', observed.states);
        const text = `its server answered and has no database ${missing.subject.name}`;
        return judged('fails', text, [missing]);
      },
    }),
  ],
});

/** Two sources that record the same row record one database. */
function places(rows: Observed<typeof SOME_ROW>['rows']): readonly string[] {
  return [
    ...new Set(
      rows.map(({ value }) =>
        value.host === null ? value.databaseName : `${value.databaseName} on ${value.host}:${value.port ?? 5432}`,
      ),
    ),
  ].sort();
}
