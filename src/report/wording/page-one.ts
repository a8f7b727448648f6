import type { OrganizationSummary, ReportHead, Verdict } from '../../model/report.ts';
import { NOT_BUILT_REASON } from '../not-evaluated.ts';
import { instantText, spanText } from './instants.ts';
import { asSentence, neutralize, neutralizeSentence } from './names.ts';
import { capitalized, countText, numberText } from './numbers.ts';
import { denominatorSentence, firstCopySentence, verdictCountsSentence } from './page-one-counts.ts';
import {
  type BlindSpotLine,
  blindSpotLines,
  declaredLines,
  exclusionLines,
  type NoticeLine,
  type NotLookedAt,
  noticeLines,
  notLookedAt,
} from './page-one-lists.ts';
import { recoveryPointSentence, verdictSentence, weakestLinkSentence } from './page-one-verdict.ts';
import { lossText } from './subjects.ts';
import { SEVERITY_WORDS, verdictWord } from './words.ts';

/**
 * Every sentence of the first page, as plain text that is harmless to print: HTML and PDF set the same words and
 * cannot disagree. Lists are complete and ordered; a format that shows fewer entries says how many there are.
 */
export interface PageOne {
  /** `Recovery audit of install …` or `Recovery audit of organization …`. */
  readonly title: string;
  readonly subtitle: string;
  readonly question: string;
  readonly verdict: Verdict | null;
  readonly verdictWord: string;
  readonly verdictSentence: string;
  /** What stands in the way first; null where nothing does. */
  readonly weakestLinkSentence: string | null;
  readonly recoveryPointSentence: string;
  readonly lossSentence: string;
  readonly ageOfEvidenceSentence: string;
  /** Null in an organization's own report, which counts no others. */
  readonly denominatorSentence: string | null;
  readonly verdictCountsSentence: string | null;
  readonly firstCopyDue: string | null;
  /** What the exit code says to a machine, and why. */
  readonly exitSentence: string;
  readonly exitReasons: readonly string[];
  /** Said only where gates use another severity than `high`. */
  readonly thresholdSentence: string | null;
  readonly gaps: readonly { readonly severityWord: string; readonly controlId: string; readonly sentence: string }[];
  readonly gapsTotal: number;
  readonly gapsSentence: string;
  readonly blindSpots: readonly BlindSpotLine[];
  readonly blindSpotsSentence: string;
  readonly notLookedAt: readonly NotLookedAt[];
  readonly notLookedAtSentence: string;
  readonly exclusions: readonly string[];
  readonly exclusionsSentence: string;
  readonly declared: readonly string[];
  readonly declaredSentence: string;
  readonly notices: readonly NoticeLine[];
  readonly noticesSentence: string;
}

/**
 * Words the first page.
 *
 * @param organization the one organization of an organization's own report; null for a report about the install
 * @throws RangeError where the scope is an organization and its summary is missing, or is another's
 */
export function pageOne(head: ReportHead, organization: OrganizationSummary | null): PageOne {
  const own = ownOrganization(head, organization);
  const verdict = own === null ? head.install.verdict : own.verdict;
  const gaps = head.worstGaps.shown.map((gap) => ({
    severityWord: SEVERITY_WORDS[gap.severity],
    controlId: gap.controlId,
    sentence: asSentence(gap.sentence),
  }));
  return {
    title: title(head, own),
    subtitle: subtitle(head),
    question: `If ${lossText(head.run.loss)} were gone now, would ${own === null ? 'each organization' : 'this organization'} come back, and to which moment?`,
    verdict,
    verdictWord: verdictWord(verdict),
    verdictSentence: verdictSentence(head, own),
    weakestLinkSentence: weakestLinkSentence(head, own),
    recoveryPointSentence: recoveryPointSentence(head, own),
    lossSentence: `Judged for the loss of ${lossText(head.run.loss)}, as of ${instantText(head.run.asOf)}.`,
    ageOfEvidenceSentence: ageOfEvidenceSentence(head),
    denominatorSentence: own === null ? denominatorSentence(head) : null,
    verdictCountsSentence: own === null ? verdictCountsSentence(head) : null,
    firstCopyDue: firstCopySentence(head, own),
    exitSentence: EXIT_SENTENCES[head.exit.code] ?? `The run ended with exit code ${head.exit.code}.`,
    exitReasons: head.exit.reasons.map(neutralizeSentence),
    thresholdSentence: thresholdSentence(head),
    gaps,
    gapsTotal: head.worstGaps.total,
    gapsSentence: gapsSentence(head.worstGaps.total, gaps.length),
    blindSpots: blindSpotLines(head, own),
    blindSpotsSentence: blindSpotsSentence(head.blindSpots.length),
    notLookedAt: notLookedAt(head),
    notLookedAtSentence: notLookedAtSentence(head),
    exclusions: exclusionLines(head, own),
    exclusionsSentence: exclusionsSentence(exclusionLines(head, own).length, own !== null),
    declared: declaredLines(head),
    declaredSentence: declaredSentence(head),
    notices: noticeLines(head),
    noticesSentence:
      head.notices.length === 0
        ? 'There are no notices.'
        : `${capitalized(countText(head.notices.length, 'notice'))} about the configuration or the sources.`,
  };
}

