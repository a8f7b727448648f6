import type { Finding, Status } from '../../../model/finding.ts';
import {
  type OrganizationSummary,
  REPORT_SCHEMA_VERSION,
  type ReportedCopy,
  type ReportedEvidence,
} from '../../../model/report.ts';
import type { Cell } from './cells.ts';

/*
 * The columns of the CSV files. Their order is fixed: new ones go to the end and raise the report's schema version.
 * Instants are ISO 8601 UTC, lists are separated by spaces (ids) or semicolons, empty means null.
 */

type Column<T> = readonly [name: string, cell: (row: T) => Cell];

/** A finding with the organization it belongs to; null for the install's and shared ones. */
export interface FindingRow {
  readonly finding: Finding;
  readonly organization: Pick<OrganizationSummary, 'organizationId' | 'name'> | null;
}

export const FINDING_COLUMNS: readonly Column<FindingRow>[] = [
  ['schema_version', () => REPORT_SCHEMA_VERSION],
  ['finding_id', ({ finding }) => finding.id],
  ['organization_id', ({ organization }) => organization?.organizationId ?? null],
  ['organization_name', ({ organization }) => organization?.name ?? null],
  ['control_id', ({ finding }) => finding.controlId],
  ['title', ({ finding }) => finding.title],
  ['severity', ({ finding }) => finding.severity],
  ['bears', ({ finding }) => finding.bears],
  ['status', ({ finding }) => finding.status],
  ['grade', ({ finding }) => finding.grade],
  ['subject_kind', ({ finding }) => finding.subject.kind],
  ['subject_key', ({ finding }) => finding.subject.key],
  ['subject_name', ({ finding }) => finding.subject.name],
  ['because', ({ finding }) => finding.because],
  ['limit_value', ({ finding }) => finding.limit?.value ?? null],
  ['limit_text', ({ finding }) => finding.limit?.text ?? null],
  ['limit_origin', ({ finding }) => finding.limit?.origin ?? null],
  ['evidence_ids', ({ finding }) => finding.evidence.join(' ')],
  ['blind_spot_ids', ({ finding }) => finding.blindSpotIds.join(' ')],
  ['remediation', ({ finding }) => finding.remediation ?? null],
  ['waiver_reason', ({ finding }) => finding.waiver?.reason ?? null],
  ['waiver_approver', ({ finding }) => finding.waiver?.approver ?? null],
  ['waiver_expires', ({ finding }) => finding.waiver?.expires ?? null],
];

/** A copy with the question whose answer it was in, and the organization that was asked about; null for the install. */
export interface CopyRow {
  readonly copy: ReportedCopy;
  readonly evidence: ReportedEvidence;
  readonly organization: Pick<OrganizationSummary, 'organizationId' | 'name'> | null;
}

export const COPY_COLUMNS: readonly Column<CopyRow>[] = [
  ['schema_version', () => REPORT_SCHEMA_VERSION],
  ['organization_id', ({ organization }) => organization?.organizationId ?? null],
  ['organization_name', ({ organization }) => organization?.name ?? null],
  ['subject_kind', ({ evidence }) => evidence.subject.kind],
  ['subject_key', ({ evidence }) => evidence.subject.key],
  ['source', ({ evidence }) => evidence.source],
  ['path', ({ copy }) => copy.path],
  ['method', ({ copy }) => copy.method],
  ['bytes', ({ copy }) => copy.bytes],
  ['modified_at', ({ copy }) => copy.modifiedAt],
  ['moment_not_before', ({ copy }) => copy.moment?.notBefore ?? null],
  ['moment_not_after', ({ copy }) => copy.moment?.notAfter ?? null],
  ['integrity', ({ copy }) => copy.integrity],
  ['because', ({ copy }) => copy.because],
  ['grade', ({ copy }) => copy.grade],
  ['last_read_in_full_at', ({ copy }) => copy.verifiedAt],
  ['evidence_id', ({ evidence }) => evidence.id],
];

function controlsWith(summary: OrganizationSummary, status: Status): string {
  const ids = Object.entries(summary.statuses).filter(([, own]) => own === status);
  return ids
    .map(([id]) => id)
    .toSorted()
    .join(' ');
}

export const ORGANIZATION_COLUMNS: readonly Column<OrganizationSummary>[] = [
  ['schema_version', () => REPORT_SCHEMA_VERSION],
  ['organization_id', (row) => row.organizationId],
  ['slug', (row) => row.slug],
  ['name', (row) => row.name],
  ['state', (row) => row.state],
  ['verdict', (row) => row.verdict],
  ['at_risk_by', (row) => row.atRiskBy.join(' ')],
  ['first_copy_due', (row) => row.firstCopyDue],
  ['recovery_point', (row) => row.recoveryPoint],
  ['recovery_point_age_seconds', (row) => row.recoveryPointAgeSeconds],
  ['weakest_link_plane', (row) => row.weakestLink?.plane ?? null],
  ['weakest_link_finding_id', (row) => row.weakestLink?.findingId ?? null],
  ['weakest_link', (row) => row.weakestLink?.sentence ?? null],
  ['plane_host', (row) => row.planes.host],
  ['plane_keys', (row) => row.planes.keys],
  ['plane_database', (row) => row.planes.database],
  ['plane_files', (row) => row.planes.files],
  ['plane_restore', (row) => row.planes.restore],
  ['blind', (row) => row.blind],
  ['exclusion_reason', (row) => row.exclusion?.reason ?? null],
  ['exclusion_approver', (row) => row.exclusion?.approver ?? null],
  ['exclusion_expires', (row) => row.exclusion?.expires ?? null],
  ['controls_failed', (row) => controlsWith(row, 'fail')],
  ['controls_unknown', (row) => controlsWith(row, 'unknown')],
  ['controls_waived', (row) => controlsWith(row, 'waived')],
  ['blind_spot_ids', (row) => row.blindSpotIds.join(' ')],
];
