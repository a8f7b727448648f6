/** One measured figure: the program against its peer in the same run, or an amount against its limit. */
export interface Figure {
  readonly name: string;
  /** What the program took, with its unit, and what the peer did; null where there is no peer. */
  readonly ours: string;
  readonly peer: string | null;
  readonly value: number;
  readonly unit: 'times' | 'MB';
  readonly limit: { readonly kind: 'at least' | 'at most'; readonly value: number };
  /** How it was measured: sizes, rounds, spread. */
  readonly note: string;
}

/** A figure that could not be measured here, and why. */
export interface Unmeasured {
  readonly name: string;
  readonly why: string;
}

export function isMet({ value, limit }: Figure): boolean {
  return limit.kind === 'at least' ? value >= limit.value : value <= limit.value;
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** `1.23 to 1.31`: the smallest and the largest of several rounds. */
export function spread(values: readonly number[]): string {
  return `${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}`;
}
