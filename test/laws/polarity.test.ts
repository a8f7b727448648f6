import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { resolveLimit } from '../../src/evaluate/limits.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import { related, type Scope } from '../../src/evaluate/scope.ts';
import { seenThrough } from '../../src/evaluate/seen-through.ts';
import type { Control, Judgement, Need, Observation, Part, Truth } from '../../src/model/control.ts';
import { GRADES } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Policy } from '../../src/model/policy.ts';
import { type SubjectNode, subjectId } from '../../src/model/subject.ts';
import { AS_OF } from '../evaluate/fixture.ts';
import { extrasFor, recordsIn, subjectsIn, type World, worlds } from './world.ts';

const RANK: Readonly<Record<Truth, number>> = { fails: 0, unknown: 1, holds: 2 };

/** Facts of which a subject has one: another observation is a first one, never a second. */
const ONE_A_SUBJECT: ReadonlySet<FactKind> = new Set([
  'install',
  'organization-list',
  'organization',
  'license',
  'cluster',
  'archiver',
  'database-state',
  'catalogue',
  'key-state',
  'provider-state',
  'custody',
  'store-state',
  'store-versioning',
  'store-object-lock',
  'store-encryption',
  'store-access-block',
  'store-policy',
  'store-acl',
  'location',
]);

type Seen = Record<string, readonly Observation[]>;

interface Step {
  readonly need: number;
  readonly subject: number;
  readonly extra: number;
  readonly at: number;
}

const violations: string[] = [];
const moved = new Set<string>();

function observe(part: Part, node: SubjectNode, scope: Scope): Seen {
  return Object.fromEntries(
    Object.entries(part.needs).map(([name, need]) => {
      const least = GRADES.indexOf(need.context === true ? 'declared' : (need.leastGrade ?? 'observed'));
      const { observations } = seenThrough(need, node, scope);
      return [name, observations.filter((one) => GRADES.indexOf(one.grade) >= least)];
    }),
  );
}

/** One more observation of a need in a world, as a collector might have made it; null where there is none to add. */
function another(need: Need, world: World, node: SubjectNode, scope: Scope, step: Step, seen: readonly Observation[]) {
  const subjects = related(need.of, node, scope) ?? [];
  const subject = subjects[step.subject % Math.max(1, subjects.length)];
  if (subject === undefined) return null;
  const known = seen.some((one) => subjectId(one.subject) === subjectId(subject));
  if (known && ONE_A_SUBJECT.has(need.fact)) return null;
  const extras = extrasFor(world, need.fact, subject);
  const value = extras[step.extra % Math.max(1, extras.length)];
  if (value === undefined || !fits(need, value)) return null;
  const observation = { value, subject, evidenceId: 'another', grade: 'observed', collectedAt: AS_OF } as Observation;
  return seen.toSpliced(step.at % (seen.length + 1), 0, observation);
}

function fits(need: Need, value: Facts[FactKind]): boolean {
  if (need.statements === undefined) return true;
  return need.statements.includes((value as Facts['declaration']).statement);
}

function check(id: string, name: string, need: Need, needName: string, before: Judgement, after: Judgement): void {
  const difference = RANK[after.truth] - RANK[before.truth];
  const key = `${id} ${name}.${needName}`;
  if (difference !== 0) moved.add(`${key} ${difference > 0 ? 'up' : 'down'}`);
  const wrong =
    (need.polarity === 'more-helps' && difference < 0) ||
    (need.polarity === 'more-hurts' && difference > 0) ||
    (before.regardlessOf?.includes(needName) === true && difference !== 0);
  if (!wrong) return;
  const claimed = before.regardlessOf?.includes(needName) === true ? 'irrelevant' : need.polarity;
  violations.push(
    `${key} is ${claimed}, and one more made ${before.truth} into ${after.truth}\n  before: ${before.because}\n  after: ${after.because}`,
  );
}

function tryPart(control: Control, part: Part, world: World, node: SubjectNode, scope: Scope, steps: readonly Step[]) {
  const context = contextOf(node, world.policy);
  const seen = observe(part, node, scope);
  const before = part.judge(seen, context);
  const names = Object.keys(part.needs);
  for (const step of steps) {
    const name = names[step.need % Math.max(1, names.length)];
    const need = name === undefined ? undefined : part.needs[name];
    if (name === undefined || need === undefined) return;
    const more = another(need, world, node, scope, step, seen[name] ?? []);
    if (more === null) continue;
    check(control.id, part.name, need, name, before, part.judge({ ...seen, [name]: more }, context));
  }
}

function contextOf(node: SubjectNode, policy: Policy) {
  const { subject } = node;
  return { subject, policy, asOf: AS_OF, limit: (name: never) => resolveLimit(name, policy, subject) };
}

describe('another observation moves a part only as the polarity of its need says', () => {
  beforeAll(() => {
    const step = fc.record({ need: fc.nat(1000), subject: fc.nat(1000), extra: fc.nat(1000), at: fc.nat(1000) });
    fc.assert(
      fc.property(worlds, fc.array(step, { minLength: 12, maxLength: 12 }), (world, steps) => {
        const records = recordsIn(world);
        for (const { node, scope } of subjectsIn(records)) {
          for (const control of CONTROLS) {
            for (const part of [...(control.applies ?? []), ...control.parts]) {
              const kinds = typeof control.subject === 'string' ? [control.subject] : control.subject;
              if (!kinds.includes(node.subject.kind)) continue;
              if (part.onlyFor !== undefined && part.onlyFor !== node.subject.kind) continue;
              tryPart(control, part, world, node, scope, steps);
            }
          }
        }
      }),
      { numRuns: 250, seed: 20_261_122 },
    );
  });

  test.each(CONTROLS.map((control) => control.id))('%s', (id) => {
    const own = violations.filter((text) => text.startsWith(`${id} `));
    expect(own.slice(0, 3).join('\n'), `${own.length} violations`).toBe('');
  });

  test('observations do move parts both ways', () => {
    expect([...moved].filter((text) => text.endsWith(' up')).length).toBeGreaterThan(30);
    expect([...moved].filter((text) => text.endsWith(' down')).length).toBeGreaterThan(30);
  });
});
