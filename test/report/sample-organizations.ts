import type { Finding, Status } from '../../src/model/finding.ts';
import type {
  OrganizationChapter,
  OrganizationSummary,
  PlaneState,
  Planes,
  ReportedEvidence,
  Verdict,
} from '../../src/model/report.ts';
import type { Subject } from '../../src/model/subject.ts';
import { ORGANIZATION_CONTROLS, type SampleControl } from './sample-controls.ts';
import { sampleName, slugOf } from './sample-names.ts';

/** The clock of every sample report. */
export const SAMPLE_AS_OF = '2026-11-22T18:00:00.000Z';

export type SampleCase =
  | 'recoverable'
  | 'gap'
  | 'blind-spot'
  | 'first-copy-due'
  | 'unknown'
  | 'blind'
  | 'not-recoverable'
  | 'excluded';

/** The states in turn; most organizations of a well-run install are recoverable. */
const CYCLE: readonly SampleCase[] = [
  'recoverable',
  'gap',
  'recoverable',
  'not-recoverable',
  'recoverable',
  'unknown',
  'blind-spot',
  'recoverable',
  'first-copy-due',
  'blind',
  'excluded',
  'recoverable',
];

export function sampleCase(index: number): SampleCase {
  return CYCLE[index % CYCLE.length] ?? 'recoverable';
}

const VERDICT: Readonly<Record<SampleCase, Verdict | null>> = {
  recoverable: 'recoverable',
  gap: 'at-risk',
  'blind-spot': 'at-risk',
  'first-copy-due': 'at-risk',
  unknown: 'unknown',
  blind: 'unknown',
  'not-recoverable': 'not-recoverable',
  excluded: null,
};

/** The one control of each case that does not pass. */
const EXCEPTION: Readonly<Partial<Record<SampleCase, readonly [controlId: string, status: Status]>>> = {
  gap: ['DB-3', 'fail'],
  'blind-spot': ['KEY-2', 'unknown'],
  unknown: ['DB-2', 'unknown'],
  'not-recoverable': ['FILE-3', 'fail'],
};

export function sampleOrganizationId(index: number): string {
  return `org_01hxy${index.toString().padStart(21, '0')}`;
}

function statusOf(control: SampleControl, kind: SampleCase): Status {
  if (kind === 'excluded') return 'not-applicable';
  if (kind === 'blind') return 'unknown';
  if (kind === 'first-copy-due') return control.id.startsWith('KEY') ? 'pass' : 'not-applicable';
  const exception = EXCEPTION[kind];
  if (exception?.[0] === control.id) return exception[1];
  if (control.id === 'REC-1' && kind === 'not-recoverable') return 'fail';
  if (control.id === 'REC-1' && kind === 'unknown') return 'unknown';
  return kind === 'gap' && control.id === 'DB-8' ? 'waived' : 'pass';
}

function planeState(statuses: Readonly<Record<string, Status>>, prefix: string): PlaneState {
  const own = Object.entries(statuses).filter(([id]) => id.startsWith(prefix));
  if (own.some(([, status]) => status === 'fail')) return 'gap';
  if (own.some(([, status]) => status === 'unknown')) return 'unknown';
  return own.every(([, status]) => status === 'not-applicable') ? 'not-applicable' : 'ok';
}

function subjectOf(control: SampleControl, organizationId: string, name: string): Subject {
  const key = control.subject === 'organization' ? organizationId : `${organizationId}/${control.subject}`;
  return {
    kind: control.subject,
    key,
    organizationId,
    name: control.subject === 'organization' ? name : slugOf(name, '_'),
  };
}

function finding(control: SampleControl, kind: SampleCase, index: number, name: string): Finding {
  const organizationId = sampleOrganizationId(index);
  const status = statusOf(control, kind);
  const asked = status !== 'not-applicable' && kind !== 'blind';
  return {
    id: `f${index.toString(16).padStart(6, '0')}${control.id.toLowerCase()}`,
    controlId: control.id,
    title: status === 'fail' || status === 'waived' ? control.failureTitle : control.title,
    severity: control.severity,
    bears: control.bears,
    status,
    grade: asked ? 'observed' : null,
    ...(control.limit === undefined ? {} : { limit: control.limit }),
    subject: subjectOf(control, organizationId, name),
    because:
      kind === 'excluded' ? 'The organization is excluded by policy' : (control.because[status] ?? control.title),
    evidence: asked ? [`e${index}-${control.subject}`] : [],
    blindSpotIds: status === 'unknown' ? ['b-copies'] : [],
    ...(status === 'fail' || status === 'unknown' || status === 'waived' ? { remediation: control.remediation } : {}),
    ...(status === 'waived'
      ? { waiver: { reason: 'A large table was archived on purpose', approver: 'j.doe', expires: '2027-01-31' } }
      : {}),
  };
}

