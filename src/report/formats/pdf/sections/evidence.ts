import type { ReportedEvidence } from '../../../../model/report.ts';
import { copyLines } from '../../../wording/copies.ts';
import { instantText } from '../../../wording/instants.ts';
import { neutralize, neutralizeSentence } from '../../../wording/names.ts';
import { countText } from '../../../wording/numbers.ts';
import { subjectLabel } from '../../../wording/subjects.ts';
import { GRADE_WORDS } from '../../../wording/words.ts';
import { CHAPTERS, evidenceSentence, ownEvidenceSentence } from '../labels.ts';
import { type Cell, openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { detailedChapters, organizationCount } from './organization-chapters.ts';
import { openChapter, type Section } from './section.ts';

/** What was asked where and when, with the digest of each answer: the install first, then the detailed organizations. */
export async function drawEvidence(section: Section): Promise<void> {
  const { flow, report, detailed } = section;
  openChapter(section, CHAPTERS.evidence, 'sideways');
  const questions = report.head.method.reduce((sum, { questions }) => sum + questions, 0);
  flow.paragraph(
    report.head.scope.kind === 'organization'
      ? ownEvidenceSentence()
      : evidenceSentence(detailed.length, organizationCount(section), questions),
  );
  const table = openTable(flow, [
    { title: 'Evidence', share: 84, names: true },
    { title: 'Subject', share: 100 },
    { title: 'Source and question', share: 100 },
    { title: 'Where', share: 178 },
    { title: 'Collected', share: 60 },
    { title: 'Grade, answer', share: 66 },
    { title: 'Digest', share: 148 },
  ]);
  for (const evidence of report.installEvidence) table.row(evidenceCells(evidence));
  for await (const { evidence } of detailedChapters(section)) {
    for (const entry of evidence) table.row(evidenceCells(entry));
    await section.drain();
  }
  table.end();
  flow.end();
}

function evidenceCells(evidence: ReportedEvidence): Cell[] {
  const rows = evidence.rows === null ? [] : [countText(evidence.rows, 'row')];
  return [
    [
      { text: neutralize(evidence.id), style: STYLE.cellStrong },
      { text: neutralize(evidence.kind), style: STYLE.cellMuted },
    ],
    [{ text: subjectLabel(evidence.subject), style: STYLE.cell }],
    [
      { text: neutralize(evidence.source), style: STYLE.cell },
      { text: neutralizeSentence(evidence.operation), style: STYLE.cellMuted },
    ],
    [
      { text: neutralizeSentence(evidence.locator), style: STYLE.mono },
      ...copyLines(evidence).map((line) => ({ text: neutralizeSentence(line), style: STYLE.cellMuted })),
    ],
    [{ text: instantText(evidence.collectedAt), style: STYLE.cell }],
    [
      { text: GRADE_WORDS[evidence.grade], style: STYLE.cell },
      { text: [...rows, evidence.complete ? 'complete' : 'not complete'].join(', '), style: STYLE.cellMuted },
    ],
    [{ text: neutralize(evidence.digest.replace(/^sha256:/, '')), style: STYLE.mono }],
  ];
}
