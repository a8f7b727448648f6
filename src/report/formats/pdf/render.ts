import type { FormatOptions, OrganizationSummary, Report, ReportSink } from '../../../model/report.ts';
import { instantText } from '../../wording/instants.ts';
import { neutralize } from '../../wording/names.ts';
import { pageOne } from '../../wording/page-one.ts';
import { type DrawnCounts, openCanvas } from './canvas.ts';
import { openDocument } from './document.ts';
import { openFlow } from './flow.ts';
import { gatherOutput } from './output.ts';
import { drawControls, drawInstallFindings } from './sections/controls.ts';
import { drawEvidence } from './sections/evidence.ts';
import { drawMethod } from './sections/method.ts';
import { drawOrganizationChapters } from './sections/organization-chapters.ts';
import { drawOrganizationsTable } from './sections/organizations-table.ts';
import { drawRebuild } from './sections/rebuild.ts';
import { drawRegisters } from './sections/registers.ts';
import type { Section } from './sections/section.ts';
import { drawSummary } from './sections/summary.ts';
import { typesetter } from './typesetter.ts';

/**
 * Draws the report into `report.pdf` and says how much was drawn. Pages are written as they are finished. The same
 * report gives the same bytes: the only clock is the report's own.
 *
 * @throws whatever the report's iterables or the sink throw
 */
export async function renderPdf(report: Report, sink: ReportSink, options: FormatOptions): Promise<DrawnCounts> {
  const { head } = report;
  const words = pageOne(head, await ownSummary(report));
  const document = openDocument({
    title: withoutMarkup(words.title),
    subject: withoutMarkup(words.lossSentence),
    created: new Date(head.run.asOf),
  });
  const output = gatherOutput(document);
  const canvas = openCanvas(document, {
    left: words.title,
    right: `Run ${neutralize(head.run.id)} · as of ${instantText(head.run.asOf)}`,
  });
  const file = await sink.file('report.pdf');
  const section: Section = {
    report,
    words,
    flow: openFlow(canvas, typesetter(canvas.faces)),
    detailed: report.worst(options.pdfDetail),
    async drain() {
      for (let block = output.take(); block !== null; block = output.take()) await file.write(block);
    },
  };
  drawSummary(section);
  if (head.scope.kind === 'install') await drawOrganizationsTable(section);
  if (section.detailed.length > 0) await drawOrganizationChapters(section);
  await drawInstallFindings(section);
  await drawRebuild(section);
  await drawControls(section);
  await drawEvidence(section);
  await drawRegisters(section);
  await drawMethod(section);
  canvas.finish();
  await section.drain();
  await file.write(output.rest());
  await file.close();
  return canvas.counts;
}

async function ownSummary({ head, organizations }: Report): Promise<OrganizationSummary | null> {
  if (head.scope.kind === 'install') return null;
  for await (const summary of organizations()) if (summary.organizationId === head.scope.organizationId) return summary;
  return null;
}

/** pdfkit puts these texts into the XMP packet as they are; markup characters become their numbers. */
function withoutMarkup(text: string): string {
  return text.replace(/[<>&]/g, (character) => `[U+00${character.charCodeAt(0).toString(16).toUpperCase()}]`);
}
