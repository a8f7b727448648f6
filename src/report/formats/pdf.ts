import type { ReportFormat } from '../../model/report.ts';

/** The report on paper: tagged PDF with bookmarks, for readers and auditors. Writes `report.pdf`. */
export const pdf: ReportFormat = {
  id: 'pdf',
  title: 'PDF report',
  async render(report, sink, options) {
    // Fonts and drawing take memory that the other formats need not pay for.
    const { renderPdf } = await import('./pdf/render.ts');
    await renderPdf(report, sink, options);
  },
};