function ownOrganization(head: ReportHead, organization: OrganizationSummary | null): OrganizationSummary | null {
  if (head.scope.kind === 'install') return null;
  if (organization === null || organization.organizationId.toLowerCase() !== head.scope.organizationId.toLowerCase())
    throw new RangeError('the report of one organization needs that organization’s summary');
  return organization;
}

function title(head: ReportHead, own: OrganizationSummary | null): string {
  if (own !== null) return `Recovery audit of organization ${neutralize(own.name)}`;
  return head.install.installId === null
    ? 'Recovery audit of an install that did not tell its id'
    : `Recovery audit of install ${neutralize(head.install.installId)}`;
}

function subtitle(head: ReportHead): string {
  const version = head.install.productVersion;
  const product = version === null ? 'product version not known' : `product version ${neutralize(version)}`;
  return `${capitalized(product)}. Run ${neutralize(head.run.id)} by ${neutralize(head.run.operator)}, Recoverage ${neutralize(head.run.toolVersion)}.`;
}

function ageOfEvidenceSentence(head: ReportHead): string {
  const { startedAt, finishedAt, asOf } = head.run;
  const collected = `The evidence was collected from ${instantText(startedAt)} to ${instantText(finishedAt)}`;
  if (head.bundleAgeSeconds < 60) return `${collected} and judged as of its end.`;
  return `${collected} and was ${spanText(head.bundleAgeSeconds)} old when it was judged, as of ${instantText(asOf)}.`;
}

const EXIT_SENTENCES: Readonly<Record<number, string>> = {
  0: 'Exit code 0: nothing that the gate asks for failed or is unknown.',
  1: 'Exit code 1: at least one gap that the gate does not accept.',
  2: 'Exit code 2: no such gap, but something that the gate asks for could not be judged.',
};

function thresholdSentence(head: ReportHead): string | null {
  if (head.run.failOn === 'high') return null;
  return `The exit code counts findings of severity ${SEVERITY_WORDS[head.run.failOn].toLowerCase()} or worse; the usual threshold is high.`;
}

function gapsSentence(total: number, shown: number): string {
  if (total === 0) return 'No gap was found in what was looked at.';
  if (shown >= total) return `${capitalized(countText(total, 'gap'))}, worst first.`;
  return `${capitalized(countText(total, 'gap'))} in all; the worst ${numberText(shown)} in words, worst first. The complete list is in the chapters that follow and in report.json.`;
}

function blindSpotsSentence(total: number): string {
  if (total === 0) return 'Every question that was asked got a complete answer.';
  return `${capitalized(countText(total, 'question'))} got no answer, or not a complete one. What depends on ${total === 1 ? 'it' : 'them'} is unknown, never passed.`;
}

function notLookedAtSentence(head: ReportHead): string {
  const notBuilt = head.notEvaluated.filter(({ reason }) => reason === NOT_BUILT_REASON).length;
  const notAsked = head.notEvaluated.length - notBuilt;
  const controls =
    notBuilt === 0
      ? 'Every control of the catalogue was judged.'
      : `${capitalized(countText(notBuilt, 'control'))} of the catalogue ${notBuilt === 1 ? 'was' : 'were'} not judged. This report says nothing about ${notBuilt === 1 ? 'it' : 'them'}.`;
  if (notAsked === 0) return controls;
  return `${controls} ${capitalized(countText(notAsked, 'further question'))} ${notAsked === 1 ? 'was' : 'were'} not asked.`;
}

function exclusionsSentence(total: number, own: boolean): string {
  if (own) return total === 0 ? 'This organization is not excluded.' : 'This organization is left out on purpose.';
  if (total === 0) return 'No organization is left out on purpose.';
  return `${capitalized(countText(total, 'organization'))} left out on purpose. An exclusion improves no verdict.`;
}

function declaredSentence(head: ReportHead): string {
  if (head.declared.length === 0) return 'Nothing in this report rests on somebody’s word alone.';
  const statements = countText(head.declared.length, 'statement');
  const passes =
    head.passesResting === 0
      ? 'no finding passes because of them'
      : `${countText(head.passesResting, 'finding')} ${head.passesResting === 1 ? 'passes' : 'pass'} with such a statement as the weakest evidence`;
  return `${capitalized(statements)} that nobody could check; ${passes}.`;
}
