import type { JudgeContext, Need, Observation, Observed } from '../model/control.ts';
import { type Instant, MINUTE, toInstant, toMillis } from '../model/instant.ts';
import type { SubjectNode } from '../model/subject.ts';
import { fileCopiesOf, liveStoreSurvives } from './recovery-files.ts';
import { OWN_FILES } from './recovery-needs.ts';
import { KEYED_NEEDS, type OpenableSource, openableOwn } from './recovery-sources.ts';
import { remembered } from './remembered.ts';
import type { Scope } from './scope.ts';
import { seenThrough } from './seen-through.ts';

/** Needs of the recovery point. */
export const POINT_NEEDS = {
  ...KEYED_NEEDS,
  ...OWN_FILES,
  // Where a sample is refused, an older copy may be the one that is certain, or none: also an old point gets uncertain.
  proofs: { ...KEYED_NEEDS.proofs, polarity: 'either' },
  installProofs: { ...KEYED_NEEDS.installProofs, polarity: 'either' },
  // A first copy of the files may lower the point, and a newer one raise it.
  fileCopies: { ...OWN_FILES.fileCopies, polarity: 'either' },
} as const satisfies Readonly<Record<string, Need>>;
const POINT_NEED_LIST: readonly (readonly [string, Need])[] = Object.entries(POINT_NEEDS);
export type PointFacts = Observed<typeof POINT_NEEDS>;
/** Facts that lower a point, besides those that the ways to have the databases back rest on. */
const FILE_FACTS = Object.keys(OWN_FILES) as (keyof typeof OWN_FILES)[];

/**
 * The latest moment to which the subject can be brought back with its parts agreeing. Of each database that is the
 * best over its copies, each lowered to the files' copy where rows were registered between the two; of several
 * databases the oldest counts. The install has no files.
 */
export function pointOf(facts: PointFacts, context: JudgeContext): Instant | null {
  return pointOver(openableOwn(facts, context), facts, context);
}

/** The recovery finding and the summary of an organization ask the same. */
const pointOver: typeof pointOverNow = remembered(
  (databases, facts, { subject, policy, asOf, limit }) => [
    databases,
    ...FILE_FACTS.map((name) => facts[name]),
    subject.organizationId,
    policy,
    asOf,
    limit('fileSkewMinutes', 'files').value,
  ],
  pointOverNow,
);

function pointOverNow(
  databases: readonly (readonly OpenableSource[])[],
  facts: PointFacts,
  context: JudgeContext,
): Instant | null {
  const stores = facts.bindings.filter(({ value }) => value.state === 'active').map(({ value }) => value.bindingId);
  const best = databases.map((sources) => {
    const points = sources.flatMap(({ source, truth }) =>
      truth === 'holds' && source.moment !== null ? [source.moment.notBefore] : [],
    );
    return latestLowered(points, (point) =>
      stores.reduce<Instant>((lowest, store) => lowered(lowest, store, facts, context), point),
    );
  });
  return earliest(best);
}

/** As {@link pointOf}, over everything seen of a subject whose recovery finding passes. */
export function recoveryPoint(node: SubjectNode, scope: Scope, context: JudgeContext): Instant | null {
  const facts: Record<string, readonly Observation[]> = {};
  for (const [name, need] of POINT_NEED_LIST) facts[name] = seenThrough(need, node, scope).observations;
  return pointOf(facts as unknown as PointFacts, context);
}

/** The latest of points that are each lowered first; lowering makes none later, so older ones than the best are left. */
function latestLowered(points: readonly Instant[], lower: (point: Instant) => Instant): Instant | null {
  let best: Instant | null = null;
  for (const point of [...points].sort().reverse()) {
    if (best !== null && point <= best) break;
    const lowest = lower(point);
    if (best === null || lowest > best) best = lowest;
  }
  return best;
}

function earliest(instants: readonly (Instant | null)[]): Instant | null {
  if (instants.length === 0 || instants.includes(null)) return null;
  return instants.filter((instant) => instant !== null).sort()[0] ?? null;
}

function lowered(point: Instant, store: string, facts: PointFacts, context: JudgeContext): Instant {
  if (liveStoreSurvives(facts, store, context)) return point;
  const copy = fileCopiesOf(facts, store, context).find((one) => one.counts === 'holds');
  if (copy === undefined) return point;
  const { moment } = copy.observation.value;
  if (moment >= point) return point;
  const missing = rowsBetween(facts, moment, point, context);
  return missing === 0 ? point : moment;
}

/**
 * Whether no further copy of the files could lower the point: each store in use outlives the loss, or has a copy that
 * counts, of which the newest decides.
 */
export function isFilesPointSettled(facts: PointFacts, context: JudgeContext): boolean {
  return facts.bindings
    .filter(({ value }) => value.state === 'active')
    .map(({ value }) => value.bindingId)
    .every(
      (store) =>
        liveStoreSurvives(facts, store, context) ||
        fileCopiesOf(facts, store, context).some((copy) => copy.counts === 'holds'),
    );
}

/**
 * Artifact rows registered after the files' copy, beyond the tolerated skew, and not after the database's copy. Null
 * where they were not counted around these instants.
 */
export function rowsBetween(
  facts: Pick<PointFacts, 'artifactCounts'>,
  files: Instant,
  database: Instant,
  context: JudgeContext,
): number | null {
  const from = toInstant(toMillis(files) + context.limit('fileSkewMinutes', 'files').value * MINUTE);
  if (from >= database) return 0;
  const after = new Map(facts.artifactCounts.map(({ value }) => [value.after, value.count]));
  const since = after.get(from);
  // With nothing registered since the files' copy there is nothing in between, whatever the database's moment.
  if (since === 0) return 0;
  const later = database >= context.asOf ? 0 : after.get(database);
  return since === undefined || later === undefined ? null : Math.max(0, since - later);
}
