/** How many answers of each of two generations are remembered: some 20 MB of keys in all. */
const GENERATION = 10_000;
/** No answer is passed off as newer than by this much. */
const MAX_AGE_MILLIS = 15 * 60_000;

interface Asked<T> {
  readonly answer: Promise<T>;
  readonly askedAt: number;
}

/**
 * Asks about each name once, however many ask about it: keyrings share keys, and several questions about one key have one
 * answer. A failure is told to those who wait for it, and asked again by the next.
 */
export function askedOnce<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  let recent = new Map<string, Asked<T>>();
  let older = new Map<string, Asked<T>>();
  return (name) => {
    const known = recent.get(name) ?? older.get(name);
    if (known !== undefined && performance.now() - known.askedAt < MAX_AGE_MILLIS) return known.answer;
    if (recent.size >= GENERATION) [older, recent] = [recent, new Map()];
    const entry = { answer: ask(name), askedAt: performance.now() };
    recent.set(name, entry);
    entry.answer.catch(() => {
      for (const answers of [recent, older]) if (answers.get(name) === entry) answers.delete(name);
    });
    return entry.answer;
  };
}
