import type { BlindSpot } from '../model/evidence.ts';
import type { Facts } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';

/** One report in the list of those that were written, each naming the one before it. */
export interface NotedReport {
  readonly installId: string;
  readonly runId: string;
  /** When its evidence was complete. */
  readonly finishedAt: Instant;
  /** `sha256:…` of its report.json. */
  readonly digest: string;
  /** Of the report before it; null of the first. */
  readonly previous: string | null;
}

/** The list of reports, oldest first; the blind spot says why it is not all there is. */
export interface ReportChain {
  readonly reports: readonly NotedReport[];
  readonly blindSpot: BlindSpot | null;
}

/** The last report of an install; null where there is none. */
export function previousOf(reports: readonly NotedReport[], installId: string): Facts['previous-report'] | null {
  const own = reports.filter((one) => one.installId.toLowerCase() === installId.toLowerCase());
  const last = own.at(-1);
  if (last === undefined) return null;
  const { runId, finishedAt, digest } = last;
  return { runId, finishedAt, digest, reports: own.length, linked: isLinked(own) };
}

/**
 * Whether each names one that stands before it. Where the list begins is nobody's business, as an old list may be cut;
 * two runs at the same time name the same one.
 */
function isLinked(reports: readonly NotedReport[]): boolean {
  const before = new Set<string>();
  return reports.every(({ digest, previous }, index) => {
    const known = index === 0 || (previous !== null && before.has(previous));
    before.add(digest);
    return known;
  });
}
