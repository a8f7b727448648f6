import type { OrganizationSummary, ReportHead } from '../model/report.ts';
import { pageOne } from '../report/wording/page-one.ts';

/** The first page in a few lines, for the terminal. Every sentence is the report's own. */
export function summaryLines(head: ReportHead, own: OrganizationSummary | null): readonly string[] {
  const page = pageOne(head, own);
  const gaps = head.worstGaps.shown.slice(0, 5);
  return [
    '',
    page.verdictSentence,
    ...(page.denominatorSentence === null ? [] : [page.denominatorSentence]),
    ...(gaps.length === 0 ? [] : ['', `Worst gaps (${head.worstGaps.total} in all):`]),
    ...gaps.map((gap) => `  ${gap.controlId}  ${oneLine(gap.sentence)}`),
    ...(head.blindSpots.length === 0 ? [] : ['', `Blind spots (${head.blindSpots.length}):`]),
    ...head.blindSpots.slice(0, 5).map((spot) => `  ${oneLine(`${spot.source}: ${spot.detail}. ${spot.remedy}`)}`),
    ...noticeLines(head),
    '',
    `${page.exitSentence}${head.exit.reasons.length === 0 ? '' : ` ${oneLine(head.exit.reasons.join('; '))}.`}`,
  ];
}

/** What the operator should know though it is no finding, such as a statement that was observed to be otherwise. */
export function noticeLines({ notices }: Pick<ReportHead, 'notices'>): readonly string[] {
  if (notices.length === 0) return [];
  return ['', `Notices (${notices.length}):`, ...notices.slice(0, 5).map(({ text }) => `  ${oneLine(text)}.`)];
}

/** Outside text on a terminal: no control characters, no line breaks, no bidirectional overrides, bounded. */
export function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are exactly what must not reach a terminal
  const safe = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, '\ufffd');
  return safe.length > 300 ? `${safe.slice(0, 300)} …` : safe;
}

/**
 * One line for Nagios and its kin, with performance data (Monitoring Plugins Development Guidelines, "Performance data").
 * Without thresholds: the state follows from what fails, not from how many there are.
 */
export function nagiosLine(head: ReportHead): { readonly line: string; readonly exitCode: 0 | 2 | 3 } {
  const { total, judged, blind, excluded } = head.denominator.organizations;
  const state = head.exit.code === 0 ? 'OK' : head.exit.code === 1 ? 'CRITICAL' : 'UNKNOWN';
  const text = `RECOVERAGE ${state} - ${judged} of ${total ?? 'unknown'} organizations judged, ${head.tally.fail} gaps, ${head.tally.unknown} unknown`;
  const data = `gaps=${head.tally.fail};;;0 unknown=${head.tally.unknown};;;0 blind=${blind};;;0 excluded=${excluded} organizations=${total ?? 0}`;
  return { line: `${text} | ${data}`, exitCode: head.exit.code === 0 ? 0 : head.exit.code === 1 ? 2 : 3 };
}
