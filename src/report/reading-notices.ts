import type { ReadingSummary } from '../model/bundle.ts';
import type { ReportHead } from '../model/report.ts';
import { bytesText, counted } from '../model/text.ts';

/** How far copies were read, where that leaves something to do. */
export function readingNotices(reading: ReadingSummary | undefined): ReportHead['notices'] {
  if (reading === undefined) return [];
  const { read, readBytes, left, leftUnproven, notes } = reading;
  if (left === 0) return [...notes];
  const were = left === 1 ? 'was' : 'were';
  const unproven = leftUnproven === 0 ? '' : `; ${leftUnproven} of them cannot be proven intact otherwise`;
  return [
    {
      text: `${counted(left, 'copy', 'copies')} ${were} left for a later run to read to the end, as the budget was used up after ${counted(read, 'copy', 'copies')} of ${bytesText(readBytes)}${unproven}`,
      remedy:
        'Those that have waited longest are read first. Where they do not catch up, raise collect.verification, or run more often.',
    },
    ...notes,
  ];
}