function evidence(index: number, name: string): readonly ReportedEvidence[] {
  const organizationId = sampleOrganizationId(index);
  const kinds = [...new Set(ORGANIZATION_CONTROLS.map((control) => control.subject))];
  return kinds.map((kind) => ({
    id: `e${index}-${kind}`,
    kind: kind === 'keyring' ? 'keyState' : 'copies',
    subject: {
      kind,
      key: `${organizationId}/${kind}`,
      organizationId,
      name: kind === 'organization' ? name : slugOf(name, '_'),
    },
    source: kind === 'keyring' ? 'vault-main' : 'offsite-dumps',
    operation: kind === 'keyring' ? 'GET /v1/transit/keys/…' : 'list and read to the end',
    locator:
      kind === 'keyring' ? 'https://vault.example/v1/transit/keys/tenant' : `/srv/offsite/${organizationId}.dump`,
    grade: 'observed',
    rows: 14,
    complete: true,
    collectedAt: '2026-11-22T17:59:12.000Z',
    digest: `sha256:${index.toString(16).padStart(64, '0')}`,
  }));
}

const WEAKEST: Readonly<
  Partial<Record<SampleCase, readonly [plane: 'database' | 'keys' | 'files', sentence: string]>>
> = {
  gap: ['database', 'The newest usable copy of its database is 3 days old; the limit is 26 h'],
  'blind-spot': ['keys', 'Nobody could see whether its key is still usable'],
  unknown: ['database', 'Nobody could see whether a copy of its database exists'],
  blind: ['database', 'Nothing of this organization could be seen'],
  'not-recoverable': ['files', 'Its files lie only on the lost host and would be gone'],
};

function summary(index: number, kind: SampleCase, name: string, findings: readonly Finding[]): OrganizationSummary {
  const statuses = Object.fromEntries(findings.map((entry) => [entry.controlId, entry.status]));
  const planes: Planes = {
    database: planeState(statuses, 'DB-'),
    keys: planeState(statuses, 'KEY-'),
    files: planeState(statuses, 'FILE-'),
    host: 'ok',
    restore: 'ok',
  };
  const weakest = WEAKEST[kind];
  const weakestFinding = findings.find((entry) => entry.status === 'fail' || entry.status === 'unknown');
  const comesBack = kind === 'recoverable' || kind === 'gap' || kind === 'blind-spot';
  const recoveryPoint = kind === 'gap' ? '2026-11-19T02:00:00.000Z' : '2026-11-22T02:00:00.000Z';
  return {
    organizationId: sampleOrganizationId(index),
    slug: `organization-${index + 1}`,
    name,
    state: kind === 'first-copy-due' ? 'provisioning' : 'active',
    verdict: VERDICT[kind],
    atRiskBy: kind === 'gap' || kind === 'blind-spot' || kind === 'first-copy-due' ? [kind] : [],
    firstCopyDue: kind === 'first-copy-due' ? '2026-11-23T03:00:00.000Z' : null,
    recoveryPoint: comesBack ? recoveryPoint : null,
    recoveryPointAgeSeconds: comesBack ? (Date.parse(SAMPLE_AS_OF) - Date.parse(recoveryPoint)) / 1000 : null,
    weakestLink:
      weakest === undefined || weakestFinding === undefined
        ? null
        : { plane: weakest[0], findingId: weakestFinding.id, sentence: weakest[1] },
    planes,
    chain: [
      { step: 'host', state: 'ok', sentence: 'The configuration of the host is kept elsewhere' },
      {
        step: 'key provider',
        state: planes.keys,
        sentence: 'vault-main: a snapshot of 2026-11-21 23:00 UTC lies in another account',
      },
      { step: 'install database', state: 'ok', sentence: 'Copy of 2026-11-22 03:00 UTC knows this organization' },
      {
        step: 'tenant database',
        state: planes.database,
        sentence: `Tenant database ${slugOf(name, '_')}: ${findings.find((entry) => entry.controlId === 'DB-3')?.because ?? ''}`,
      },
      {
        step: 'files',
        state: planes.files,
        sentence: findings.find((entry) => entry.controlId === 'FILE-3')?.because ?? '',
      },
    ],
    statuses,
    blindSpotIds: kind === 'unknown' || kind === 'blind' || kind === 'blind-spot' ? ['b-copies'] : [],
    exclusion:
      kind === 'excluded'
        ? { reason: 'Left the service, deletion agreed', approver: 'j.doe', expires: '2027-01-31' }
        : null,
    blind: kind === 'blind',
  };
}

/** One organization with everything the report says about it. Depends on its arguments only. */
export function sampleChapter(index: number, hostile: boolean): OrganizationChapter {
  const kind = sampleCase(index);
  const name = sampleName(index, hostile);
  const findings = ORGANIZATION_CONTROLS.map((control) => finding(control, kind, index, name));
  return { summary: summary(index, kind, name, findings), findings, evidence: evidence(index, name) };
}
