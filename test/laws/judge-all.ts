import { judgeSubject } from '../../src/evaluate/judge-subject.ts';
import { contextFor } from '../../src/evaluate/prepare.ts';
import { CONTROLS } from '../../src/evaluate/registry.ts';
import type { Control } from '../../src/model/control.ts';
import type { FactKind } from '../../src/model/facts.ts';
import type { Finding } from '../../src/model/finding.ts';
import type { Policy } from '../../src/model/policy.ts';
import type { SubjectKind } from '../../src/model/subject.ts';
import { AS_OF } from '../evaluate/fixture.ts';
import { type Records, subjectsIn } from './world.ts';

const KINDS_OF = new Map(
  CONTROLS.map((control) => {
    const needs = [...(control.applies ?? []), ...control.parts].flatMap((part) => Object.values(part.needs));
    return [control.id, new Set<FactKind>(needs.map((need) => need.fact))];
  }),
);

export function isAbout(control: Control, kind: SubjectKind): boolean {
  return typeof control.subject === 'string' ? control.subject === kind : control.subject.includes(kind);
}

/**
 * Every control applied to every subject that it is about, by `ID kind:key`.
 *
 * @param touched only controls that look at one of these kinds of fact; all where it is left out
 */
export function judgeAll(
  records: Records,
  policy: Policy,
  touched?: ReadonlySet<FactKind>,
): ReadonlyMap<string, Finding> {
  const found = new Map<string, Finding>();
  for (const { node, scope } of subjectsIn(records)) {
    for (const control of CONTROLS) {
      if (!isAbout(control, node.subject.kind)) continue;
      const kinds = KINDS_OF.get(control.id);
      if (touched !== undefined && ![...touched].some((kind) => kinds?.has(kind))) continue;
      const { finding } = judgeSubject(control, node, scope, contextFor(node.subject, policy, AS_OF));
      found.set(`${control.id} ${node.subject.kind}:${node.subject.key}`, finding);
    }
  }
  return found;
}
