import type { Facts } from '../model/facts.ts';
import { DAY, type Instant, toMillis } from '../model/instant.ts';
import { systemClock } from './ask.ts';
import { eachOf } from './concurrency.ts';
import type { OpenLocation } from './estate.ts';
import { s3FileProbe } from './stores/s3-file-probe.ts';

type Seen = NonNullable<Facts['store-object-lock']['seen']>;

/** Objects of one location that are asked for their locks: the newest, and others evenly through the time that its lock lasts. */
const MOST_ASKED = 32;
const AT_ONCE = 8;
const TIMEOUT_MILLIS = 30_000;

/**
 * What objects of a location say of their own locks. A default lock is given to what is written since it was set (Amazon S3
 * User Guide, "Locking objects with Object Lock"), and no service tells when that was. Those whose lock would have ended are
 * not asked.
 *
 * @param days for how long the bucket locks by default
 * @throws SourceError where the location cannot be listed, or does not answer
 */
export async function seenLocks(
  { tree, bucket }: Pick<OpenLocation, 'tree' | 'bucket'>,
  days: number,
  signal: AbortSignal,
): Promise<Seen | null> {
  if (tree === null || bucket === null) return null;
  const since = toMillis(systemClock()) - days * DAY;
  const young: { readonly path: string; readonly modifiedAt: Instant }[] = [];
  for await (const { path, modifiedAt } of tree.list(signal)) {
    if (toMillis(modifiedAt) > since) young.push({ path, modifiedAt });
  }
  young.sort((a, b) => b.modifiedAt.localeCompare(a.modifiedAt));
  const { client, name, prefix } = bucket;
  const probe = s3FileProbe(client, {
    bucket: name,
    prefix,
    checksums: false,
    locks: true,
    timeoutMillis: TIMEOUT_MILLIS,
    signal,
  });
  const locked: Instant[] = [];
  const open: Instant[] = [];
  const unlocked: Instant[] = [];
  const asked = spread(young, MOST_ASKED);
  await eachOf(asked, AT_ONCE, async ({ path, modifiedAt }) => {
    const looked = await probe.look(path);
    if (looked.is !== 'found') return;
    if (looked.locked) locked.push(modifiedAt);
    else open.push(modifiedAt);
    if (looked.unlocked === true) unlocked.push(modifiedAt);
  });
  const newestOpen = newest(open);
  // A lock of one that is followed by an open one is its own, and tells nothing of what was written since.
  const lockedSince = locked.filter((at) => newestOpen === null || at > newestOpen).sort()[0] ?? null;
  const isEvery = locked.length + open.length === young.length;
  return { asked: asked.length, isEvery, lockedSince, newestOpen, newestUnlocked: newest(unlocked) };
}

function newest(instants: readonly Instant[]): Instant | null {
  return [...instants].sort().at(-1) ?? null;
}

/** The first, the last, and others at even distances. */
function spread<T>(list: readonly T[], most: number): readonly T[] {
  if (list.length <= most) return list;
  return Array.from({ length: most }, (_, at) => list[Math.round((at * (list.length - 1)) / (most - 1))]).filter(
    (one) => one !== undefined,
  );
}
