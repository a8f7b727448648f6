/** What a map holds under a key; made and kept where it holds nothing yet. */
export function ofKey<K, V>(
  map: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  make: () => V,
): V {
  const known = map.get(key);
  if (known !== undefined) return known;
  const made = make();
  map.set(key, made);
  return made;
}

/**
 * Like {@link ofKey} for what is made of each organization, one after the other, and of the install beside them: kept
 * for the last two keys, as entering every key into a WeakMap costs more than what is kept saves.
 */
export function keptForLast<K extends object, V>(make: () => V): (key: K) => V {
  let last: { readonly key: K; readonly value: V } | null = null;
  let other: { readonly key: K; readonly value: V } | null = null;
  return (key) => {
    if (last?.key === key) return last.value;
    [last, other] = [other?.key === key ? other : { key, value: make() }, last];
    return last.value;
  };
}

export function newMap<K, V>(): Map<K, V> {
  return new Map();
}

export function newList<T>(): T[] {
  return [];
}
