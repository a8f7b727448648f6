import type { Report } from '../../../../model/report.ts';
import type { PageOne } from '../../../wording/page-one.ts';
import type { Flow } from '../flow.ts';

/** What every section is drawn from. */
export interface Section {
  readonly report: Report;
  readonly flow: Flow;
  readonly words: PageOne;
  /** Organizations with a chapter of their own, worst first. */
  readonly detailed: readonly string[];
  /** Hands finished pages over, so that they need not wait in memory. */
  drain(): Promise<void>;
}

/** A chapter on a new page, with its bookmark. */
export function openChapter({ flow }: Section, title: string, sheet: 'upright' | 'sideways' = 'upright'): void {
  flow.newChapter(title, sheet);
  flow.begin('Sect');
  flow.heading(2, title, { bookmark: title });
}

/** A chapter that may start on the page where the one before ended. */
export function openPart({ flow }: Section, title: string, keep = 90): void {
  flow.begin('Sect');
  flow.section(title);
  flow.heading(2, title, { bookmark: title, keep });
}
