import { asSentence } from '../../../wording/names.ts';
import { capitalized } from '../../../wording/numbers.ts';
import type { BlindSpotLine } from '../../../wording/page-one-lists.ts';
import { CHAPTERS, moreSentence } from '../labels.ts';
import { verdictShape } from '../status-marks.ts';
import { openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { drawBanner } from './banner.ts';
import type { Section } from './section.ts';

/** Entries of a list on the first page before the rest is left to its chapter. */
const SHOWN = 6;

/** The first page: the verdict, what it counts, the worst gaps in words, and everything that was not seen. */
export function drawSummary(section: Section): void {
  const { flow, words } = section;
  flow.newChapter(CHAPTERS.summary);
  flow.begin('Sect');
  flow.heading(1, words.title, { bookmark: CHAPTERS.summary });
  flow.paragraph(words.subtitle, STYLE.muted, 8);
  flow.paragraph(words.question, STYLE.lead, 8);
  drawBanner(flow, {
    shape: verdictShape(words.verdict),
    word: words.verdictWord,
    sentences: [words.verdictSentence, words.weakestLinkSentence],
  });
  drawFacts(section);
  drawGaps(section);
  drawBlindSpots(section);
  drawNotLookedAt(section);
  drawRest(section);
  flow.end();
}

function drawFacts({ flow, words }: Section): void {
  const facts: readonly (readonly [string, readonly (string | null)[]])[] = [
    ['Organizations', [words.denominatorSentence, words.verdictCountsSentence, words.firstCopyDue]],
    ['Recovery point', [words.recoveryPointSentence]],
    ['Loss judged', [words.lossSentence]],
    ['Evidence', [words.ageOfEvidenceSentence]],
    ['For machines', [words.exitSentence, ...words.exitReasons.map(sentenceOf), words.thresholdSentence]],
  ];
  const table = openTable(flow, [
    { title: 'About', share: 17, names: true },
    { title: 'Statement', share: 83 },
  ]);
  for (const [term, sentences] of facts) {
    const present = sentences.filter((sentence) => sentence !== null);
    if (present.length === 0) continue;
    table.row([
      [{ text: term, style: STYLE.cellStrong }],
      present.map((text, index) => ({ text, style: STYLE.cell, before: index === 0 ? 0 : 1.5 })),
    ]);
  }
  table.end();
}

function sentenceOf(reason: string): string {
  return `${capitalized(reason)}.`;
}

function drawGaps({ flow, words }: Section): void {
  flow.heading(2, 'Worst gaps', { style: STYLE.h3 });
  flow.paragraph(words.gapsSentence);
  if (words.gaps.length === 0) return;
  const table = openTable(flow, [
    { title: 'Severity', share: 12 },
    { title: 'Control', share: 11, names: true },
    { title: 'What is missing', share: 77 },
  ]);
  for (const gap of words.gaps) {
    table.row([
      [{ text: gap.severityWord, style: STYLE.cellStrong, shape: 'bad' }],
      [{ text: gap.controlId, style: STYLE.cell }],
      [{ text: gap.sentence, style: STYLE.cell }],
    ]);
  }
  table.end();
}

function drawBlindSpots({ flow, words }: Section): void {
  flow.heading(2, 'Blind spots', { style: STYLE.h3 });
  flow.paragraph(words.blindSpotsSentence);
  const shown = words.blindSpots.slice(0, SHOWN);
  flow.list(shown.map(blindSpotPassages), 2);
  more(flow, moreSentence(shown.length, words.blindSpots.length, CHAPTERS.blindSpots));
}

function blindSpotPassages({ sentence, affects }: BlindSpotLine) {
  return [{ text: `${asSentence(sentence)} ${affects}`, style: STYLE.body }];
}

function drawNotLookedAt({ flow, words }: Section): void {
  flow.heading(2, 'Not looked at', { style: STYLE.h3 });
  flow.paragraph(words.notLookedAtSentence);
  flow.list(
    words.notLookedAt.map(({ reason, isWholeControl, controls }) => {
      const named = isWholeControl ? controls.map((control) => control.split(':', 1)[0] ?? control) : controls;
      return [{ text: asSentence(`${reason}: ${named.join(', ')}`), style: STYLE.body }];
    }),
    2,
  );
}

function drawRest({ flow, words }: Section): void {
  flow.heading(2, CHAPTERS.exclusions, { style: STYLE.h3 });
  flow.paragraph(words.exclusionsSentence);
  const shown = words.exclusions.slice(0, SHOWN);
  flow.list(
    shown.map((text) => [{ text, style: STYLE.body }]),
    2,
  );
  more(flow, moreSentence(shown.length, words.exclusions.length, CHAPTERS.exclusions));
  flow.heading(2, 'Resting on somebody’s word', { style: STYLE.h3 });
  flow.paragraph(words.declaredSentence);
  if (words.declared.length > 0) more(flow, `All are listed in the chapter “${CHAPTERS.declared}”.`);
  if (words.notices.length === 0) return;
  flow.heading(2, CHAPTERS.notices, { style: STYLE.h3 });
  flow.paragraph(words.noticesSentence);
  const notices = words.notices.slice(0, SHOWN);
  flow.list(
    notices.map(({ text }) => [{ text, style: STYLE.body }]),
    2,
  );
  more(flow, moreSentence(notices.length, words.notices.length, CHAPTERS.notices));
}

function more(flow: Section['flow'], sentence: string | null): void {
  if (sentence !== null) flow.paragraph(sentence, STYLE.muted);
}
