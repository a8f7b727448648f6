import type { OrganizationSummary } from '../../../../model/report.ts';
import { PLANES } from '../../../../model/report.ts';
import { instantText } from '../../../wording/instants.ts';
import { neutralize } from '../../../wording/names.ts';
import { atRiskText, PLANE_WORDS, SHOWN_PLANE_WORDS, shownPlane, verdictWord } from '../../../wording/words.ts';
import { CHAPTERS, tableSentence } from '../labels.ts';
import { PLANE_SHAPES, verdictShape } from '../status-marks.ts';
import { type Cell, openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { openChapter, type Section } from './section.ts';

/** Rows drawn between two hand-overs of finished pages. */
const ROWS_AT_ONCE = 200;

/** One row for every organization, whatever became of it. */
export async function drawOrganizationsTable(section: Section): Promise<void> {
  const { flow, report } = section;
  openChapter(section, CHAPTERS.organizations, 'sideways');
  const { judged, blind, excluded } = report.head.denominator.organizations;
  flow.paragraph(tableSentence(judged + blind + excluded));
  const table = openTable(flow, [
    { title: 'Organization', share: 125, names: true },
    { title: 'Slug', share: 80 },
    { title: 'Verdict', share: 86 },
    { title: 'Recovery point', share: 92 },
    ...PLANES.map((plane) => ({ title: PLANE_WORDS[plane], share: 70 })),
  ]);
  let rows = 0;
  for await (const summary of report.organizations()) {
    table.row(organizationCells(summary));
    rows += 1;
    if (rows % ROWS_AT_ONCE === 0) await section.drain();
  }
  table.end();
  flow.end();
}

function organizationCells(summary: OrganizationSummary): Cell[] {
  const risk = atRiskText(summary);
  return [
    [{ text: neutralize(summary.name), style: STYLE.cellStrong }],
    [{ text: neutralize(summary.slug), style: STYLE.cell }],
    [
      { text: verdictWord(summary.verdict), style: STYLE.cellStrong, shape: verdictShape(summary.verdict) },
      ...(risk === '' ? [] : [{ text: risk, style: STYLE.cellMuted, indent: STYLE.cell.size * 1.35 }]),
    ],
    [
      summary.recoveryPoint === null
        ? { text: 'none proven', style: STYLE.cellQuiet }
        : { text: instantText(summary.recoveryPoint), style: STYLE.cell },
    ],
    ...PLANES.map((plane) => {
      const state = shownPlane(summary, plane);
      return [{ text: SHOWN_PLANE_WORDS[state], style: STYLE.cell, shape: PLANE_SHAPES[state] }];
    }),
  ];
}
