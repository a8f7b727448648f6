import { asSentence, neutralizeSentence } from '../../../wording/names.ts';
import { numberText } from '../../../wording/numbers.ts';
import { BEARING_WORDS, SEVERITY_WORDS, STATUS_WORDS } from '../../../wording/words.ts';
import { CHAPTERS } from '../labels.ts';
import { openTable } from '../table.ts';
import { STYLE } from '../theme.ts';
import { drawFindings } from './findings-table.ts';
import { openChapter, type Section } from './section.ts';

const TALLIED = ['pass', 'fail', 'unknown', 'waived', 'not-applicable'] as const;
const STATUS_SHARES = { pass: 34, fail: 32, unknown: 46, waived: 42, 'not-applicable': 50 } as const;

export async function drawInstallFindings(section: Section): Promise<void> {
  const { flow, report } = section;
  if (report.installFindings.length === 0) return;
  openChapter(section, CHAPTERS.install);
  drawFindings(flow, report.installFindings);
  flow.end();
  await section.drain();
}

/** Every control that was judged with its tally, then those that were not, each with the reason. */
export async function drawControls(section: Section): Promise<void> {
  const { flow, report, words } = section;
  openChapter(section, CHAPTERS.controls);
  const table = openTable(flow, [
    { title: 'Control', share: 44, names: true },
    { title: 'What it asks, and why', share: 197 },
    { title: 'Severity', share: 52 },
    ...TALLIED.map((status) => ({
      title: STATUS_WORDS[status],
      share: STATUS_SHARES[status],
      align: 'right' as const,
    })),
  ]);
  for (const control of report.head.controls) {
    table.row([
      [{ text: control.id, style: STYLE.cellStrong }],
      [
        { text: neutralizeSentence(control.title), style: STYLE.cellStrong },
        { text: asSentence(control.rationale), style: STYLE.cell },
      ],
      [
        { text: SEVERITY_WORDS[control.severity], style: STYLE.cell },
        { text: bearing(control.bears), style: STYLE.cellMuted },
      ],
      ...TALLIED.map((status) => [{ text: numberText(control.tally[status]), style: STYLE.cell }]),
    ]);
  }
  table.end();
  flow.heading(3, 'Controls that were not judged');
  flow.paragraph(words.notLookedAtSentence);
  if (words.notLookedAt.length > 0) drawNotJudged(section);
  flow.end();
  await section.drain();
}

function drawNotJudged({ flow, words }: Section): void {
  const table = openTable(flow, [
    { title: 'Control', share: 60, names: true },
    { title: 'Reason', share: 40 },
  ]);
  for (const { reason, controls } of words.notLookedAt) {
    for (const control of controls) {
      table.row([[{ text: control, style: STYLE.cell }], [{ text: reason, style: STYLE.cell }]]);
    }
  }
  table.end();
}

function bearing(text: string): string {
  return Object.entries(BEARING_WORDS).find(([key]) => key === text)?.[1] ?? neutralizeSentence(text);
}
