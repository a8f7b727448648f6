import { type Finding, STATUSES } from '../../../../model/finding.ts';
import { SEVERITIES } from '../../../../model/severity.ts';
import { instantText } from '../../../wording/instants.ts';
import { asSentence, neutralize, neutralizeSentence } from '../../../wording/names.ts';
import { subjectLabel } from '../../../wording/subjects.ts';
import { BEARING_WORDS, GRADE_WORDS, SEVERITY_WORDS, STATUS_WORDS } from '../../../wording/words.ts';
import type { Flow } from '../flow.ts';
import { STATUS_SHAPES } from '../status-marks.ts';
import { openTable, type TableHeading } from '../table.ts';
import { STYLE } from '../theme.ts';
import type { Passage } from '../typesetter.ts';

/** Findings worst first: what was found and why, against which limit, what to do, and on which evidence it rests. */
export function drawFindings(flow: Flow, findings: readonly Finding[], heading?: TableHeading): void {
  const columns = [
    { title: 'Result', share: 17 },
    { title: 'Control', share: 11, names: true },
    { title: 'Finding', share: 72 },
  ] as const;
  const table = openTable(flow, columns, heading);
  for (const finding of findings.toSorted(worstFirst)) {
    table.row([
      [
        { text: STATUS_WORDS[finding.status], style: STYLE.cellStrong, shape: STATUS_SHAPES[finding.status] },
        { text: SEVERITY_WORDS[finding.severity], style: STYLE.cellMuted, indent: STYLE.cell.size * 1.35 },
      ],
      [
        { text: finding.controlId, style: STYLE.cellStrong },
        { text: BEARING_WORDS[finding.bears], style: STYLE.cellMuted },
      ],
      findingPassages(finding),
    ]);
  }
  table.end();
}

function worstFirst(a: Finding, b: Finding): number {
  return (
    STATUSES.indexOf(a.status) - STATUSES.indexOf(b.status) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity)
  );
}

function findingPassages(finding: Finding): Passage[] {
  const { limit, waiver, remediation, grade } = finding;
  const context = [
    subjectLabel(finding.subject),
    ...(limit === undefined ? [] : [`limit ${neutralizeSentence(limit.text)} (${neutralizeSentence(limit.origin)})`]),
    ...references(
      grade === null ? 'evidence' : `evidence, weakest ${GRADE_WORDS[grade].toLowerCase()}:`,
      finding.evidence,
    ),
    ...references('blind spots', finding.blindSpotIds),
  ];
  return [
    { text: neutralizeSentence(finding.title), style: STYLE.cellStrong },
    { text: asSentence(finding.because), style: STYLE.cell },
    ...(waiver === undefined
      ? []
      : [
          {
            text: `Waived: ${asSentence(waiver.reason)} Approved by ${neutralize(waiver.approver)}, until ${instantText(waiver.expires)}.`,
            style: STYLE.cell,
            before: 1,
          },
        ]),
    ...(remediation === undefined
      ? []
      : [{ text: `What to do: ${neutralizeSentence(remediation)}`, style: STYLE.cell, before: 1 }]),
    { text: context.join(' · '), style: STYLE.cellMuted, before: 1 },
  ];
}

function references(label: string, ids: readonly string[]): string[] {
  return ids.length === 0 ? [] : [`${label} ${ids.map(neutralize).join(', ')}`];
}
