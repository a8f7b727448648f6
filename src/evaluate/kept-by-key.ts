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

export function newMap<K, V>(): Map<K, V> {
  return new Map();
}

export function newList<T>(): T[] {
  return [];
}
