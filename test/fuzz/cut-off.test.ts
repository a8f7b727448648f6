import { describe, expect, it } from 'vitest';
import type { Artifact, FuzzedParser } from './fuzzed-parser.ts';
import { FUZZED_PARSERS } from './registry.ts';

/** A segment of WAL in a base backup is larger: the tests of damage cut those at some offsets. */
const LARGEST = 16 * 1024;
const LIMIT_MS = 600_000;

/** Every artifact of a parser, with one of its small files cut off: at every offset of that file. */
function* cutOff({ artifacts }: FuzzedParser): Generator<{ readonly input: Artifact; readonly at: string }> {
  for (const artifact of artifacts()) {
    for (const [name, bytes] of artifact) {
      if (bytes.length > LARGEST) continue;
      for (let length = 0; length < bytes.length; length += 1) {
        yield { input: new Map(artifact).set(name, bytes.subarray(0, length)), at: `${name} at ${length}` };
      }
    }
  }
}

describe('cut off at any offset, nothing is vouched for', () => {
  it.each(FUZZED_PARSERS)(
    '$name',
    async (parser) => {
      const { signal } = new AbortController();
      const wrong: string[] = [];
      for (const { input, at } of cutOff(parser)) {
        try {
          if ((await parser.read(input, signal)) === 'complete') wrong.push(`${at}: complete`);
        } catch (error) {
          if (!parser.declared.some((kind) => error instanceof kind)) wrong.push(`${at}: ${String(error)}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    LIMIT_MS,
  );
});
