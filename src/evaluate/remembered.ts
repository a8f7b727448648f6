/** Results kept for one anchor: questions about one organization are asked again and again, but in few variants. */
const KEPT = 16;

interface Kept<R> {
  readonly identity: readonly unknown[];
  readonly result: R;
}

/**
 * A pure function that remembers its last results. Controls ask the same of the same facts, each for itself; the lists
 * of facts are the same objects then, so that comparing them by identity is enough.
 *
 * @param identityOf everything that the result depends on, compared by identity; results are forgotten with the first
 *   of them, the anchor
 */
export function remembered<A extends readonly unknown[], R>(
  identityOf: (...args: A) => readonly [anchor: object, ...others: readonly unknown[]],
  work: (...args: A) => R,
): (...args: A) => R {
  const byAnchor = new WeakMap<object, Kept<R>[]>();
  return (...args) => {
    const identity = identityOf(...args);
    let kept = byAnchor.get(identity[0]);
    if (kept === undefined) {
      kept = [];
      byAnchor.set(identity[0], kept);
    }
    const known = kept.find((one) => one.identity.every((part, index) => part === identity[index]));
    if (known !== undefined) return known.result;
    const result = work(...args);
    if (kept.length >= KEPT) kept.shift();
    kept.push({ identity, result });
    return result;
  };
}

/** The observations about one subject: the list itself where all of them are, so that it stays the same object. */
export function aboutSubject<O extends { readonly subject: { readonly key: string } }>(
  list: readonly O[],
  key: string,
): readonly O[] {
  return list.every(({ subject }) => subject.key === key) ? list : list.filter(({ subject }) => subject.key === key);
}
