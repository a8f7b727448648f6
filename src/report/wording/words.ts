import type { Grade } from '../../model/evidence.ts';
import type { Bearing, Status } from '../../model/finding.ts';
import type { ChainLink, OrganizationSummary, Plane, PlaneState, Verdict } from '../../model/report.ts';
import type { Severity } from '../../model/severity.ts';
import type { BlindReason } from '../../model/source-error.ts';

/*
 * The words of the report, one table per vocabulary of the model. Short enough for a table's cell; the sentences that
 * explain them are beside them.
 */

const VERDICT_WORDS: Readonly<Record<Verdict, string>> = {
  recoverable: 'Recoverable',
  'at-risk': 'At risk',
  unknown: 'Unknown',
  'not-recoverable': 'Not recoverable',
};

/** The verdict in a table's cell; `No verdict` for what was left out on purpose or has nothing to judge. */
export function verdictWord(verdict: Verdict | null): string {
  return verdict === null ? 'No verdict' : VERDICT_WORDS[verdict];
}

export const VERDICT_EXPLANATIONS: Readonly<Record<Verdict, string>> = {
  recoverable: 'Everything needed to bring it back was seen, and nothing serious stands in the way.',
  'at-risk': 'It would come back today, but something serious is missing or could not be checked.',
  unknown: 'Nobody can say: something needed to bring it back could not be seen.',
  'not-recoverable': 'It would not come back: at least one thing it needs would be gone.',
};
export const FIRST_COPY_EXPLANATION =
  'It is new, and its first copy is still to come: until then it would not come back.';
export const NO_VERDICT_EXPLANATION = 'It was left out on purpose, or nothing of it was there to judge.';

/** What makes an organization at risk, as a few words; empty where it is not. */
export function atRiskText(summary: Pick<OrganizationSummary, 'atRiskBy'>): string {
  const words = { gap: 'by a gap', 'blind-spot': 'by a blind spot', 'first-copy-due': 'first copy still due' } as const;
  return summary.atRiskBy.map((reason) => words[reason]).join(', ');
}

/** The planes in recovery order, as column heads. */
export const PLANE_WORDS: Readonly<Record<Plane, string>> = {
  host: 'Host',
  keys: 'Keys',
  database: 'Database',
  files: 'Files',
  restore: 'Restore tests',
};

export const PLANE_EXPLANATIONS: Readonly<Record<Plane, string>> = {
  host: 'the configuration of the machine that runs the install',
  keys: 'the keys without which copies cannot be read, and the system that holds them',
  database: 'the copies of the databases',
  files: 'the stored files',
  restore: 'proof that copies were really brought back',
};

export const PLANE_STATE_WORDS: Readonly<Record<PlaneState, string>> = {
  gap: 'Gap',
  unknown: 'Unknown',
  ok: 'OK',
  'not-applicable': 'Not applicable',
};

/** What stands in a plane's cell of one organization: its state, or that its first copy is awaited. */
export type ShownPlane = PlaneState | 'due';
export const SHOWN_PLANE_WORDS: Readonly<Record<ShownPlane, string>> = { ...PLANE_STATE_WORDS, due: 'Due' };
export const PLANE_STATES_EXPLANATION =
  'OK: no gap of a critical or high control that bears on recovery or protection, and no blind spot of one that bears on recovery; lesser gaps may be there. Due: the first copy of a new organization is still to come.';

/**
 * What is shown of a plane. Of what is left out on purpose nothing was judged, the install's planes least of all; and
 * where the first copy is awaited, that nothing fails yet does not show that the database or the keys would be back.
 */
export function shownPlane(
  { planes, exclusion, firstCopyDue, statuses }: OrganizationSummary,
  plane: Plane,
): ShownPlane {
  if (exclusion !== null) return 'not-applicable';
  const state = planes[plane];
  if (firstCopyDue === null || (state !== 'ok' && state !== 'not-applicable')) return state;
  const isCopied = plane === 'files' && statuses['FILE-3'] === 'pass';
  return plane === 'host' || plane === 'restore' || isCopied ? state : 'due';
}

/** A step's state in the chain. The host's step joins several controls, of which lesser ones may fail. */
export function chainStateWord({ step, state }: ChainLink): string {
  return step === 'host' && state === 'ok' ? 'No serious gap' : PLANE_STATE_WORDS[state];
}

export const STATUS_WORDS: Readonly<Record<Status, string>> = {
  fail: 'Gap',
  unknown: 'Unknown',
  waived: 'Waived',
  pass: 'Pass',
  'not-applicable': 'Not applicable',
};

export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  critical: 'Critical',
  high: 'High',
  medium: 'Medium',
  low: 'Low',
};

export const BEARING_WORDS: Readonly<Record<Bearing, string>> = {
  recovery: 'Recovery',
  protection: 'Protection',
  audit: 'Audit',
};

export const BEARING_EXPLANATIONS: Readonly<Record<Bearing, string>> = {
  recovery: 'whether the data comes back',
  protection: 'whether it would still come back after the next mistake',
  audit: 'order, confidentiality and accountability',
};

export const GRADE_WORDS: Readonly<Record<Grade, string>> = {
  declared: 'Declared',
  observed: 'Observed',
  verified: 'Verified',
  restored: 'Restored',
  'chain-verified': 'Chain verified',
};

export const GRADE_EXPLANATIONS: Readonly<Record<Grade, string>> = {
  declared: 'somebody said so; nobody looked',
  observed: 'it was seen to be there',
  verified: 'its content was checked by its own format’s rules',
  restored: 'it was brought back in a restore test',
  'chain-verified': 'it was brought back, and the audit chain inside it was checked',
};

export const BLIND_REASON_WORDS: Readonly<Record<BlindReason, string>> = {
  unreachable: 'did not answer',
  unauthorized: 'refused the question',
  timeout: 'took too long to answer',
  malformed: 'gave an answer that cannot be read',
  unsupported: 'is of a kind this version cannot read',
  'not-asked': 'was not asked',
  stale: 'gave an answer that is too old to count',
  expired: 'rests on a statement that has expired',
};

export const CHAIN_STEP_WORDS: Readonly<Record<ChainLink['step'], string>> = {
  host: 'Host',
  'key provider': 'Key provider',
  'install database': 'Install database',
  'tenant database': 'Tenant database',
  files: 'Files',
};
