import { instantText } from '../../../wording/instants.ts';
import { neutralize, neutralizeSentence } from '../../../wording/names.ts';
import { sizeText } from '../../../wording/numbers.ts';
import { CHAPTERS, unmatchedSentence } from '../labels.ts';
import { openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { openChapter, openPart, type Section } from './section.ts';

/** What page one only counts, in full: blind spots, exclusions, declarations, notices, files that match nothing. */
export async function drawRegisters(section: Section): Promise<void> {
  drawBlindSpots(section);
  drawSentences(section, CHAPTERS.exclusions, section.words.exclusionsSentence, section.words.exclusions);
  await section.drain();
  drawSentences(section, CHAPTERS.declared, section.words.declaredSentence, section.words.declared);
  drawNotices(section);
  await section.drain();
  if (section.report.head.scope.kind === 'install') drawUnmatched(section);
  await section.drain();
}

function drawBlindSpots(section: Section): void {
  const { flow, words } = section;
  openChapter(section, CHAPTERS.blindSpots);
  flow.paragraph(words.blindSpotsSentence);
  const table = openTable(flow, [
    { title: 'Blind spot', share: 16, names: true },
    { title: 'What could not be seen', share: 48 },
    { title: 'What to change', share: 36 },
  ]);
  for (const { id, sentence, affects, remedy } of words.blindSpots) {
    table.row([
      [{ text: id, style: STYLE.cellStrong }],
      [
        { text: sentence, style: STYLE.cell },
        { text: affects, style: STYLE.cellMuted },
      ],
      [{ text: remedy, style: STYLE.cell }],
    ]);
  }
  table.end();
  flow.end();
}

function drawSentences(section: Section, title: string, lead: string, sentences: readonly string[]): void {
  const { flow } = section;
  openPart(section, title);
  flow.paragraph(lead);
  flow.list(sentences.map((text) => [{ text, style: STYLE.body }]));
  flow.end();
}

function drawNotices(section: Section): void {
  const { flow, words } = section;
  openPart(section, CHAPTERS.notices);
  flow.paragraph(words.noticesSentence);
  flow.list(
    words.notices.map(({ text, remedy }) => [
      { text, style: STYLE.body },
      { text: `What to do: ${remedy}`, style: STYLE.muted },
    ]),
  );
  flow.end();
}

function drawUnmatched(section: Section): void {
  const { flow, report } = section;
  const { unmatched, unmatchedTotal } = report.head;
  openPart(section, CHAPTERS.unmatched);
  flow.paragraph(unmatchedSentence(unmatched.length, unmatchedTotal));
  const table = openTable(flow, [
    { title: 'File', share: 40, names: true },
    { title: 'Location', share: 17 },
    { title: 'What it is', share: 22 },
    { title: 'Changed', share: 13 },
    { title: 'Size', share: 11, align: 'right' },
  ]);
  for (const { location, path, bytes, modifiedAt, what, foundName } of unmatched) {
    table.row([
      [{ text: neutralizeSentence(path), style: STYLE.mono }],
      [{ text: neutralize(location), style: STYLE.cell }],
      [
        { text: neutralizeSentence(what), style: STYLE.cell },
        ...(foundName === null ? [] : [{ text: `Name inside: ${neutralize(foundName)}`, style: STYLE.cellMuted }]),
      ],
      [{ text: instantText(modifiedAt), style: STYLE.cell }],
      [{ text: sizeText(bytes), style: STYLE.cell }],
    ]);
  }
  table.end();
  flow.end();
}
