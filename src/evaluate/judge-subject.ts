import type { Control, JudgeContext, Need, Observation, Part, Truth } from '../model/control.ts';
import { GRADES, type Grade, weakerGrade } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { Limit } from '../model/policy.ts';
import type { SubjectNode } from '../model/subject.ts';
import { allOf, anyOf, conclude } from './conclude.ts';
import type { MetBlindSpot, Seen } from './fact-view.ts';
import { findingId } from './finding-id.ts';
import { type Scope, seenThrough } from './scope.ts';

/** A finding with the blind spots behind an unknown; the report gives those their ids. */
export interface JudgedFinding {
  readonly finding: Finding;
  readonly blindSpots: readonly MetBlindSpot[];
  /** What each part came to, in the control's order; empty where the control was not applicable. */
  readonly parts: readonly PartConclusion[];
}

/** A part of a control with its conclusion. */
export interface PartConclusion {
  readonly name: string;
  readonly truth: Truth;
  readonly because: string;
}

interface Conclusion extends PartConclusion {
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Observation[];
  readonly contextEvidence: ReadonlySet<string>;
  readonly limit: Limit | undefined;
  readonly blindSpots: readonly MetBlindSpot[];
}

/** Applies one control to one subject. Pure; the same arguments give the same finding. */
export function judgeSubject(control: Control, node: SubjectNode, scope: Scope, context: JudgeContext): JudgedFinding {
  const isAsked = (part: Part) => part.onlyFor === undefined || part.onlyFor === node.subject.kind;
  const conditionsAsked = control.applies?.filter(isAsked) ?? [];
  if (conditionsAsked.length > 0) {
    const conditions = conditionsAsked.map((part) => concludePart(part, node, scope, context));
    const applicable = anyOf(conditions.map((condition) => condition.truth));
    if (applicable === 'fails') return finish(control, node, 'not-applicable', conditions);
    if (applicable === 'unknown') {
      const open = conditions.filter((condition) => condition.truth === 'unknown');
      return finish(control, node, 'unknown', open);
    }
  }
  const parts = control.parts.filter(isAsked).map((part) => concludePart(part, node, scope, context));
  const truth = (control.combine === 'all' ? allOf : anyOf)(parts.map((part) => part.truth));
  const deciding = parts.filter((part) => part.truth === truth);
  const status = truth === 'unknown' ? 'unknown' : truth === 'holds' ? 'pass' : 'fail';
  return finish(control, node, status, deciding, parts);
}

/** One part with missing evidence taken into account. */
export function concludePart(part: Part, node: SubjectNode, scope: Scope, context: JudgeContext): Conclusion {
  const observed: Record<string, readonly Observation[]> = {};
  const met: { name: string; polarity: Part['needs'][string]['polarity']; blindSpots: readonly MetBlindSpot[] }[] = [];
  const contextEvidence = new Set<string>();
  const looked = lookedAt(node, scope);
  for (const [name, need] of needsOf(part)) {
    const seen = looked(need);
    observed[name] = seen.observations;
    if (need.context === true) for (const observation of seen.observations) contextEvidence.add(observation.evidenceId);
    if (seen.blindSpots.length > 0) met.push({ name, polarity: need.polarity, blindSpots: seen.blindSpots });
  }
  const judgement = part.judge(observed, context);
  const blindNeeds = met.filter(({ name }) => judgement.regardlessOf?.includes(name) !== true);
  const truth = conclude(
    judgement.truth,
    blindNeeds.map((blind) => blind.polarity),
  );
  const blindSpots = truth === 'unknown' ? blindNeeds.flatMap((blind) => blind.blindSpots) : [];
  return {
    name: part.name,
    truth,
    because: truth === judgement.truth || blindSpots.length === 0 ? judgement.because : blindText(blindSpots),
    cites: judgement.cites,
    contextEvidence,
    limit: judgement.limit,
    blindSpots,
  };
}

