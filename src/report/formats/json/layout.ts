/*
 * The layout of `report.json`, which is valid JSON of which every line can be parsed alone: the first line is `{`, the
 * last one `}`. In between stands one member a line, except that the arrays named here open with `"name":[`, hold one
 * element a line and close with `]`. Every line but the last of its array or object ends in a comma. A reader can
 * therefore stream a report of any size with nothing but `JSON.parse`; a JSON parser reads it as usual.
 */

/** Members whose elements stand one a line, in the order of the file. */
export const STREAMED = ['organizations', 'findings', 'evidence'] as const;
export type StreamedMember = (typeof STREAMED)[number];

export const REPORT_FILE = 'report.json';
export const FINDINGS_FILE = 'findings.ndjson';
export const EVIDENCE_FILE = 'evidence.ndjson';

/** Above this many findings `report.json` holds only those that fail, are unknown or waived, and the evidence of these. */
export const COMPLETE_UP_TO = 50_000;
