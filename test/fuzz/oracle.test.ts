import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { vendorTool } from '../damage/vendor-tool.ts';
import { propertySeed } from '../property-seed.ts';
import { debianPostgresTool, debianPostgresUnavailable } from '../services/postgres-debian.ts';
import { scratchDirectory } from '../services/scratch.ts';
import { fuzz } from './fuzz.ts';
import type { Artifact, Oracle } from './fuzzed-parser.ts';
import { makeInput } from './make-input.ts';
import { FUZZED_PARSERS } from './registry.ts';

const unavailable = debianPostgresUnavailable();
const [INPUTS, ASKED, LIMIT_MS] = [2000, 30, 600_000];
const ARGUMENTS: Readonly<Record<Oracle, readonly string[]>> = {
  'pg_restore -l': ['-l', 'file'],
  pg_restore: ['-f', '/dev/null', 'file'],
};

/** Whether the tool that is the oracle takes an input. */
async function accepts(oracle: Oracle, input: Artifact): Promise<boolean> {
  using scratch = scratchDirectory('oracle');
  const root = join(scratch.path, 'input');
  mkdirSync(root);
  for (const [name, bytes] of input) writeFileSync(join(root, name), bytes);
  return vendorTool(oracle, debianPostgresTool('pg_restore'), ARGUMENTS[oracle], root).accepts();
}

/* The other way round is fine: pg_restore takes much that is damaged. */
describe.skipIf(unavailable)(
  `what a reader calls complete, pg_restore takes${unavailable === null ? '' : ` (${unavailable})`}`,
  () => {
    const judged = FUZZED_PARSERS.flatMap((parser) =>
      parser.oracle === undefined ? [] : [{ ...parser, oracle: parser.oracle }],
    );

    it.each(judged)(
      '$name',
      async (parser) => {
        const seed = propertySeed();
        const { vouched } = await fuzz(parser.name, { seed, count: INPUTS });
        const asked = vouched.slice(0, ASKED);
        expect(asked.length).toBeGreaterThan(5);
        const artifacts = parser.artifacts();
        const refused: number[] = [];
        for (const index of asked) {
          if (!(await accepts(parser.oracle, makeInput(parser, artifacts, seed, index)))) refused.push(index);
        }
        expect(refused, `inputs of seed ${seed}`).toEqual([]);
      },
      LIMIT_MS,
    );
  },
);
