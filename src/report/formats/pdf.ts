import type { ReportFormat } from '../../model/report.ts';
import { renderPdf } from './pdf/render.ts';

/** The report on paper: tagged PDF with bookmarks, for readers and auditors. Writes `report.pdf`. */
export const pdf: ReportFormat = {
  id: 'pdf',
  title: 'PDF report',
  async render(report, sink, options) {
    await renderPdf(report, sink, options);
  },
};
