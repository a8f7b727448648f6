/** How many answers are remembered: some 10 MB of keys. */
const MAX_ANSWERS = 10_000;
/** No answer is passed off as newer than by this much. */
const MAX_AGE_MILLIS = 15 * 60_000;

/**
 * Asks about each name once, however many ask about it: keyrings share keys, and several questions about one key have one
 * answer. A failure is told to those who wait for it, and asked again by the next.
 */
export function askedOnce<T>(ask: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const answers = new Map<string, { readonly answer: Promise<T>; readonly askedAt: number }>();
  return (name) => {
    const known = answers.get(name);
    if (known !== undefined && performance.now() - known.askedAt < MAX_AGE_MILLIS) return known.answer;
    const entry = { answer: ask(name), askedAt: performance.now() };
    answers.delete(name);
    answers.set(name, entry);
    entry.answer.catch(() => {
      if (answers.get(name) === entry) answers.delete(name);
    });
    for (const [oldest] of answers) {
      if (answers.size <= MAX_ANSWERS) break;
      answers.delete(oldest);
    }
    return entry.answer;
  };
}
