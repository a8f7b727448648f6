import { REBUILD_LEAD, REBUILD_TITLE, rebuildLines } from '../../../wording/rebuild.ts';
import { openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { openPart, type Section } from './section.ts';

/** Facts for the runbook; nothing where the report has none. */
export async function drawRebuild(section: Section): Promise<void> {
  const { flow, report } = section;
  const lines = rebuildLines(report.head);
  if (lines.length === 0) return;
  openPart(section, REBUILD_TITLE);
  flow.paragraph(REBUILD_LEAD);
  const table = openTable(flow, [
    { title: 'About', share: 17, names: true },
    { title: 'What was seen', share: 83 },
  ]);
  for (const { about, sentence, remedy } of lines) {
    table.row([
      [{ text: about, style: STYLE.cellStrong }],
      [
        { text: sentence, style: STYLE.cell },
        ...(remedy === null ? [] : [{ text: `What to do: ${remedy}`, style: STYLE.cellMuted }]),
      ],
    ]);
  }
  table.end();
  flow.end();
  await section.drain();
}
