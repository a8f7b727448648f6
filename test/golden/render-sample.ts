import { fileURLToPath } from 'node:url';
import { judgeSaved } from '../../src/pipeline/judge-saved.ts';
import { renderReport } from '../../src/pipeline/render-report.ts';

/** Bundle of a demo run, from which the committed sample report is made. */
export const SAMPLE_BUNDLE = fileURLToPath(new URL('../fixtures/bundles/demo.ndjson', import.meta.url));

/** Judges the sample bundle by its own end and renders every format into a directory. */
export function renderSample(directory: string): Promise<readonly string[]> {
  return judgeSaved(SAMPLE_BUNDLE, {}, ({ report, unmatched }) =>
    renderReport(report, {
      directory,
      formats: ['json', 'html', 'pdf', 'csv'],
      pdfDetail: 200,
      htmlPageSize: 500,
      unmatched,
      signal: new AbortController().signal,
    }),
  );
}
