import type { ReportHead, Verdict } from '../../../model/report.ts';
import { capitalized, countText, numberText } from '../../wording/numbers.ts';
import type { PageOne } from '../../wording/page-one.ts';
import { verdictMark } from './marks.ts';
import { isolated } from './shown.ts';

/** Blind spots in words on the first page; the rest follow further down, and the page says how many. */
const BLIND_SPOTS_SHOWN = 10;

/** What the template `page-one` asks for. */
export function pageOneView(page: PageOne, head: ReportHead): object {
  const facts = [
    { term: 'Loss that is judged', value: page.lossSentence },
    { term: 'Recovery point', value: page.recoveryPointSentence },
    { term: 'Organizations', value: page.denominatorSentence },
    { term: 'First copies', value: page.firstCopyDue },
    { term: 'Evidence', value: page.ageOfEvidenceSentence },
    { term: 'Gate', value: gateText(page) },
  ].filter(({ value }) => value !== null);
  const more = page.blindSpots.length - BLIND_SPOTS_SHOWN;
  return {
    ...isolated({ ...page, facts, blindSpots: page.blindSpots.slice(0, BLIND_SPOTS_SHOWN) }),
    verdict: verdictMark(page.verdict),
    bar: page.verdictCountsSentence === null ? null : verdictBar(head),
    blindSpotsMore:
      more > 0 ? `All ${numberText(page.blindSpots.length)} blind spots, ${countText(more, 'more')}` : null,
  };
}

function gateText(page: PageOne): string {
  const reasons = page.exitReasons.length === 0 ? null : `${capitalized(page.exitReasons.join('; '))}.`;
  return [page.exitSentence, reasons, page.thresholdSentence].filter((text) => text !== null).join(' ');
}

const BAR_WIDTH = 1000;
const GAP = 3;

/** Organizations by verdict, in the order of the bar. */
function verdictCounts(head: ReportHead): readonly (readonly [Verdict | null, number])[] {
  const { verdicts } = head.install;
  const risk = verdicts['at-risk'];
  return [
    ['recoverable', verdicts.recoverable],
    ['at-risk', risk.gap + risk.blindSpot + risk.firstCopyDue],
    ['unknown', verdicts.unknown],
    ['not-recoverable', verdicts['not-recoverable']],
    [null, verdicts.none],
  ];
}

/** One stacked bar, with the same numbers beside it in words; null where there is nothing to draw. */
function verdictBar(head: ReportHead): object | null {
  const counts = verdictCounts(head).filter(([, count]) => count > 0);
  const total = counts.reduce((sum, [, count]) => sum + count, 0);
  if (total === 0) return null;
  const room = BAR_WIDTH - GAP * (counts.length - 1);
  let x = 0;
  const segments = counts.map(([verdict, count]) => {
    const width = (count / total) * room;
    const segment = { tone: verdictMark(verdict).tone, x: x.toFixed(1), width: width.toFixed(1) };
    x += width + GAP;
    return segment;
  });
  return {
    segments,
    legend: counts.map(([verdict, count]) => ({ mark: verdictMark(verdict), count: numberText(count) })),
  };
}
