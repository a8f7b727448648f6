import { renderPdf } from '../../src/report/formats/pdf/render.ts';
import { countingSink } from '../report/memory-sink.ts';
import { sampleReport } from '../report/sample-report.ts';
import { drawBare } from './bare-pdfkit.ts';

export interface PdfBench {
  readonly name: string;
  readonly ours_ms: number;
  readonly peer_ms: number;
  readonly ratio: number;
  readonly limit: number;
  readonly note: string;
}

const ROUNDS = 3;
const OPTIONS = { pdfDetail: 200, htmlPageSize: 1000 } as const;

/** The PDF of a whole install against a bare pdfkit program that draws as many tagged rows and lines; medians, in turn. */
export async function pdfBench(organizations: number): Promise<PdfBench> {
  const report = sampleReport({ organizations });
  const warm = await renderPdf(sampleReport({ organizations: 50 }), countingSink(), OPTIONS);
  await drawBare(warm);
  const ours: number[] = [];
  const peer: number[] = [];
  let counts = warm;
  let size = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const sink = countingSink();
    const started = performance.now();
    counts = await renderPdf(report, sink, OPTIONS);
    const between = performance.now();
    ours.push(between - started);
    size = sink.total();
    await drawBare(counts);
    peer.push(performance.now() - between);
  }
  const oursMillis = median(ours);
  const peerMillis = median(peer);
  return {
    name: `PDF of ${organizations} organizations, detail of ${Math.min(organizations, OPTIONS.pdfDetail)}`,
    ours_ms: Math.round(oursMillis),
    peer_ms: Math.round(peerMillis),
    ratio: Math.round((oursMillis / peerMillis) * 100) / 100,
    limit: 1.5,
    note: `${counts.pages} pages, ${counts.rows} rows, ${counts.cells} cells, ${counts.cellLines + counts.textLines} lines, ${(size / 1e6).toFixed(1)} MB`,
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
