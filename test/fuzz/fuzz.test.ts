import { describe, expect, it } from 'vitest';
import { propertySeed } from '../property-seed.ts';
import { fuzz } from './fuzz.ts';
import { FUZZED_PARSERS } from './registry.ts';

const INPUTS = 2000;
const LIMIT_MS = 600_000;

/* More inputs: npm run bench -- --only fuzz. Other ones: PROPERTY_SEED=random npm test. */
describe(`whatever the bytes, a reader answers or throws what it says it throws (seed ${propertySeed()})`, () => {
  it.each(FUZZED_PARSERS.map(({ name }) => name))(
    '%s',
    async (name) => {
      const { failures, outcomes } = await fuzz(name, { seed: propertySeed(), count: INPUTS });
      expect(failures).toEqual([]);
      expect(Object.values(outcomes).reduce((sum, times) => sum + times, 0)).toBe(INPUTS);
      // A harness whose inputs all end in the same word would test nothing.
      expect(Object.keys(outcomes).length).toBeGreaterThan(1);
    },
    LIMIT_MS,
  );
});
