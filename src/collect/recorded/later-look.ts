import type { Evidence } from '../../model/evidence.ts';
import type { FactKind } from '../../model/facts.ts';
import { byTime } from '../../model/instant.ts';

/**
 * Answers to one question, of bundles and of this run, without those that a later look overrules: what was seen before
 * a look that failed may be gone since. Older answers stay beside a later one that answered, so that the report can say
 * that they differ; of those the newest counts.
 *
 * @param answered what bundles tell
 * @param own what this run saw of the very same, later than any bundle; null where it did not look
 */
export function notOverruled<K extends FactKind>(
  answered: readonly Evidence<K>[],
  own: Evidence<K> | null,
): readonly Evidence<K>[] {
  if (own !== null && own.blindSpot !== null) return [own];
  const failed = answered.filter(({ blindSpot }) => blindSpot !== null).map(({ collectedAt }) => collectedAt);
  const failedAt = failed.sort(byTime).at(-1) ?? '';
  const standing = answered.filter(
    ({ collectedAt, blindSpot }) => collectedAt > failedAt || (collectedAt === failedAt && blindSpot !== null),
  );
  if (own === null) return standing;
  // Whatever the clock of another host said: this run looked last.
  return [...standing.filter(({ collectedAt }) => collectedAt < own.collectedAt), own];
}

/** Of {@link notOverruled} the last look alone, for facts that are lists, whose answers would be united. */
export function lastLook<K extends FactKind>(
  answered: readonly Evidence<K>[],
  own: Evidence<K> | null,
): readonly Evidence<K>[] {
  const standing = notOverruled(answered, own);
  const last = standing.reduce<Evidence<K> | null>(
    (latest, record) => (latest === null || record.collectedAt > latest.collectedAt ? record : latest),
    null,
  );
  return last === null ? [] : [last];
}
