import type { Finding } from '../../../model/finding.ts';
import type { ReportedEvidence } from '../../../model/report.ts';
import { copyLines } from '../../wording/copies.ts';
import { instantText } from '../../wording/instants.ts';
import { isolateRightToLeft } from '../../wording/names.ts';
import { countText } from '../../wording/numbers.ts';
import { subjectLabel } from '../../wording/subjects.ts';
import { BEARING_WORDS, GRADE_WORDS, SEVERITY_WORDS } from '../../wording/words.ts';
import { type Mark, statusMark } from './marks.ts';
import { shownName, shownSentence, shownStatement } from './shown.ts';

/** Where the page of an id is; null where this report has no place for it. */
export type Locate = (id: string) => string | null;

export interface Places {
  readonly evidence: Locate;
  readonly blindSpot: Locate;
}

interface Reference {
  readonly id: string;
  readonly href: string | null;
}

interface FindingView {
  readonly mark: Mark;
  readonly controlId: string;
  readonly title: string;
  readonly severity: string;
  readonly bears: string;
  readonly subject: string;
  readonly because: string;
  readonly limit: string | null;
  readonly remediation: string | null;
  readonly waiver: string | null;
  readonly grade: string;
  readonly evidence: readonly Reference[];
  readonly blindSpots: readonly Reference[];
}

const SEVERITY_ORDER = Object.keys(SEVERITY_WORDS);
const STATUS_ORDER: readonly Finding['status'][] = ['fail', 'unknown', 'waived', 'pass', 'not-applicable'];

function worstFirst(a: Finding, b: Finding): number {
  return (
    STATUS_ORDER.indexOf(a.status) - STATUS_ORDER.indexOf(b.status) ||
    SEVERITY_ORDER.indexOf(a.severity) - SEVERITY_ORDER.indexOf(b.severity)
  );
}

/** What the template `findings` asks for: in full what fails, is unknown or waived, worst first; the rest as a table. */
export function findingsView(findings: readonly Finding[], places: Places, about: string): object {
  const isOpen = ({ status }: Finding): boolean => status !== 'pass' && status !== 'not-applicable';
  const open = findings.filter(isOpen).toSorted(worstFirst);
  const settled = findings.filter((finding) => !isOpen(finding));
  return {
    open: open.map((finding) => findingView(finding, places)),
    settled: settled.map((finding) => findingView(finding, places)),
    settledSummary: `${countText(settled.length, 'control')} passed or not applicable`,
    settledLabel: `Controls that passed or do not apply: ${about}`,
  };
}

function findingView(finding: Finding, places: Places): FindingView {
  const refer = (locate: Locate) => (id: string) => ({ id: shownName(id), href: locate(id) });
  const { limit, waiver } = finding;
  return {
    mark: statusMark(finding.status),
    controlId: finding.controlId,
    title: shownSentence(finding.title),
    severity: SEVERITY_WORDS[finding.severity],
    bears: BEARING_WORDS[finding.bears].toLowerCase(),
    subject: isolateRightToLeft(subjectLabel(finding.subject)),
    because: shownStatement(finding.because),
    limit: limit === undefined ? null : `${shownName(limit.text)} (${shownName(limit.origin)})`,
    remediation: finding.remediation === undefined ? null : shownSentence(finding.remediation),
    waiver:
      waiver === undefined
        ? null
        : `${shownSentence(waiver.reason)}. Approved by ${shownName(waiver.approver)}, until ${instantText(waiver.expires)}. It changes no verdict.`,
    grade: finding.grade === null ? 'None' : GRADE_WORDS[finding.grade],
    evidence: finding.evidence.map(refer(places.evidence)),
    blindSpots: finding.blindSpotIds.map(refer(places.blindSpot)),
  };
}

/** Letters, digits, `-` and `_` of an id, fit for a fragment. */
export function anchorOf(prefix: string, id: string): string {
  return `${prefix}-${id.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, 80)}`;
}

/** What the template `evidence` asks for. */
export function evidenceView(evidence: readonly ReportedEvidence[], prefix: string, about: string): object {
  return {
    summary: `Evidence: ${countText(evidence.length, 'question')} asked`,
    label: `Evidence: ${about}`,
    entries: evidence.map((entry) => ({
      anchor: anchorOf(prefix, entry.id),
      id: shownName(entry.id),
      source: shownName(entry.source),
      operation: shownSentence(entry.operation),
      subject: isolateRightToLeft(subjectLabel(entry.subject)),
      locator: shownSentence(entry.locator),
      answer: `${GRADE_WORDS[entry.grade]}, ${entry.rows === null ? 'no rows counted' : countText(entry.rows, 'row')}, ${entry.complete ? 'complete' : 'not complete'}`,
      collectedAt: instantText(entry.collectedAt),
      copies: copyLines(entry).map(shownSentence),
      digest: shownName(entry.digest),
    })),
  };
}
