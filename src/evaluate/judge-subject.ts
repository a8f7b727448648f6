import type { Control, JudgeContext, Observation, Part, Truth } from '../model/control.ts';
import { type Grade, weakerGrade } from '../model/evidence.ts';
import type { Finding } from '../model/finding.ts';
import type { SubjectNode } from '../model/subject.ts';
import { allOf, anyOf } from './conclude.ts';
import { blindText, type Conclusion, concludePart, concludeShared } from './conclude-part.ts';
import type { MetBlindSpot } from './fact-view.ts';
import { findingId } from './finding-id.ts';
import type { Scope } from './scope.ts';

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

/** Applies one control to one subject. Pure; the same arguments give the same finding. */
export function judgeSubject(control: Control, node: SubjectNode, scope: Scope, context: JudgeContext): JudgedFinding {
  const unmet = unmetConditions(control.applies ?? [], node, scope, context);
  if (unmet.length > 0) {
    const open = unmet.filter((condition) => condition.truth === 'unknown');
    return open.length > 0 ? finish(control, node, 'unknown', open) : finish(control, node, 'not-applicable', unmet);
  }
  const parts: Conclusion[] = [];
  for (const part of control.parts) if (isAsked(part, node)) parts.push(concludePart(part, node, scope, context));
  const truth = (control.combine === 'all' ? allOf : anyOf)(parts.map((part) => part.truth));
  const deciding = parts.filter((part) => part.truth === truth || (truth === 'unknown' && isBeside(part)));
  const status = truth === 'unknown' ? 'unknown' : truth === 'holds' ? 'pass' : 'fail';
  return finish(control, node, status, deciding, parts);
}

function isBeside({ truth, isToldBeside }: Conclusion): boolean {
  return truth === 'fails' && isToldBeside;
}

function isAsked(part: Part, node: SubjectNode): boolean {
  return part.onlyFor === undefined || part.onlyFor === node.subject.kind;
}

/** What each condition came to where none holds; nothing where there is none, or at the first that holds: it decides. */
function unmetConditions(
  conditions: readonly Part[],
  node: SubjectNode,
  scope: Scope,
  context: JudgeContext,
): readonly Conclusion[] {
  const unmet: Conclusion[] = [];
  for (const condition of conditions) {
    if (!isAsked(condition, node)) continue;
    const conclusion = concludeShared(condition, node, scope, context);
    if (conclusion.truth === 'holds') return [];
    unmet.push(conclusion);
  }
  return unmet;
}

function finish(
  control: Control,
  node: SubjectNode,
  status: Finding['status'],
  deciding: readonly Conclusion[],
  parts: readonly Conclusion[] = [],
): JudgedFinding {
  const evidence: string[] = [];
  let grade: Grade | null = null;
  let before: Observation | null = null;
  for (const { cites } of deciding) {
    for (const one of cites) {
      // A list of copies or runs is cited entry by entry, all of one record.
      if (one.evidenceId === before?.evidenceId && one.grade === before.grade) continue;
      before = one;
      if (!evidence.includes(one.evidenceId)) evidence.push(one.evidenceId);
      if (deciding.some((part) => isContextOf(part, one.evidenceId))) continue;
      grade = grade === null ? one.grade : weakerGrade(grade, one.grade);
    }
  }
  const limit = deciding.find((part) => part.limit !== undefined)?.limit;
  const isOpen = status === 'fail' || status === 'unknown';
  const head = {
    id: findingId(control.id, node.subject.organizationId, `${node.subject.kind}:${node.subject.key}`),
    controlId: control.id,
    title: status === 'fail' ? control.failureTitle : control.title,
    severity: control.severity,
    bears: control.bears,
    status,
    grade,
  };
  const subject = node.subject;
  const because = joinedOnce(deciding);
  // Plain spreads at the beginning: one that depends on a condition takes ten times as long to make.
  const judged: Finding =
    limit === undefined
      ? { ...head, subject, because, evidence, blindSpotIds: [] }
      : { ...head, limit, subject, because, evidence, blindSpotIds: [] };
  const finding = isOpen
    ? {
        ...judged,
        remediation: status === 'fail' ? adviceForFailure(control, deciding) : adviceForUnknown(control, deciding),
      }
    : judged;
  return {
    finding,
    blindSpots: deciding.length === 1 ? (deciding[0]?.blindSpots ?? []) : deciding.flatMap((part) => part.blindSpots),
    parts,
  };
}

function isContextOf(part: Conclusion, evidenceId: string): boolean {
  return part.context.some((seen) => seen.some((one) => one.evidenceId === evidenceId));
}

/** What the parts say, each text once; what several parts could not see is one list of reasons. */
function joinedOnce(deciding: readonly Conclusion[]): string {
  const [only] = deciding;
  if (only !== undefined && deciding.length === 1 && only.unread.length === 0) return only.because;
  const said: string[] = [];
  const say = (text: string) => (text === '' || said.includes(text) ? 0 : said.push(text));
  const details = [...new Set(deciding.flatMap(({ blindDetails }) => blindDetails))];
  for (const { besideBlind } of deciding) if (besideBlind !== null) say(besideBlind);
  for (const { because, blindDetails } of deciding) say(blindDetails.length === 0 ? because : blindText(details));
  for (const { unread } of deciding) unread.forEach(say);
  return said.join('; ');
}

/** What the judges advise in this very case, then what the control advises of any. */
function adviceForFailure({ remediation }: Control, deciding: readonly Conclusion[]): string {
  if (deciding.every(({ remedy }) => remedy === null)) return remediation;
  const own = new Set(deciding.flatMap(({ remedy }) => remedy ?? []));
  return [...own, remediation].join(' ');
}

/**
 * What to do about an unknown: what the blind spots ask for, and where the judge itself could not tell, what the control
 * says of that. What it says of a failure is no advice where nothing is known to have failed.
 */
function adviceForUnknown(control: Control, deciding: readonly Conclusion[]): string {
  const remedies = new Set(deciding.flatMap((part) => part.blindSpots.map(({ blindSpot }) => blindSpot.remedy)));
  const advice = [...remedies].slice(0, SHOWN_REMEDIES);
  const isJudgeOpen = advice.length === 0 || deciding.some((part) => part.blindSpots.length === 0);
  const own = control.remediationUnknown ?? (advice.length === 0 ? control.remediation : null);
  return isJudgeOpen && own !== null ? [...advice, own].join(' ') : advice.join(' ');
}

const SHOWN_REMEDIES = 3;
