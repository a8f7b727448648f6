/** Results kept for one anchor: questions about one organization are asked again and again, but in few variants. */
const KEPT = 16;
/** Anchors whose results are kept: those of the organization that is judged, and of the install beside it. */
const ANCHORS = 8;

interface Kept<R> {
  readonly identity: readonly unknown[];
  readonly result: R;
}

interface Anchored<R> {
  readonly anchor: object;
  readonly kept: Kept<R>[];
}

/**
 * A pure function that remembers its last results. Controls ask the same of the same facts, each for itself; the lists
 * of facts are the same objects then, so that comparing them by identity is enough. A few anchors are kept, the last
 * asked first: a WeakMap over the lists of every organization costs more than most of the work it would save.
 *
 * @param identityOf everything that the result depends on, compared by identity; results are forgotten with the first
 *   of them, the anchor
 */
export function remembered<A extends readonly unknown[], R>(
  identityOf: (...args: A) => readonly [anchor: object, ...others: readonly unknown[]],
  work: (...args: A) => R,
): (...args: A) => R {
  const anchored: Anchored<R>[] = [];
  return (...args) => {
    const identity = identityOf(...args);
    const kept = keptFor(anchored, identity[0]);
    for (const known of kept) if (isSame(known.identity, identity)) return known.result;
    const result = work(...args);
    if (kept.length >= KEPT) kept.shift();
    kept.push({ identity, result });
    return result;
  };
}

/** What is kept for an anchor, which becomes the first; the one asked longest ago makes room for a new one. */
function keptFor<R>(anchored: Anchored<R>[], anchor: object): Kept<R>[] {
  if (anchored[0]?.anchor === anchor) return anchored[0].kept;
  let at = 1;
  while (at < anchored.length && anchored[at]?.anchor !== anchor) at += 1;
  const found = anchored[at] ?? { anchor, kept: [] };
  for (let to = Math.min(at, ANCHORS - 1); to > 0; to -= 1) {
    const before = anchored[to - 1];
    if (before !== undefined) anchored[to] = before;
  }
  anchored[0] = found;
  return found.kept;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false;
  for (let index = 0; index < a.length; index += 1) if (a[index] !== b[index]) return false;
  return true;
}

/** The entries that pass: the list itself where all do, so that it stays the same object and what was made of it is found. */
export function passing<T>(list: readonly T[], passes: (one: T) => boolean): readonly T[] {
  return list.every(passes) ? list : list.filter(passes);
}

/** The observations about one subject. */
export function aboutSubject<O extends { readonly subject: { readonly key: string } }>(
  list: readonly O[],
  key: string,
): readonly O[] {
  return passing(list, ({ subject }) => subject.key === key);
}
