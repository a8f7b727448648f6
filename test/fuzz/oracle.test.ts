import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vendorTool } from '../damage/vendor-tool.ts';
import { propertySeed } from '../property-seed.ts';
import { debianPostgresTool, debianPostgresUnavailable } from '../services/postgres-debian.ts';
import { pypiPostgresTool, pypiPostgresUnavailable } from '../services/postgres-pypi.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { fuzz } from './fuzz.ts';
import type { Artifact, Oracle } from './fuzzed-parser.ts';
import { makeInput } from './make-input.ts';
import { FUZZED_PARSERS } from './registry.ts';

const [INPUTS, ASKED, LIMIT_MS] = [2000, 120, 600_000];
/** pg_restore takes milliseconds, or never ends. */
const ANSWER_WITHIN_MS = 5000;
const MOST_UNANSWERED = 3;
const ARGUMENTS: Readonly<Record<Oracle['tool'], readonly string[]>> = {
  'pg_restore -l': ['-l'],
  pg_restore: ['-f', '/dev/null'],
};

function ask(program: string, { tool }: Oracle, input: Artifact, root: string) {
  mkdirSync(root);
  for (const [name, bytes] of input) writeFileSync(join(root, name), bytes);
  const archive = input.has('toc.dat') ? '.' : 'file';
  return vendorTool(tool, program, [...ARGUMENTS[tool], archive], root, ANSWER_WITHIN_MS).ask();
}

const RELEASES = [
  { release: 15, unavailable: debianPostgresUnavailable(), program: async () => debianPostgresTool('pg_restore') },
  { release: 18, unavailable: pypiPostgresUnavailable(), program: () => pypiPostgresTool('pg_restore') },
] as const;

/* The other way round is fine: pg_restore takes much that is damaged. Other inputs: PROPERTY_SEED=random npm test. */
describe.each(RELEASES)(
  'what a reader calls complete, pg_restore $release takes',
  ({ release, unavailable, program }) => {
    const judged = FUZZED_PARSERS.flatMap((parser) =>
      parser.oracle?.release === release ? [{ ...parser, oracle: parser.oracle }] : [],
    );

    it.skipIf(unavailable).each(judged)(
      `$name${unavailable === null ? '' : ` (${unavailable})`}`,
      async (parser) => {
        const seed = propertySeed();
        const { vouched } = await fuzz(parser.name, { seed, count: INPUTS });
        const asked = vouched.slice(0, ASKED);
        expect(asked.length).toBeGreaterThan(30);
        const artifacts = parser.artifacts();
        const restore = await program();
        using scratch = scratchDirectory('oracle');
        const told = { refused: [] as number[], unanswered: [] as number[] };
        for (const index of asked) {
          const input = makeInput(parser, artifacts, seed, index);
          const answer = await ask(restore, parser.oracle, input, join(scratch.path, String(index)));
          if (answer === 'refused') told.refused.push(index);
          if (answer === 'no answer') told.unanswered.push(index);
        }
        expect(told.refused, `inputs of seed ${seed}`).toEqual([]);
        expect(told.unanswered.length, 'inputs without an answer').toBeLessThanOrEqual(MOST_UNANSWERED);
      },
      LIMIT_MS,
    );
  },
);
