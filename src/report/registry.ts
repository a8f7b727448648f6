import type { ReportFormat } from '../model/report.ts';
import { csvFormat } from './formats/csv.ts';
import { htmlFormat } from './formats/html.ts';
import { jsonFormat } from './formats/json.ts';
import { pdf } from './formats/pdf.ts';

/** Every report format. Adding one is its file and a line here. */
export const FORMATS: readonly ReportFormat[] = [jsonFormat, htmlFormat, pdf, csvFormat];
