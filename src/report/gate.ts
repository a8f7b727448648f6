import type { Finding } from '../model/finding.ts';
import type { Instant } from '../model/instant.ts';
import type { ReportHead } from '../model/report.ts';
import { atLeast, type Severity } from '../model/severity.ts';
import { counted, instantText } from '../model/text.ts';
import { NOT_BUILT_REASON } from './not-evaluated.ts';
import { subjectLabel } from './wording/subjects.ts';

/** What a gate asks for; read from a profile. */
export interface GateProfile {
  readonly name: string;
  readonly severity: Severity;
  readonly closedBy: { readonly exclusions: boolean; readonly blindOrganizations: boolean };
  readonly requires: readonly (
    | { readonly control: string; readonly reason: string }
    | { readonly restoreTestSinceUpgrade: true; readonly reason: string }
  )[];
}

/** Facts of the install that a profile may ask for besides findings. */
export interface GateFacts {
  readonly lastUpgradedAt: Instant | null;
  /** Newest restore test that succeeded; null where none is recorded. */
  readonly newestRestoreTest: Instant | null;
}

/** One thing to do, in the order in which recovery needs it. */
export interface GateStep {
  readonly controlId: string | null;
  /** `gap` where at least one of the findings is known to fail; `unknown` where none is and some could not be judged. */
  readonly kind: 'gap' | 'unknown';
  readonly what: string;
  readonly todo: string;
  /** How many findings of the control are in the way. */
  readonly count: number;
}

export interface GateAnswer {
  readonly profile: string;
  readonly open: boolean;
  /** 0 open; 1 closed by a gap; 2 closed only by what could not be judged or was left out. */
  readonly exitCode: 0 | 1 | 2;
  readonly reasons: readonly string[];
  readonly steps: readonly GateStep[];
  /** What the profile asks for and this version cannot judge yet. */
  readonly notJudged: readonly string[];
}

/** Collects findings one by one, then answers. Pure; the order of findings does not matter. */
export interface Gate {
  add(finding: Finding): void;
  answer(head: ReportHead, facts: GateFacts): GateAnswer;
}

/** Control families in recovery order. */
const ORDER = ['INV', 'RUN', 'HOST', 'KEY', 'DB', 'FILE', 'REC', 'RST'];

export function createGate(profile: GateProfile): Gate {
  const inTheWay = new Map<string, { first: Finding; count: number; gaps: number }>();
  const required = new Set(profile.requires.flatMap((one) => ('control' in one ? [one.control] : [])));
  const met = new Set<string>();
  return {
    add(finding) {
      if (required.has(finding.controlId) && finding.status === 'pass') met.add(finding.controlId);
      const counts = atLeast(finding.severity, profile.severity) || required.has(finding.controlId);
      if (!counts || (finding.status !== 'fail' && finding.status !== 'unknown')) return;
      const known = inTheWay.get(finding.controlId) ?? { first: finding, count: 0, gaps: 0 };
      if (known.first.status === 'unknown' && finding.status === 'fail') known.first = finding;
      known.count += 1;
      if (finding.status === 'fail') known.gaps += 1;
      inTheWay.set(finding.controlId, known);
    },
    answer(head, facts) {
      const steps: GateStep[] = [...inTheWay.values()]
        .sort(
          (a, b) =>
            rank(a.first.controlId) - rank(b.first.controlId) || (a.first.controlId < b.first.controlId ? -1 : 1),
        )
        .map(({ first, count, gaps }) => ({
          controlId: first.controlId,
          kind: first.status === 'fail' ? ('gap' as const) : ('unknown' as const),
          what: `${subjectLabel(first.subject)}: ${first.because}${moreText(count, gaps)}`,
          todo: first.remediation ?? 'Read the finding.',
          count,
        }));
      const gaps = [...inTheWay.values()].reduce((sum, one) => sum + one.gaps, 0);
      const unknown = [...inTheWay.values()].reduce((sum, one) => sum + one.count - one.gaps, 0);
      const { total, judged, blind, excluded } = head.denominator.organizations;
      const reasons: string[] = [];
      const notJudged: string[] = [];
      if (gaps > 0) reasons.push(`${counted(gaps, 'finding')} ${gaps === 1 ? 'fails' : 'fail'}`);
      if (unknown > 0) reasons.push(`${counted(unknown, 'finding')} could not be judged`);
      if (total === null) reasons.push('the organizations could not be listed');
      if (total !== null && judged + blind === 0) reasons.push('there was nothing to audit');
      if (total !== null && total !== judged + blind + excluded)
        reasons.push(`of ${counted(total, 'organization')} not all are accounted for`);
      if (profile.closedBy.blindOrganizations && blind > 0)
        reasons.push(`${counted(blind, 'organization')} ${blind === 1 ? 'is' : 'are'} blind`);
      if (profile.closedBy.exclusions && excluded > 0)
        reasons.push(`${counted(excluded, 'organization')} ${excluded === 1 ? 'is' : 'are'} excluded`);
      for (const requirement of profile.requires) {
        if ('control' in requirement) {
          if (isNotBuilt(head, requirement.control)) {
            notJudged.push(`${requirement.control} (${requirement.reason}): ${NOT_BUILT_REASON}, check it by hand`);
          } else if (!met.has(requirement.control) && !inTheWay.has(requirement.control)) {
            reasons.push(`${requirement.control} gave no passing finding: ${requirement.reason}`);
          }
          continue;
        }
        const obstacle = restoreTestObstacle(facts);
        if (obstacle === null) continue;
        reasons.push(obstacle);
        steps.push({
          controlId: null,
          kind: 'unknown',
          what: `Install: ${obstacle}`,
          todo: 'Restore the install database and one tenant database outside production, and record the test.',
          count: 1,
        });
      }
      const open = reasons.length === 0;
      return { profile: profile.name, open, exitCode: open ? 0 : gaps > 0 ? 1 : 2, reasons, steps, notJudged };
    },
  };
}

function isNotBuilt({ notEvaluated }: ReportHead, control: string): boolean {
  return notEvaluated.some(({ controlId, reason }) => controlId === control && reason === NOT_BUILT_REASON);
}

/** How many besides the one that is printed, which is a gap wherever there is one. */
function moreText(count: number, gaps: number): string {
  if (count === 1) return '';
  const unknown = count - gaps;
  return gaps === 0 || unknown === 0
    ? `; and ${count - 1} more`
    : `; and ${count - 1} more, ${unknown} of them unknown`;
}

function rank(controlId: string): number {
  return ORDER.indexOf(controlId.split('-')[0] ?? '');
}

function restoreTestObstacle(facts: GateFacts): string | null {
  const { lastUpgradedAt, newestRestoreTest } = facts;
  if (newestRestoreTest === null) return 'no restore test that succeeded is recorded';
  if (lastUpgradedAt === null)
    return 'it is not known when the install was last upgraded, so no restore test can be shown to be later';
  if (newestRestoreTest >= lastUpgradedAt) return null;
  return `the newest restore test, of ${instantText(newestRestoreTest)}, is from before the last upgrade on ${instantText(lastUpgradedAt)}`;
}
