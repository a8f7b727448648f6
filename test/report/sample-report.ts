import type { Finding, Status } from '../../src/model/finding.ts';
import type { OrganizationChapter, Report, ReportedEvidence, ReportHead } from '../../src/model/report.ts';
import type { Subject } from '../../src/model/subject.ts';
import { INSTALL_CONTROLS, ORGANIZATION_CONTROLS, type SampleControl } from './sample-controls.ts';
import {
  HOSTILE_NAMES,
  SAMPLE_AS_OF,
  type SampleCase,
  sampleCase,
  sampleChapter,
  sampleOrganizationId,
} from './sample-organizations.ts';

export interface SampleOptions {
  /** How many organizations; each is made when it is asked for, so 100,000 cost no memory. */
  readonly organizations: number;
  /** Every second organization bears a name that tries to break the output, and so do sources and files. */
  readonly hostile?: boolean;
  /** The report of this one organization alone, by position. */
  readonly only?: number;
}

const SHARED: Readonly<Record<string, Subject>> = {
  install: { kind: 'install', key: 'inst-7f3a', organizationId: null, name: 'inst-7f3a' },
  provider: { kind: 'provider', key: 'vault-main', organizationId: null, name: 'vault-main' },
  host: { kind: 'host', key: 'install-1', organizationId: null, name: 'install-1' },
  database: { kind: 'database', key: 'install/novantra', organizationId: null, name: 'novantra' },
};

function sharedFinding(control: SampleControl): Finding {
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

const sharedEvidence: readonly ReportedEvidence[] = Object.values(SHARED).map((subject) => ({
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

type Tally = Record<Status, number>;
const emptyTally = (): Tally => ({ pass: 0, fail: 0, unknown: 0, 'not-applicable': 0, waived: 0 });

interface Counts {
  readonly cases: Readonly<Record<SampleCase, number>>;
  readonly tally: Tally;
  readonly byControl: ReadonlyMap<string, Tally>;
}

/** The state of an organization depends on its position within the cycle of 12 only, so counting needs 12 chapters. */
const CYCLE_LENGTH = 12;

function countAll(indexes: readonly [from: number, to: number]): Counts {
  const cases: Record<SampleCase, number> = {
    recoverable: 0,
    gap: 0,
    'blind-spot': 0,
    'first-copy-due': 0,
    unknown: 0,
    blind: 0,
    'not-recoverable': 0,
    excluded: 0,
  };
  const tally = emptyTally();
  const byControl = new Map<string, Tally>();
  const count = (controlId: string, status: Status, times: number): void => {
    const own = byControl.get(controlId) ?? emptyTally();
    own[status] += times;
    tally[status] += times;
    byControl.set(controlId, own);
  };
  for (let position = 0; position < CYCLE_LENGTH; position += 1) {
    let times = 0;
    for (let index = indexes[0]; index < indexes[1]; index += 1) if (index % CYCLE_LENGTH === position) times += 1;
    if (times === 0) continue;
    cases[sampleCase(position)] += times;
    for (const { controlId, status } of sampleChapter(position, false).findings) count(controlId, status, times);
  }
  for (const control of INSTALL_CONTROLS) count(control.id, sharedFinding(control).status, 1);
  return { cases, tally, byControl };
}

function sampleHead(options: SampleOptions): ReportHead {
  const { organizations, only } = options;
  const { cases, tally, byControl } = countAll(only === undefined ? [0, organizations] : [only, only + 1]);
  const hostileText = options.hostile === true ? ` ${HOSTILE_NAMES.slice(0, 6).join(' ')}` : '';
  const indexes =
    only === undefined ? Array.from({ length: Math.min(organizations, 240) }, (_, index) => index) : [only];
  const failing = indexes
    .flatMap((index) => sampleChapter(index, options.hostile === true).findings)
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
                'At least one organization would not come back; the first is Organization 4, whose files lie only on the lost host',
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
        sentence: `${finding.subject.kind === 'database' ? 'Tenant database' : 'Organization'} ${finding.subject.name}: ${finding.because}`,
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
      { source: 'offsite-dumps', operations: ['ListObjectsV2', 'GetObject'], questions: organizations },
      {
        source: 'vault-main',
        operations: ['GET /v1/sys/seal-status', 'GET /v1/transit/keys/…'],
        questions: organizations + 1,
      },
    ],
  };
}

/** Positions of the organizations, worst first, at most `limit`. */
function worstIndexes(organizations: number, limit: number): readonly number[] {
  const order: readonly SampleCase[] = [
    'not-recoverable',
    'unknown',
    'blind',
    'gap',
    'blind-spot',
    'first-copy-due',
    'recoverable',
    'excluded',
  ];
  const found: number[] = [];
  for (const kind of order)
    for (let index = 0; index < organizations && found.length < limit; index += 1)
      if (sampleCase(index) === kind) found.push(index);
  return found;
}

/**
 * A whole report in memory: an install with organizations in all verdicts, gaps, blind spots, exclusions, first
 * copies due, notices, declarations and unmatched files, or one organization's own report. Same options, same report.
 */
export function sampleReport(options: SampleOptions): Report {
  const hostile = options.hostile === true;
  const [from, to] = options.only === undefined ? [0, options.organizations] : [options.only, options.only + 1];
  async function* chapters(wanted?: ReadonlySet<string>): AsyncIterable<OrganizationChapter> {
    for (let index = from; index < to; index += 1) {
      if (wanted !== undefined && !wanted.has(sampleOrganizationId(index))) continue;
      const chapter = sampleChapter(index, hostile);
      yield options.only === undefined ? chapter : withShared(chapter);
    }
  }
  return {
    head: sampleHead(options),
    installFindings: options.only === undefined ? INSTALL_CONTROLS.map(sharedFinding) : [],
    installEvidence: options.only === undefined ? sharedEvidence : [],
    chapters,
    async *organizations() {
      for (let index = from; index < to; index += 1) yield sampleChapter(index, hostile).summary;
    },
    worst: (limit) =>
      options.only === undefined
        ? worstIndexes(options.organizations, limit).map(sampleOrganizationId)
        : [sampleOrganizationId(options.only)].slice(0, limit),
  };
}

/** In an organization's own report the shared findings that concern it stand in its chapter. */
function withShared(chapter: OrganizationChapter): OrganizationChapter {
  return {
    ...chapter,
    findings: [...chapter.findings, ...INSTALL_CONTROLS.map(sharedFinding)],
    evidence: [...chapter.evidence, ...sharedEvidence],
  };
}
