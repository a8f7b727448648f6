import { LIMITATIONS, METHOD, methodLines, runEntries } from '../../../wording/method.ts';
import { CHAPTERS, replacedSentence, SIGN_OFF, SIGN_OFF_ROLES } from '../labels.ts';
import { openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { drawGlossary } from './glossary.ts';
import { openChapter, openPart, type Section } from './section.ts';

/** How the audit was made and what it cannot prove, then the block in which people sign. */
export async function drawMethod(section: Section): Promise<void> {
  const { flow, report } = section;
  openChapter(section, CHAPTERS.method);
  for (const paragraph of METHOD) flow.paragraph(paragraph);
  const run = openTable(
    flow,
    [
      { title: 'What', share: 30, names: true },
      { title: 'Value', share: 70 },
    ],
    { level: 3, text: 'The run' },
  );
  for (const { term, value } of runEntries(report.head)) {
    run.row([
      [{ text: term, style: STYLE.cellStrong }],
      [{ text: value, style: term.startsWith('Digest') ? STYLE.mono : STYLE.cell }],
    ]);
  }
  run.end();
  drawSources(section);
  drawGlossary(section);
  flow.end();
  drawLimitations(section);
  drawSignOff(section);
  await section.drain();
}

function drawSources({ flow, report }: Section): void {
  const lines = methodLines(report.head);
  if (lines.length === 0) return;
  const table = openTable(
    flow,
    [
      { title: 'Source', share: 25, names: true },
      { title: 'Questions', share: 15 },
      { title: 'Operations', share: 60 },
    ],
    { level: 3, text: 'Sources, and what was sent to them' },
  );
  for (const { source, questions, operations } of lines) {
    table.row([
      [{ text: source, style: STYLE.cellStrong }],
      [{ text: questions, style: STYLE.cell }],
      operations.map((text) => ({ text, style: STYLE.mono })),
    ]);
  }
  table.end();
}

function drawLimitations(section: Section): void {
  const { flow } = section;
  openPart(section, CHAPTERS.limitations);
  const replaced = flow.setter.replaced();
  const sentences = replaced === 0 ? LIMITATIONS : [...LIMITATIONS, replacedSentence(replaced)];
  flow.list(sentences.map((text) => [{ text, style: STYLE.body }]));
  flow.end();
}

function drawSignOff(section: Section): void {
  const { flow } = section;
  openPart(section, CHAPTERS.signOff, 185);
  flow.paragraph(SIGN_OFF, STYLE.body, 8);
  const table = openTable(flow, [
    { title: 'Role', share: 16, names: true },
    { title: 'Name', share: 27 },
    { title: 'Function', share: 22 },
    { title: 'Date', share: 13 },
    { title: 'Signature', share: 22 },
  ]);
  for (const role of SIGN_OFF_ROLES) table.row([[{ text: role, style: STYLE.cellStrong }]], 40);
  table.end();
  flow.end();
}
