import type { ReportFormat } from '../../../src/model/report.ts';
import { csvFormat } from '../../../src/report/formats/csv.ts';
import { htmlFormat } from '../../../src/report/formats/html.ts';
import { jsonFormat } from '../../../src/report/formats/json.ts';
import { countingSink } from '../memory-sink.ts';
import { sampleReport } from '../sample-report.ts';

/* node --max-old-space-size=N render-in-little-memory.ts FORMAT ORGANIZATIONS: renders into nothing and prints the bytes. */

const formats: readonly ReportFormat[] = [csvFormat, htmlFormat, jsonFormat];
const [, , wanted, organizations] = process.argv;
const format = formats.find(({ id }) => id === wanted);
if (format === undefined) throw new RangeError(`no format ${wanted}`);
const sink = countingSink();
await format.render(sampleReport({ organizations: Number(organizations) }), sink, {
  pdfDetail: 200,
  htmlPageSize: 500,
});
process.stdout.write(JSON.stringify({ bytes: sink.total(), files: sink.files() }));
