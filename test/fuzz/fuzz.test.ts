import { describe, expect, it } from 'vitest';
import { propertySeed } from '../property-seed.ts';
import { fuzz } from './fuzz.ts';
import { FUZZED_PARSERS } from './registry.ts';

const INPUTS = 2000;
const LIMIT_MS = 600_000;
/** Bytes of memory, beside what was in use before. */
const MOST_GROWTH = 400_000_000;

/* More inputs: npm run bench -- --only fuzz. Other ones: PROPERTY_SEED=random npm test. */
describe(`whatever the bytes, a reader answers or throws what it says it throws (seed ${propertySeed()})`, () => {
  it.each(FUZZED_PARSERS.map(({ name }) => name))(
    '%s',
    async (name) => {
      const { failures, outcomes, grownBy } = await fuzz(name, { seed: propertySeed(), count: INPUTS });
      expect(failures).toEqual([]);
      expect(grownBy).toBeLessThan(MOST_GROWTH);
      expect(Object.values(outcomes).reduce((sum, times) => sum + times, 0)).toBe(INPUTS);
    },
    LIMIT_MS,
  );
});

describe('what is not damaged is read', () => {
  it.each(FUZZED_PARSERS)('$name', async ({ artifacts, read, oracle }) => {
    for (const artifact of artifacts()) {
      const outcome = await read(artifact, new AbortController().signal);
      expect(['incomplete', 'differs', 'none', 'cut, entries', 'no copy', 'problems']).not.toContain(outcome);
      if (oracle?.tool === 'pg_restore') expect(outcome).toBe('complete');
    }
  });
});
