import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import { HOUR } from '../../src/model/instant.ts';
import { LIMIT_DEFAULTS, type Policy } from '../../src/model/policy.ts';
import { DEFAULT_FACTS } from '../evaluate/default-facts.ts';
import { ago } from '../evaluate/fixture.ts';
import { judgeAll } from './judge-all.ts';
import { recordsIn, type World, worlds } from './world.ts';

/** It measures each link of the chain by the thresholds that the findings about that link print. */
const OF_ITS_LINKS: ReadonlySet<string> = new Set(['REC-1']);

/** The same world with an organization that was made just now, and of some kinds of facts has none yet. */
function madeJustNow(world: World, state: string, without: ReadonlySet<string>): World {
  const organization = { ...DEFAULT_FACTS.organization, state, createdAt: ago(2 * HOUR) };
  const asked = world.asked.map((one) => {
    if (one.question.kind === 'organization') return { ...one, items: [organization] };
    if (one.question.kind === 'store-state') return { ...one, items: [DIRECTORY] };
    return without.has(one.question.kind) ? { ...one, items: [] } : one;
  });
  return { ...world, asked };
}

const NOTHING_YET: ReadonlySet<string> = new Set(['storage-binding', 'keyring', 'key-version', 'file-copy']);
/** Nor anything that would show it to be older. */
const NO_COPY_YET: ReadonlySet<string> = new Set([
  'file-copy',
  'tenant-database',
  'backup-run',
  'restore-test',
  'key-version',
  'artifact-count',
]);

const DIRECTORY = { ...DEFAULT_FACTS['store-state'], kind: 'bundled' };

/** Every fourth world has an organization that is new, in turn being made and already there. */
function inTurn(world: World, index: number): World {
  if (index % 8 === 0) return madeJustNow(world, 'provisioning', NOTHING_YET);
  return index % 8 === 4 ? madeJustNow(world, 'active', NO_COPY_YET) : world;
}

test('every control with thresholds prints one with its origin', () => {
  const origins = new Map<string, Set<string>>();
  for (const [index, sampled] of fc.sample(worlds, { numRuns: 200, seed: 4 }).entries()) {
    const world = inTurn(sampled, index);
    const policy: Policy = { ...world.policy, proveKeys: true, limits: { ...LIMIT_DEFAULTS } };
    for (const { controlId, limit } of judgeAll(recordsIn(world), policy).values()) {
      if (limit !== undefined) origins.set(controlId, (origins.get(controlId) ?? new Set()).add(limit.origin));
    }
  }
  const withLimits = CONTROLS.filter(({ id, limits }) => limits.length > 0 && !OF_ITS_LINKS.has(id)).map(
    ({ id }) => id,
  );
  expect(withLimits.filter((id) => origins.get(id)?.has('policy') !== true)).toEqual([]);
});
