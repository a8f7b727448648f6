import type { ReportedCopy, ReportedEvidence } from '../../model/report.ts';
import { instantText } from './instants.ts';
import { countText } from './numbers.ts';
import { GRADE_WORDS } from './words.ts';

/** Copies of one answer that are shown, the newest; all are in report.json and copies.csv. */
const SHOWN = 5;

/** How well the copies of one answer are known, one line each; empty for an answer about something else. */
export function copyLines({ copies = [] }: Pick<ReportedEvidence, 'copies'>): readonly string[] {
  const more = copies.length - SHOWN;
  return [
    ...copies.slice(0, SHOWN).map(copyLine),
    ...(more > 0 ? [`and ${countText(more, 'older copy', 'older copies')}, listed in copies.csv`] : []),
  ];
}

function copyLine({ path, grade, integrity, verifiedAt }: ReportedCopy): string {
  const state = integrity === 'incomplete' ? 'damaged' : GRADE_WORDS[grade].toLowerCase();
  const read = verifiedAt === null ? 'not known to be read in full' : `last read in full on ${instantText(verifiedAt)}`;
  return `${path}: ${state}, ${read}`;
}
