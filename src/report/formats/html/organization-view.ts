import type { ChainLink, OrganizationChapter, OrganizationSummary, Plane, Planes } from '../../../model/report.ts';
import { PLANES } from '../../../model/report.ts';
import { ageText, instantText, instantWithAge } from '../../wording/instants.ts';
import {
  atRiskText,
  CHAIN_STEP_WORDS,
  FIRST_COPY_EXPLANATION,
  NO_VERDICT_EXPLANATION,
  PLANE_WORDS,
  shownPlane,
  VERDICT_EXPLANATIONS,
} from '../../wording/words.ts';
import { evidenceView, findingsView, type Places } from './finding-view.ts';
import { chainMark, planeMark, verdictMark } from './marks.ts';
import { shownName, shownSentence, shownStatement } from './shown.ts';

/** The five planes with their names, in recovery order. */
export function planesView(planes: Planes): readonly object[] {
  return PLANES.map((plane) => ({ plane: PLANE_WORDS[plane], mark: planeMark(planes[plane]) }));
}

/** The same of one organization. */
function ownPlanesView(summary: OrganizationSummary): readonly object[] {
  return PLANES.map((plane) => ({ plane: PLANE_WORDS[plane], mark: planeMark(shownPlane(summary, plane)) }));
}

/** Where a plane's weakest link stands in the chain. The restore plane is proof, not a step. */
const STEPS_OF_PLANE: Readonly<Record<Plane, readonly ChainLink['step'][]>> = {
  host: ['host'],
  keys: ['key provider'],
  database: ['tenant database', 'install database'],
  files: ['files'],
  restore: [],
};

/** What the template `chain` asks for. The weakest link is named by its plane; of two steps of that plane, the one that does not hold. */
export function chainView(chain: readonly ChainLink[], weakestPlane: Plane | null): readonly object[] {
  const candidates =
    weakestPlane === null ? [] : chain.filter(({ step }) => STEPS_OF_PLANE[weakestPlane].includes(step));
  const weakest = candidates.find(({ state }) => state === 'gap' || state === 'unknown');
  return chain.map((link) => ({
    step: CHAIN_STEP_WORDS[link.step],
    mark: chainMark(link),
    sentence: shownStatement(link.sentence),
    weakest: link === weakest,
  }));
}

/** What the template `organization-row` asks for. */
export function organizationRow(summary: OrganizationSummary, href: string): object {
  const { recoveryPoint, recoveryPointAgeSeconds: age } = summary;
  return {
    href,
    name: shownName(summary.name),
    id: shownName(summary.organizationId),
    state: shownName(summary.state),
    verdict: verdictMark(summary.verdict),
    note: shortNote(summary),
    planes: ownPlanesView(summary),
    recoveryPoint: recoveryPoint === null ? 'Not proven' : instantText(recoveryPoint),
    age: age === null ? null : ageText(age),
    weakest: summary.weakestLink === null ? null : shownStatement(summary.weakestLink.sentence),
  };
}

function shortNote(summary: OrganizationSummary): string | null {
  if (summary.exclusion !== null) return 'left out on purpose';
  if (summary.blind) return 'blind: nothing of its own could be judged';
  return atRiskText(summary) || null;
}

/** What the template `chapter` asks for. */
export function chapterView(chapter: OrganizationChapter, anchor: string, asOf: string, places: Places): object {
  const { summary, findings, evidence } = chapter;
  const name = shownName(summary.name);
  return {
    anchor,
    name,
    id: shownName(summary.organizationId),
    slug: shownName(summary.slug),
    state: shownName(summary.state),
    verdict: verdictMark(summary.verdict),
    explanation: explanationOf(summary),
    weakest: summary.weakestLink === null ? null : shownStatement(summary.weakestLink.sentence),
    remarks: remarks(summary, asOf),
    chain: chainView(summary.chain, summary.weakestLink?.plane ?? null),
    findings: findingsView(findings, places, name),
    evidence: evidenceView(evidence, anchor, name),
  };
}

function explanationOf({ verdict, atRiskBy }: OrganizationSummary): string {
  if (verdict === null) return NO_VERDICT_EXPLANATION;
  return atRiskBy.includes('first-copy-due') ? FIRST_COPY_EXPLANATION : VERDICT_EXPLANATIONS[verdict];
}

function remarks(summary: OrganizationSummary, asOf: string): readonly string[] {
  const { exclusion, firstCopyDue, recoveryPoint } = summary;
  const lines: string[] = [];
  if (recoveryPoint !== null) lines.push(`Comes back to ${instantWithAge(recoveryPoint, asOf)}.`);
  if (firstCopyDue !== null)
    lines.push(`Its first copy is due by ${instantText(firstCopyDue)}; until it is there it counts as at risk.`);
  if (summary.blind) lines.push('It is listed, but nothing of its own in database, keys and files could be judged.');
  if (exclusion !== null) {
    const reason = shownSentence(exclusion.reason).replace(/\.$/, '');
    lines.push(
      `Left out on purpose: ${reason}. Approved by ${shownName(exclusion.approver)}, until ${instantText(exclusion.expires)}.`,
    );
  }
  return lines;
}
