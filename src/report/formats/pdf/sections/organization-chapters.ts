import type { OrganizationChapter } from '../../../../model/report.ts';
import { instantText } from '../../../wording/instants.ts';
import { asSentence, neutralize } from '../../../wording/names.ts';
import { recoveryPointSentence, verdictSentence, weakestLinkSentence } from '../../../wording/page-one-verdict.ts';
import { atRiskText, verdictWord } from '../../../wording/words.ts';
import { CHAPTERS, detailSentence } from '../labels.ts';
import { verdictShape } from '../status-marks.ts';
import { rounded } from '../text-operators.ts';
import { COLOR, MARGIN, STYLE } from '../theme.ts';
import { CHAIN_HEIGHT, drawChain } from './chain.ts';
import { drawFindings } from './findings-table.ts';
import { openChapter, type Section } from './section.ts';

/** Chapters read together: they come in the order of ids, and are drawn worst first. */
const CHAPTERS_AT_ONCE = 200;

/** The organizations that are worst off, each with its chain, its weakest link and its findings. */
export async function drawOrganizationChapters(section: Section): Promise<void> {
  const { flow, report } = section;
  const own = report.head.scope.kind === 'organization';
  openChapter(section, own ? CHAPTERS.ownDetail : CHAPTERS.detail);
  if (!own) flow.paragraph(detailSentence(section.detailed.length, organizationCount(section)));
  for await (const chapter of detailedChapters(section)) {
    drawChapter(section, chapter);
    await section.drain();
  }
  flow.end();
}

/** The chapters of the detailed organizations, worst first. */
export async function* detailedChapters({ report, detailed }: Section): AsyncIterable<OrganizationChapter> {
  for (let start = 0; start < detailed.length; start += CHAPTERS_AT_ONCE) {
    const wanted = detailed.slice(start, start + CHAPTERS_AT_ONCE);
    const found = new Map<string, OrganizationChapter>();
    for await (const chapter of report.chapters(new Set(wanted))) found.set(chapter.summary.organizationId, chapter);
    for (const id of wanted) {
      const chapter = found.get(id);
      if (chapter !== undefined) yield chapter;
    }
  }
}

/** Organizations that the report has rows for, also where nobody knows how many there are. */
export function organizationCount({ report }: Section): number {
  const { total, judged, blind, excluded } = report.head.denominator.organizations;
  return total ?? judged + blind + excluded;
}

function drawChapter({ flow, report }: Section, { summary, findings }: OrganizationChapter): void {
  const name = neutralize(summary.name);
  flow.ensure(170 + CHAIN_HEIGHT);
  flow.begin('Sect');
  if (flow.y > flow.top() + 60) separate(flow);
  flow.heading(3, name, { bookmark: `${name} – ${verdictWord(summary.verdict)}`, keep: 0 });
  flow.paragraph(
    `Slug ${neutralize(summary.slug)} · id ${neutralize(summary.organizationId)} · state ${neutralize(summary.state)}`,
    STYLE.muted,
    4,
  );
  const risk = atRiskText(summary);
  const weakest = weakestLinkSentence(report.head, summary);
  flow.passages([
    {
      text: `${verdictWord(summary.verdict)}${risk === '' ? '' : ` (${risk})`}`,
      style: STYLE.strong,
      shape: verdictShape(summary.verdict),
    },
    { text: verdictSentence(report.head, summary), style: STYLE.body },
    ...(weakest === null ? [] : [{ text: `Weakest link: ${weakest}`, style: STYLE.strong, before: 2 }]),
    { text: recoveryPointSentence(report.head, summary), style: STYLE.body, before: 2 },
    ...(summary.exclusion === null
      ? []
      : [
          {
            text: `Left out on purpose: ${asSentence(summary.exclusion.reason)} Approved by ${neutralize(summary.exclusion.approver)}, until ${instantText(summary.exclusion.expires)}.`,
            style: STYLE.body,
            before: 2,
          },
        ]),
  ]);
  flow.y += 7;
  drawChain(flow, summary.chain, summary.weakestLink);
  if (findings.length > 0) drawFindings(flow, findings, { level: 4, text: 'Findings' });
  flow.end();
}

function separate(flow: Section['flow']): void {
  flow.y += 8;
  const right = MARGIN.left + flow.width();
  flow.canvas.beneath(
    `1 w ${COLOR.accent} RG ${MARGIN.left} ${rounded(flow.y)} m ${rounded(right)} ${rounded(flow.y)} l S`,
  );
}
