import { asSentence, isolateRightToLeft, neutralize, neutralizeSentence } from '../../wording/names.ts';

/** An outside name for a browser: harmless, shortened if very long, right-to-left parts isolated. */
export function shownName(name: string): string {
  return isolateRightToLeft(neutralize(name));
}

/** A sentence for a browser, likewise. */
export function shownSentence(sentence: string): string {
  return isolateRightToLeft(neutralizeSentence(sentence));
}

/** A sentence with its full stop, likewise. */
export function shownStatement(sentence: string): string {
  return isolateRightToLeft(asSentence(sentence));
}

/** The same for every text in plain data, for words that are harmless already. */
export function isolated<T>(value: T): T;
export function isolated(value: unknown): unknown {
  if (typeof value === 'string') return isolateRightToLeft(value);
  if (Array.isArray(value)) return value.map((item: unknown) => isolated(item));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, isolated(item)]));
}
