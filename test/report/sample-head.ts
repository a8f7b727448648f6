import type { ReportHead } from '../../src/model/report.ts';
import { INSTALL_CONTROLS, ORGANIZATION_CONTROLS } from './sample-controls.ts';
import { CYCLE_LENGTH, countAll, emptyTally } from './sample-counts.ts';
import { HOSTILE_NAMES } from './sample-names.ts';
import { SAMPLE_AS_OF, sampleChapter, sampleOrganizationId } from './sample-organizations.ts';
import { sharedFinding } from './sample-shared.ts';

export interface SampleOptions {
  /** How many organizations; each is made when it is asked for, so 100,000 cost no memory. */
  readonly organizations: number;
  /** Every second organization bears a name that tries to break the output, and so do sources and files. */
  readonly hostile?: boolean;
  /** The report of this one organization alone, by position. */
  readonly only?: number;
}

const GAP_LABELS: Readonly<Record<string, string>> = {
  database: 'Tenant database ',
  organization: 'Organization ',
  store: 'File store ',
  host: 'Host ',
};

/** The head that fits the options: its counts are those of the findings. */
export function sampleHead(options: SampleOptions): ReportHead {
  const { organizations, only } = options;
  const { cases, tally, byControl } = countAll(only === undefined ? [0, organizations] : [only, only + 1]);
  const hostileText = options.hostile === true ? ` ${HOSTILE_NAMES.slice(0, 6).join(' ')}` : '';
  const indexes =
    only === undefined ? Array.from({ length: Math.min(organizations, 240) }, (_, index) => index) : [only];
  const failing = indexes
    .flatMap((index) => sampleChapter(index, options.hostile === true).findings)
    .concat(INSTALL_CONTROLS.map(sharedFinding))
    .filter((finding) => finding.status === 'fail');
  const own = only === undefined ? null : sampleChapter(only, options.hostile === true).summary;
  const shared = sampleChapter(0, false).summary;
  return {
    schemaVersion: 1,
    scope: own === null ? { kind: 'install' } : { kind: 'organization', organizationId: own.organizationId },
    run: {
      id: 'run-20261122-175800',
      toolVersion: '0.1.0',
      timeZoneData: '2026b',
      collectorHost: 'audit-1',
      operator: 'backup-team',
      failOn: 'high',
      asOf: SAMPLE_AS_OF,
      startedAt: '2026-11-22T17:58:00.000Z',
      finishedAt: SAMPLE_AS_OF,
      loss: { level: 'host', name: 'install-1' },
      configDigest: `sha256:${'1'.repeat(64)}`,
      mappingDigest: `sha256:${'2'.repeat(64)}`,
      policyDigest: `sha256:${'3'.repeat(64)}`,
      bundleDigest: `sha256:${'4'.repeat(64)}`,
      previousReportDigest: null,
    },
    bundleAgeSeconds: 0,
    install: {
      installId: 'inst-7f3a',
      productVersion: '5.2.0',
      verdict: own === null ? 'not-recoverable' : own.verdict,
      verdicts: {
        recoverable: cases.recoverable,
        'at-risk': { gap: cases.gap, blindSpot: cases['blind-spot'], firstCopyDue: cases['first-copy-due'] },
        unknown: cases.unknown + cases.blind,
        'not-recoverable': cases['not-recoverable'],
        none: cases.excluded,
      },
      recoveryPoint: '2026-11-22T03:00:00.000Z',
      weakestLink:
        own === null
          ? {
              plane: 'files',
              findingId: 'f000003file-3',
              sentence:
                'At least one organization would not come back; the first is Delta Freight, whose files lie only on the lost host',
            }
          : own.weakestLink,
      planes: { database: 'ok', keys: 'ok', files: 'not-applicable', host: 'ok', restore: 'ok' },
      chain: shared.chain.slice(0, 3),
    },
    denominator: {
      organizations: {
        total: own === null ? organizations : 1,
        judged: (own === null ? organizations : 1) - cases.blind - cases.excluded,
        blind: cases.blind,
        excluded: cases.excluded,
      },
    },
    tally,
    exit: {
      code: tally.fail > 0 ? 1 : 0,
      reasons: tally.fail > 0 ? [`${tally.fail} gaps, of these some at or above high`] : [],
    },
    worstGaps: {
      total: tally.fail,
      shown: failing.slice(0, 20).map((finding) => ({
        findingId: finding.id,
        controlId: finding.controlId,
        severity: finding.severity,
        sentence: `${GAP_LABELS[finding.subject.kind] ?? ''}${finding.subject.name}: ${finding.because}`,
      })),
    },
    blindSpots: [
      {
        id: 'b-copies',
        reason: 'unauthorized',
        source: `offsite-dumps${hostileText}`,
        detail: `the bucket answered AccessDenied to ListObjectsV2${hostileText}`,
        remedy: 'Allow s3:ListBucket on the bucket for the audit’s role.',
        affects: {
          organizations: own === null ? cases.unknown + cases.blind + cases['blind-spot'] : 1,
          install: false,
        },
      },
    ],
    unmatched:
      own === null
        ? [
            {
              location: 'offsite-dumps',
              path: options.hostile === true ? `copies/${HOSTILE_NAMES[4] ?? ''}.dump` : 'copies/old-test.dump',
              bytes: 48_211_004,
              modifiedAt: '2026-10-02T02:00:11.000Z',
              what: 'a custom-format dump that names no known database',
              foundName: 'test_2024',
            },
          ]
        : [],
    unmatchedTotal: own === null ? 1 : 0,
    notEvaluated: [
      { controlId: 'DB-9', question: 'Is retention deep enough?', reason: 'not built in this version' },
      { controlId: 'FILE-5', question: 'Immutable?', reason: 'not built in this version' },
      { controlId: 'KEY-11', question: 'Does a wrapped key really unwrap?', reason: 'not asked for' },
    ],
    declared: [
      {
        kind: 'context',
        subject: 'Location offsite-dumps',
        statement: 'host backup-1, site fra-2, purpose dumps',
        owner: null,
        date: null,
        expires: null,
      },
      {
        kind: 'attestation',
        subject: 'Key provider vault-main',
        statement: '5 recovery shares are held by 5 people, 3 are needed',
        owner: 'security-team',
        date: '2026-09-01',
        expires: '2027-08-31',
      },
    ],
    passesResting: 1,
    notices: [
      {
        text: 'Location local-dumps states no failure domain, so its copies prove nothing for the loss that is judged',
        remedy: 'Add failureDomain.host to the location in the configuration.',
      },
    ],
    exclusions:
      own === null
        ? Array.from({ length: Math.min(cases.excluded, 50) }, (_, position) => ({
            organizationId: sampleOrganizationId(position * CYCLE_LENGTH + 10),
            reason: 'Left the service, deletion agreed',
            approver: 'j.doe',
            expires: '2027-01-31',
          }))
        : [],
    controls: [...INSTALL_CONTROLS, ...ORGANIZATION_CONTROLS]
      .toSorted((a, b) => a.id.localeCompare(b.id, 'en'))
      .map((control) => ({
        id: control.id,
        title: control.title,
        severity: control.severity,
        bears: control.bears,
        rationale: `Why it matters: without it nobody knows that “${control.title.toLowerCase()}” is so.`,
        remediation: control.remediation,
        tally: byControl.get(control.id) ?? emptyTally(),
      })),
    method: [
      {
        source: 'install-database',
        operations: ['SELECT in one repeatable-read, read-only transaction'],
        questions: 11,
      },
      {
        source: 'offsite-dumps',
        operations: ['ListObjectsV2', 'GetObject'],
        questions: own === null ? organizations : 1,
      },
      {
        source: 'vault-main',
        operations: ['GET /v1/sys/seal-status', 'GET /v1/transit/keys/…'],
        questions: own === null ? organizations + 1 : 2,
      },
    ],
  };
}
