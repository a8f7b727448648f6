import { GRADES } from '../../../../model/evidence.ts';
import { BEARINGS } from '../../../../model/finding.ts';
import { PLANES, VERDICTS } from '../../../../model/report.ts';
import { capitalized } from '../../../wording/numbers.ts';
import {
  BEARING_EXPLANATIONS,
  BEARING_WORDS,
  FIRST_COPY_EXPLANATION,
  GRADE_EXPLANATIONS,
  GRADE_WORDS,
  NO_VERDICT_EXPLANATION,
  PLANE_EXPLANATIONS,
  PLANE_STATES_EXPLANATION,
  PLANE_WORDS,
  VERDICT_EXPLANATIONS,
  verdictWord,
} from '../../../wording/words.ts';
import { verdictShape } from '../status-marks.ts';
import { type Cell, openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import type { Passage } from '../typesetter.ts';
import type { Section } from './section.ts';

/** The words of the report with their meanings: verdicts, planes, bearings and grades. */
export function drawGlossary({ flow }: Section): void {
  const table = openTable(
    flow,
    [
      { title: 'Kind', share: 16 },
      { title: 'Word', share: 24, names: true },
      { title: 'Meaning', share: 60 },
    ],
    { level: 3, text: 'The words of this report' },
  );
  for (const verdict of [...VERDICTS, null]) {
    const said = verdict === null ? NO_VERDICT_EXPLANATION : VERDICT_EXPLANATIONS[verdict];
    const meaning = verdict === 'at-risk' ? `${said} Or: ${FIRST_COPY_EXPLANATION}` : said;
    table.row(
      cells('Verdict', { text: verdictWord(verdict), style: STYLE.cellStrong, shape: verdictShape(verdict) }, meaning),
    );
  }
  for (const plane of PLANES) table.row(cells('Plane', strong(PLANE_WORDS[plane]), PLANE_EXPLANATIONS[plane]));
  table.row(cells('Plane', strong('OK, due'), PLANE_STATES_EXPLANATION));
  for (const bearing of BEARINGS)
    table.row(cells('Bears on', strong(BEARING_WORDS[bearing]), BEARING_EXPLANATIONS[bearing]));
  for (const grade of GRADES) table.row(cells('Evidence', strong(GRADE_WORDS[grade]), GRADE_EXPLANATIONS[grade]));
  table.end();
}

function strong(text: string): Passage {
  return { text, style: STYLE.cellStrong };
}

function cells(kind: string, word: Passage, meaning: string): Cell[] {
  return [[{ text: kind, style: STYLE.cellMuted }], [word], [{ text: capitalized(meaning), style: STYLE.cell }]];
}
