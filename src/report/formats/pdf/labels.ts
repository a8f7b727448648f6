import { countText, numberText } from '../../wording/numbers.ts';

/* Sentences that only a paged document needs: what it holds of the whole, and where the rest lies. */

const COMPLETE = 'the complete data is in report.json and findings.csv';

/** e.g. `Detail for 200 of 10,000 organizations, worst first; the complete data is in report.json and findings.csv.` */
export function detailSentence(shown: number, total: number): string {
  if (shown >= total)
    return `Detail for ${total === 1 ? 'the one organization' : `all ${countText(total, 'organization')}`}, worst first.`;
  return `Detail for ${numberText(shown)} of ${countText(total, 'organization')}, worst first; ${COMPLETE}.`;
}

export function tableSentence(rows: number): string {
  if (rows === 0) return 'The audit knows of no organization.';
  if (rows === 1) return 'The one organization that the audit knows of.';
  return `All ${countText(rows, 'organization')} that the audit knows of, in the order of their ids.`;
}

export function evidenceSentence(shown: number, total: number, questions: number): string {
  const asked = `${countText(questions, 'question')} ${questions === 1 ? 'was' : 'were'} put to the sources in all.`;
  const what =
    shown >= total
      ? 'Evidence on the install and on every organization.'
      : `Evidence on the install and on ${numberText(shown)} of ${countText(total, 'organization')}; the complete list is in report.json.`;
  return `${what} ${asked} The digest is the SHA-256 of the answer in canonical form.`;
}

export function ownEvidenceSentence(): string {
  return 'Evidence on this organization and on what its recovery leans on. The digest is the SHA-256 of the answer in canonical form.';
}

/** What a list on the first page leaves to its chapter; null where it holds everything. */
export function moreSentence(shown: number, total: number, chapter: string): string | null {
  return shown >= total ? null : `${numberText(total - shown)} more in the chapter “${chapter}”.`;
}

export function unmatchedSentence(shown: number, total: number): string {
  if (total === 0) return 'In what could be read, no file was found that matches nothing.';
  const all = `${countText(total, 'file')} in the backup locations ${total === 1 ? 'belongs' : 'belong'} to nothing that the audit knows. Nothing counts them as copies.`;
  return shown >= total ? all : `${all} The first ${numberText(shown)} are listed; the rest are in unmatched.ndjson.`;
}

export function replacedSentence(characters: number): string {
  return `${countText(characters, 'character')} in names and paths ${characters === 1 ? 'has' : 'have'} no glyph in the fonts of this document, or no visible form; ${characters === 1 ? 'it is' : 'each is'} written as its Unicode number, e.g. [U+6771].`;
}

export const SIGN_OFF =
  'By signing, each person confirms having read this report. This file carries no digital signature.';
export const SIGN_OFF_ROLES = ['Prepared by', 'Reviewed by', 'Approved by'] as const;

export const CHAPTERS = {
  summary: 'Summary',
  organizations: 'All organizations',
  detail: 'Organizations in detail',
  ownDetail: 'The organization in detail',
  install: 'Findings on the install and on what is shared',
  controls: 'Controls',
  evidence: 'Evidence',
  blindSpots: 'Blind spots',
  exclusions: 'Left out on purpose',
  declared: 'Declared facts',
  notices: 'Notices',
  unmatched: 'Files that match nothing',
  method: 'Method',
  limitations: 'Limitations',
  signOff: 'Sign-off',
} as const;
