import { type Figure, median, spread } from './figure.ts';

export const ROUNDS = 5;

/** What is measured against what, and how it is said. */
export interface Comparison {
  readonly name: string;
  readonly least: number;
  /**
   * @param round null for the one that fills the caches and is not measured
   * @returns seconds
   */
  readonly ours: (round: number | null) => Promise<number>;
  readonly peer: (round: number | null) => Promise<number>;
  /** The rate in one unit for both, e.g. `1.2 GB/s`. */
  readonly rate: (seconds: number) => string;
  readonly note: string;
}

/** Ours and the peer in turn, on the same data, after one round that fills the caches; the median of the ratios of speed. */
export async function inTurn({ name, least, ours, peer, rate, note }: Comparison): Promise<Figure> {
  await peer(null);
  await ours(null);
  const rounds: { readonly ours: number; readonly peer: number }[] = [];
  for (let round = 0; round < ROUNDS; round += 1) rounds.push({ ours: await ours(round), peer: await peer(round) });
  const ratios = rounds.map((round) => round.peer / round.ours);
  return {
    name,
    ours: rate(median(rounds.map((round) => round.ours))),
    peer: rate(median(rounds.map((round) => round.peer))),
    value: median(ratios),
    unit: 'times',
    limit: { kind: 'at least', value: least },
    note: `${ROUNDS} rounds in turn, ${spread(ratios)}; ${note}`,
  };
}

/** How long something takes, in seconds. */
export async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
