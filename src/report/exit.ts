import type { ReportHead } from '../model/report.ts';
import type { Severity } from '../model/severity.ts';
import { counted } from '../model/text.ts';

/** Counts that decide the exit code. */
export interface ExitFacts {
  readonly failOn: Severity;
  /** Findings at or above `failOn`. */
  readonly gaps: number;
  readonly unknown: number;
  readonly total: number | null;
  readonly judged: number;
  readonly blind: number;
  readonly excluded: number;
  readonly acceptExcluded: boolean;
}

/**
 * The exit code of an audit: 1 for at least one gap; 2 where something could not be judged, an organization is blind,
 * an exclusion is not accepted or there was nothing to audit; else 0. Missing evidence never gives 0.
 */
export function exitOf(facts: ExitFacts): ReportHead['exit'] {
  const reasons: string[] = [];
  if (facts.gaps > 0)
    reasons.push(
      `${counted(facts.gaps, 'finding')} at or above ${facts.failOn} ${facts.gaps === 1 ? 'fails' : 'fail'}`,
    );
  if (facts.unknown > 0)
    reasons.push(`${counted(facts.unknown, 'finding')} at or above ${facts.failOn} could not be judged`);
  if (facts.total === null) reasons.push('the organizations could not be listed');
  else if (facts.judged + facts.blind === 0) reasons.push('there was nothing to audit');
  const unaccounted = facts.total === null ? 0 : facts.total - facts.judged - facts.blind - facts.excluded;
  if (unaccounted !== 0) reasons.push(`${facts.total} organizations are listed, and not all of them are accounted for`);
  if (facts.blind > 0)
    reasons.push(`${counted(facts.blind, 'organization')} ${facts.blind === 1 ? 'is' : 'are'} blind`);
  if (facts.excluded > 0 && !facts.acceptExcluded) {
    reasons.push(
      `${counted(facts.excluded, 'organization')} ${facts.excluded === 1 ? 'is' : 'are'} excluded; --accept-excluded lets that pass`,
    );
  }
  const incomplete =
    facts.unknown > 0 ||
    facts.total === null ||
    facts.judged + facts.blind === 0 ||
    unaccounted !== 0 ||
    facts.blind > 0 ||
    (facts.excluded > 0 && !facts.acceptExcluded);
  return { code: facts.gaps > 0 ? 1 : incomplete ? 2 : 0, reasons };
}
