import { createHash } from 'node:crypto';
import type { BlindSpot } from '../../model/evidence.ts';
import type { ReportedBlindSpot } from '../../model/report.ts';
import type { Folding } from './folding.ts';

/** Blind spots by what makes two of them the same. */
export type CollectedBlindSpots = Map<string, Entry>;

/** Collects blind spots: the same one about many organizations is one entry. */
export interface BlindSpotList extends Folding<CollectedBlindSpots> {
  /** @param organizationId null: the install's or shared @returns its id */
  add(source: string, blindSpot: BlindSpot, organizationId: string | null): string;
  /** Worst reach first; what nobody was asked for last, as it mostly follows from what did not answer. */
  list(): readonly ReportedBlindSpot[];
}

interface Entry {
  readonly id: string;
  readonly source: string;
  readonly blindSpot: BlindSpot;
  organizations: number;
  install: boolean;
  last: string | null;
}

/** The source of what was not asked for. */
export const NOBODY = 'the audit';

export function createBlindSpotList(): BlindSpotList {
  const entries: CollectedBlindSpots = new Map();
  return {
    add(source, blindSpot, organizationId) {
      const key = `${source}\0${blindSpot.reason}\0${blindSpot.detail}\0${blindSpot.remedy}`;
      let entry = entries.get(key);
      if (entry === undefined) {
        const id = `blind-${createHash('sha256').update(key).digest('hex').slice(0, 12)}`;
        entry = { id, source, blindSpot, organizations: 0, install: false, last: null };
        entries.set(key, entry);
      }
      if (organizationId === null) entry.install = true;
      else if (entry.last !== organizationId) {
        // Organizations come one after the other, so comparing with the last one counts each once.
        entry.organizations += 1;
        entry.last = organizationId;
      }
      return entry.id;
    },
    folded: () => entries,
    merge(later) {
      for (const [key, entry] of later) {
        const known = entries.get(key);
        if (known === undefined) {
          entries.set(key, entry);
          continue;
        }
        known.organizations += entry.organizations;
        known.install ||= entry.install;
        known.last = entry.last ?? known.last;
      }
    },
    list: () =>
      [...entries.values()]
        .sort(
          (a, b) =>
            Number(a.source === NOBODY) - Number(b.source === NOBODY) ||
            b.organizations - a.organizations ||
            Number(b.install) - Number(a.install) ||
            (a.id < b.id ? -1 : 1),
        )
        .map(({ id, source, blindSpot, organizations, install }) => ({
          id,
          reason: blindSpot.reason,
          source,
          detail: blindSpot.detail,
          remedy: blindSpot.remedy,
          affects: { organizations, install },
        })),
  };
}
