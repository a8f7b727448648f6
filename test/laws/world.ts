import fc from 'fast-check';
import type { Scope } from '../../src/evaluate/scope.ts';
import type { AnyEvidence } from '../../src/model/evidence.ts';
import type { FactKind, Facts } from '../../src/model/facts.ts';
import type { Policy } from '../../src/model/policy.ts';
import { type Subject, type SubjectNode, subjectId } from '../../src/model/subject.ts';
import { evidence, INSTALL_NODES, node, ORGANIZATION_NODES, policyOf, scopeOf } from '../evaluate/fixture.ts';
import { LOCATIONS, type Question } from './question.ts';
import { QUESTIONS } from './questions.ts';

/** A question with the answer it got in one world, and other things it might have shown. */
export interface Asked {
  readonly question: Question;
  readonly items: readonly Facts[FactKind][];
  readonly extras: readonly Facts[FactKind][];
  readonly declared: boolean;
}

/** One random install with one organization: every question answered completely. */
export interface World {
  readonly asked: readonly Asked[];
  readonly policy: Policy;
}

/** @param calm in a calm world nearly every question is answered as on a well-run install */
const asked = (question: Question, calm: boolean): fc.Arbitrary<Asked> =>
  fc.record({
    question: fc.constant(question),
    items: calm
      ? fc.oneof({ weight: 24, arbitrary: fc.constant(question.usual) }, { weight: 1, arbitrary: question.items })
      : question.items,
    extras: fc.array(question.item, { minLength: 1, maxLength: 2 }),
    declared: fc.boolean(),
  });

const policies: fc.Arbitrary<Policy> = fc
  .record({
    retiredMeansRewrapped: fc.boolean(),
    mayDeleteKeys: fc.constantFrom<string[] | null>(
      null,
      [],
      ['arn:aws:iam::111122223333:role/KeyAdmin', '111122223333'],
    ),
    proveKeys: fc.boolean(),
    rtoHours: fc.constantFrom(null, 0.25, 1, 8),
    organizationRestoreTestDays: fc.constantFrom(null, 92, 366),
    restoreTargetMajorVersion: fc.constantFrom(null, 17, 18),
    limits: fc.constantFrom({}, { restorableMoments: 2 }, { restorableMoments: 3, retentionDays: 20 }),
  })
  .map((changes) => policyOf(changes));

const worldsOf = (calm: boolean): fc.Arbitrary<World> =>
  fc.record({ asked: fc.tuple(...QUESTIONS.map((question) => asked(question, calm))), policy: policies });

/** Calm worlds, in which long chains hold, and wild ones, in which anything meets anything. */
export const worlds: fc.Arbitrary<World> = fc.oneof(
  { weight: 1, arbitrary: worldsOf(true) },
  { weight: 1, arbitrary: worldsOf(false) },
);

/** The record of one question; each declaration is one of its own, as collectors write them. */
export function recordsOf({ question, items, declared }: Asked): readonly AnyEvidence[] {
  const { kind, subject } = question;
  const options = question.mayBeDeclared === true && declared ? { grade: 'declared' as const } : {};
  if (kind !== 'declaration') return [evidence(kind, subject, items as readonly never[], options)];
  const marker = subject.kind === 'install' ? [evidence(kind, subject, [])] : [];
  return [
    ...marker,
    ...items.map((item) => evidence(kind, subject, [item as Facts['declaration']], { grade: 'declared' })),
  ];
}

/** What stands in the evidence of a world, in two lists: the install's and the organization's. */
export interface Records {
  readonly install: readonly AnyEvidence[];
  readonly organization: readonly AnyEvidence[];
}

export function recordsIn(world: World): Records {
  const of = (part: Question['part']) => world.asked.filter((one) => one.question.part === part).flatMap(recordsOf);
  return { install: of('install'), organization: of('organization') };
}

const INSTALL_SUBJECTS: readonly SubjectNode[] = [
  ...INSTALL_NODES.filter(({ subject }) => subject.kind !== 'location'),
  ...LOCATIONS.map(node),
];

/** Every subject of a world with the scope it is judged in. */
export function subjectsIn(records: Records): readonly { readonly node: SubjectNode; readonly scope: Scope }[] {
  const install = { nodes: INSTALL_SUBJECTS, evidence: records.install };
  const organization = { nodes: ORGANIZATION_NODES, evidence: records.organization };
  const alone = scopeOf({ install });
  const both = scopeOf({ install, organization });
  return [
    ...INSTALL_SUBJECTS.map((one) => ({ node: one, scope: alone })),
    ...ORGANIZATION_NODES.map((one) => ({ node: one, scope: both })),
  ];
}

/** Other things that one question might have shown in this world. */
export function extrasFor(world: World, kind: FactKind, subject: Subject): readonly Facts[FactKind][] {
  const id = subjectId(subject);
  return world.asked
    .filter((one) => one.question.kind === kind && subjectId(one.question.subject) === id)
    .flatMap((one) => one.extras);
}
