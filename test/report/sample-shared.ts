import type { Finding, Status } from '../../src/model/finding.ts';
import type { ReportedEvidence } from '../../src/model/report.ts';
import type { Subject } from '../../src/model/subject.ts';
import type { SampleControl } from './sample-controls.ts';

const SHARED: Readonly<Record<string, Subject>> = {
  install: { kind: 'install', key: 'inst-7f3a', organizationId: null, name: 'inst-7f3a' },
  provider: { kind: 'provider', key: 'vault-main', organizationId: null, name: 'vault-main' },
  host: { kind: 'host', key: 'install-1', organizationId: null, name: 'install-1' },
  database: { kind: 'database', key: 'install/novantra', organizationId: null, name: 'novantra' },
};

/** A control's finding on the install, its database, its host or the shared key provider. */
export function sharedFinding(control: SampleControl): Finding {
  const status: Status = control.because.fail === undefined ? 'pass' : 'fail';
  const subject = SHARED[control.subject];
  if (subject === undefined) throw new RangeError(`no shared subject of kind ${control.subject}`);
  return {
    id: `shared-${control.id.toLowerCase()}`,
    controlId: control.id,
    title: status === 'fail' ? control.failureTitle : control.title,
    severity: control.severity,
    bears: control.bears,
    status,
    grade: 'observed',
    ...(control.limit === undefined ? {} : { limit: control.limit }),
    subject,
    because: control.because[status] ?? control.title,
    evidence: [`shared-${control.subject}`],
    blindSpotIds: [],
    ...(status === 'fail' ? { remediation: control.remediation } : {}),
  };
}

/** What was asked about the install and about what is shared. */
export const sharedEvidence: readonly ReportedEvidence[] = Object.values(SHARED).map((subject) => ({
  id: `shared-${subject.kind}`,
  kind: subject.kind === 'provider' ? 'snapshots' : 'organizations',
  subject,
  source: subject.kind === 'provider' ? 'vault-main' : 'install-database',
  operation: subject.kind === 'provider' ? 'GET /v1/sys/seal-status' : 'SELECT, repeatable read, read only',
  locator:
    subject.kind === 'provider' ? 'https://vault.example/v1/sys/seal-status' : 'postgres://install-1:5432/novantra',
  grade: 'observed',
  rows: subject.kind === 'install' ? null : 1,
  complete: true,
  collectedAt: '2026-11-22T17:58:01.000Z',
  digest: `sha256:${'ab'.repeat(32)}`,
}));
