import type { InstallPart, OrganizationPart } from '../model/bundle.ts';
import type { Control, JudgeContext } from '../model/control.ts';
import type { AnyEvidence } from '../model/evidence.ts';
import type { Instant } from '../model/instant.ts';
import { type Policy, verificationDays } from '../model/policy.ts';
import type { Subject, SubjectKind } from '../model/subject.ts';
import { factView } from './fact-view.ts';
import { type JudgedFinding, judgeSubject } from './judge-subject.ts';
import { installLimit, limitsOf } from './limits.ts';
import type { PartView, Scope } from './scope.ts';

/** A part ready to be judged: its facts can be looked up, with staleness by the given clock. */
export function partView(
  part: InstallPart | OrganizationPart,
  extra: readonly AnyEvidence[],
  asOf: Instant,
  policy: Policy,
): PartView {
  const maxAge = installLimit('evidenceMaxAgeHours', policy).value;
  const daysFor = (subject: Subject) => verificationDays(policy, subject);
  return { subjects: part.subjects, facts: factView([...part.evidence, ...extra], asOf, maxAge, daysFor) };
}

/** What a judge of that subject may know besides facts. */
export function contextFor(subject: Subject, policy: Policy, asOf: Instant): JudgeContext {
  return { subject, policy, asOf, limit: limitsOf(policy, subject) };
}

/** Applies every control to the subjects of one part that it is about, in the order of control ids. */
export function judgePart(
  controls: readonly Control[],
  part: PartView,
  scope: Scope,
  policy: Policy,
  asOf: Instant,
): readonly JudgedFinding[] {
  const findings: JudgedFinding[] = [];
  const subjects = part.subjects.map((node) => ({ node, context: contextFor(node.subject, policy, asOf) }));
  const kinds = new Set(subjects.map(({ node }) => node.subject.kind));
  for (const control of controls) {
    // Most controls are about kinds that an organization has none of.
    if (typeof control.subject === 'string' && !kinds.has(control.subject)) continue;
    for (const { node, context } of subjects) {
      if (isAbout(control.subject, node.subject.kind)) findings.push(judgeSubject(control, node, scope, context));
    }
  }
  return findings;
}

function isAbout(about: SubjectKind | readonly SubjectKind[], kind: SubjectKind): boolean {
  return typeof about === 'string' ? about === kind : about.includes(kind);
}