const lookers = new WeakMap<Scope, Map<SubjectNode, (need: Need) => Seen>>();

/** What a need gets to see of one subject. Many parts share needs, which are looked up once. */
function lookedAt(node: SubjectNode, scope: Scope): (need: Need) => Seen {
  let byNode = lookers.get(scope);
  if (byNode === undefined) {
    byNode = new Map();
    lookers.set(scope, byNode);
  }
  const known = byNode.get(node);
  if (known !== undefined) return known;
  const answers = new Map<Need, Seen>();
  const look = (need: Need): Seen => {
    let seen = answers.get(need);
    if (seen === undefined) {
      const least = need.context === true ? 'declared' : (need.leastGrade ?? 'observed');
      seen = strongEnough(seenThrough(need, node, scope), least);
      answers.set(need, seen);
    }
    return seen;
  };
  byNode.set(node, look);
  return look;
}

const namedNeeds = new WeakMap<Part, readonly (readonly [string, Part['needs'][string]])[]>();

/** The needs of a part with their names; asked for every subject, so made into a list once. */
function needsOf(part: Part): readonly (readonly [string, Part['needs'][string]])[] {
  const known = namedNeeds.get(part);
  if (known !== undefined) return known;
  const needs = Object.entries(part.needs);
  namedNeeds.set(part, needs);
  return needs;
}

function strongEnough(seen: Seen, least: Grade): Seen {
  const isEnough = (one: Observation): boolean => GRADES.indexOf(one.grade) >= GRADES.indexOf(least);
  if (seen.observations.every(isEnough)) return seen;
  return {
    observations: seen.observations.filter(isEnough),
    blindSpots: [
      ...seen.blindSpots,
      {
        evidence: null,
        blindSpot: {
          reason: 'not-asked',
          detail: `only declared, not ${least}`,
          remedy: 'Configure a source that can observe it.',
        },
      },
    ],
  };
}

function blindText(blindSpots: readonly MetBlindSpot[]): string {
  const details = [...new Set(blindSpots.map((met) => met.blindSpot.detail))];
  const shown = details.slice(0, 3).join('; ');
  return `cannot be judged: ${shown}${details.length > 3 ? `; and ${details.length - 3} more reasons` : ''}`;
}

function finish(
  control: Control,
  node: SubjectNode,
  status: Finding['status'],
  deciding: readonly Conclusion[],
  parts: readonly Conclusion[] = [],
): JudgedFinding {
  const evidence = new Set<string>();
  let grade: Grade | null = null;
  for (const { cites } of deciding) {
    for (const one of cites) {
      evidence.add(one.evidenceId);
      if (deciding.some((part) => part.contextEvidence.has(one.evidenceId))) continue;
      grade = grade === null ? one.grade : weakerGrade(grade, one.grade);
    }
  }
  const limit = deciding.find((part) => part.limit !== undefined)?.limit;
  const finding: Finding = {
    id: findingId(control.id, node.subject.organizationId, `${node.subject.kind}:${node.subject.key}`),
    controlId: control.id,
    title: status === 'fail' ? control.failureTitle : control.title,
    severity: control.severity,
    bears: control.bears,
    status,
    grade,
    ...(limit === undefined ? {} : { limit }),
    subject: node.subject,
    because: joinedOnce(deciding),
    evidence: [...evidence],
    blindSpotIds: [],
    ...(status === 'fail' || status === 'unknown' ? { remediation: control.remediation } : {}),
  };
  return {
    finding,
    blindSpots: deciding.length === 1 ? (deciding[0]?.blindSpots ?? []) : deciding.flatMap((part) => part.blindSpots),
    parts: parts.map(({ name, truth, because }) => ({ name, truth, because })),
  };
}

function joinedOnce(deciding: readonly Conclusion[]): string {
  const [only] = deciding;
  if (only !== undefined && deciding.length === 1) return only.because;
  return [...new Set(deciding.map((part) => part.because))].join('; ');
}
