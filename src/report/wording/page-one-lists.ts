import type { OrganizationSummary, ReportedBlindSpot, ReportHead } from '../../model/report.ts';
import { NOT_BUILT_REASON } from '../not-evaluated.ts';
import { instantText } from './instants.ts';
import { asSentence, neutralize, neutralizeSentence } from './names.ts';
import { countText } from './numbers.ts';
import { BLIND_REASON_WORDS } from './words.ts';

/** One blind spot: what could not be seen, whom it touches, and what to change. */
export interface BlindSpotLine {
  readonly id: string;
  readonly sentence: string;
  readonly affects: string;
  readonly remedy: string;
}

/** Controls without a finding that share a reason. */
export interface NotLookedAt {
  readonly reason: string;
  /** False for a question that was not asked: its control may have been judged otherwise, so its id alone would mislead. */
  readonly isWholeControl: boolean;
  /** e.g. `DB-9: Is retention deep enough?`. */
  readonly controls: readonly string[];
}

/** Something to know about the configuration or a source, with what to do. */
export interface NoticeLine {
  readonly text: string;
  readonly remedy: string;
}

/** Blind spots, those of the install first, then by how many organizations they touch. In an organization's own report nothing counts others. */
export function blindSpotLines(head: ReportHead, own: OrganizationSummary | null): readonly BlindSpotLine[] {
  const rank = (spot: ReportedBlindSpot): number => (spot.affects.install ? Infinity : spot.affects.organizations);
  const sorted = own === null ? head.blindSpots.toSorted((a, b) => compare(rank(b), rank(a))) : head.blindSpots;
  return sorted.map((spot) => ({
    id: neutralize(spot.id),
    sentence: `${lead(spot)}: ${asSentence(spot.detail)}`,
    affects: own === null ? affectsText(spot) : 'Touches this organization.',
    remedy: asSentence(spot.remedy),
  }));
}

/** Not asked is nobody's refusal: what comes first is then the question, not the source. */
function lead({ source, reason }: ReportedBlindSpot): string {
  const name = neutralize(source);
  return reason === 'not-asked' ? `Not asked (${name})` : `${name} ${BLIND_REASON_WORDS[reason]}`;
}

function compare(a: number, b: number): number {
  return a === b ? 0 : a - b;
}

function affectsText({ affects }: ReportedBlindSpot): string {
  const organizations = affects.organizations > 0 ? countText(affects.organizations, 'organization') : '';
  if (affects.install)
    return organizations === '' ? 'Touches the install.' : `Touches the install and ${organizations}.`;
  return organizations === '' ? 'Touches no organization.' : `Touches ${organizations}.`;
}

/** Controls that gave no finding, grouped by reason in the order in which the reasons first occur. */
export function notLookedAt(head: ReportHead): readonly NotLookedAt[] {
  const groups = Map.groupBy(head.notEvaluated, (entry) => entry.reason);
  return [...groups].map(([reason, entries]) => ({
    reason: neutralizeSentence(reason),
    isWholeControl: reason === NOT_BUILT_REASON,
    controls: entries.map((entry) => `${entry.controlId}: ${neutralizeSentence(entry.question)}`),
  }));
}

/** Exclusions with reason, approver and end. An organization's own report holds at most its own. */
export function exclusionLines(head: ReportHead, own: OrganizationSummary | null): readonly string[] {
  return head.exclusions
    .filter((exclusion) => own === null || exclusion.organizationId.toLowerCase() === own.organizationId.toLowerCase())
    .map(
      ({ organizationId, reason, approver, expires }) =>
        `${neutralize(organizationId)}: ${sentenceBody(reason)}. Approved by ${neutralize(approver)}, until ${instantText(expires)}.`,
    );
}

/** What rests on somebody's word: statements of the configuration, then attestations with owner and end. */
export function declaredLines(head: ReportHead): readonly string[] {
  const ordered = [
    ...head.declared.filter((entry) => entry.kind === 'context'),
    ...head.declared.filter((entry) => entry.kind === 'attestation'),
  ];
  return ordered.map(({ kind, subject, statement, owner, date, expires }) => {
    const origin = kind === 'context' ? 'stated in the configuration' : 'attested';
    const details = [
      owner === null ? origin : `${origin} by ${neutralize(owner)}`,
      date === null ? '' : `on ${instantText(date)}`,
      expires === null ? '' : `valid until ${instantText(expires)}`,
    ].filter((detail) => detail !== '');
    return `${neutralize(subject)}: ${sentenceBody(statement)} (${details.join(', ')}).`;
  });
}

/** Notices with their remedies. */
export function noticeLines(head: ReportHead): readonly NoticeLine[] {
  return head.notices.map(({ text, remedy }) => ({
    text: asSentence(text),
    remedy: asSentence(remedy),
  }));
}

function sentenceBody(text: string): string {
  return neutralizeSentence(text).replace(/\.$/, '');
}
