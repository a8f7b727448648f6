import { fuzz } from '../fuzz/fuzz.ts';
import { FUZZED_PARSERS } from '../fuzz/registry.ts';
import type { Figure } from './figure.ts';

const MEGABYTE = 1_000_000;
/** What a reader may take beside its input: a piece of a compressed stream can become a thousand times as many bytes. */
const MOST_GROWTH_MB = 400;

/**
 * Lets every parser of the registry read so many damaged inputs, and tells how much memory that took.
 *
 * @param format only those whose names hold this; null: all
 *
 * @throws Error where one crashes or hangs, with the numbers of its inputs
 */
export async function fuzzFigures(
  seed: number,
  count: number,
  format: string | null,
  say: (text: string) => void,
): Promise<readonly Figure[]> {
  const figures: Figure[] = [];
  for (const { name } of FUZZED_PARSERS) {
    if (format !== null && !name.includes(format)) continue;
    const started = performance.now();
    const { failures, outcomes, grownBy } = await fuzz(name, { seed, count });
    if (failures.length > 0) throw new Error(`${name}, seed ${seed}: ${JSON.stringify(failures, null, 1)}`);
    const seconds = (performance.now() - started) / 1000;
    say(`fuzz: ${name}, ${seconds.toFixed(0)} s`);
    const words = Object.entries(outcomes).map(([outcome, times]) => `${outcome} ${times}`);
    figures.push({
      name: `fuzz: ${name}`,
      ours: `${count} inputs`,
      peer: null,
      value: grownBy / MEGABYTE,
      unit: 'MB',
      limit: { kind: 'at most', value: MOST_GROWTH_MB },
      note: `growth of the process; ${words.slice(0, 6).join(', ')}`,
    });
  }
  return figures;
}
