import type { Moment } from '../model/facts.ts';
import type { Policy } from '../model/policy.ts';
import { ofKey } from './kept-by-key.ts';
import { type KeyUse, type NeededVersion, notEndedBy, startedBy } from './keys.ts';
import { remembered } from './remembered.ts';

/**
 * Versions between two that records name, of which no record is left. They were made after the one and before the other, so
 * what a copy from then on holds may have been encrypted with them (CONTROLS, KEY-4: every version created at or before the
 * copy's moment); whether they were used, nothing tells.
 *
 * Of several in a row the first stands for all: Vault trims and blocks versions from the lowest on, and a snapshot that has
 * a later version has it as well.
 *
 * @param moment of the copy; null: it does not tell, so that any version may be needed
 */
export function unrecordedVersions(
  uses: readonly KeyUse[],
  moment: Moment | null,
  policy: Pick<Policy, 'retiredMeansRewrapped'>,
): readonly NeededVersion[] {
  return gapsOf(uses).flatMap(({ version, before, after, use }) => {
    const isStarted = before.some(({ since }) => startedBy(since, moment) !== 'fails');
    const isEnded = policy.retiredMeansRewrapped && after.every(({ since }) => notEndedBy(since, moment) === 'fails');
    if (!isStarted || isEnded) return [];
    return [{ version, certainty: 'unknown' as const, use, isUnrecorded: true as const }];
  });
}

/** The first version between two that are on record, with the uses of both. */
interface Gap {
  readonly version: number;
  readonly before: readonly KeyUse[];
  readonly after: readonly KeyUse[];
  readonly use: KeyUse;
}

/** The same for every copy. */
const gapsOf: (uses: readonly KeyUse[]) => readonly Gap[] = remembered(
  (uses) => [uses],
  (uses) => {
    const byVersion = new Map<number, KeyUse[]>();
    for (const use of uses) {
      if (use.isNumbered === true && use.version !== null && use.version > 0) {
        ofKey(byVersion, use.version, (): KeyUse[] => []).push(use);
      }
    }
    const recorded = [...byVersion].sort(([a], [b]) => a - b);
    return recorded.flatMap(([version, before], index) => {
      const [next, after] = recorded[index + 1] ?? [version, []];
      const [use] = after;
      return use === undefined || next === version + 1 ? [] : [{ version: version + 1, before, after, use }];
    });
  },
);

/** What such a version adds to a sentence about it, before what is known of it. */
export function unrecordedText({ version, use }: NeededVersion): string {
  return `of version ${version} of the key, which came before version ${use.version}, no record is left, and it may be needed: `;
}
