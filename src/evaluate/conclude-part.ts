import type { JudgeContext, Judgement, Observation, Part, Polarity, Truth } from '../model/control.ts';
import { ABSENT_DATASET, type BlindSpot, UNOPENED_FILES, UNREAD_METHOD } from '../model/evidence.ts';
import type { Limit } from '../model/policy.ts';
import type { SubjectNode } from '../model/subject.ts';
import { conclude } from './conclude.ts';
import type { MetBlindSpot } from './fact-view.ts';
import { keptForLast, newList, newMap, ofKey } from './kept-by-key.ts';
import { gradedQuestionNumber, isOwnAnswer, leastGradeOf } from './questions.ts';
import type { Scope } from './scope.ts';
import { seenThrough } from './seen-through.ts';
import { type GradedSeen, ONLY_DECLARED, strongEnough } from './strong-enough.ts';

/** What a part of a control came to, with everything a finding tells of it. */
export interface Conclusion {
  readonly name: string;
  readonly truth: Truth;
  readonly because: string;
  readonly cites: readonly Observation[];
  /** What its context needs saw: citing that lowers no grade. */
  readonly context: readonly (readonly Observation[])[];
  readonly limit: Limit | undefined;
  readonly blindSpots: readonly MetBlindSpot[];
  /** What the judge said where blind spots left its failing open, and that is to be told with them; null elsewhere. */
  readonly besideBlind: string | null;
  /** What `because` is made of where blind spots and not the judge gave it; else nothing. */
  readonly blindDetails: readonly string[];
  /** What it did not speak of: plans whose copies cannot be read, and copies that are declared to be incomplete. */
  readonly unread: readonly string[];
  /** Whether its failing is told beside an alternative that is open. */
  readonly isToldBeside: boolean;
  /** What its judge advises in this very case; null: nothing. */
  readonly remedy: string | null;
}

interface BlindNeed {
  readonly name: string;
  readonly polarity: Polarity;
  readonly blindSpots: readonly MetBlindSpot[];
}

/** One part with missing evidence taken into account. */
export function concludePart(part: Part, node: SubjectNode, scope: Scope, context: JudgeContext): Conclusion {
  const observed: Record<string, readonly Observation[]> = {};
  const seenContext: (readonly Observation[])[] = [];
  const met: BlindNeed[] = [];
  const unread: MetBlindSpot[] = [];
  const setAside: string[] = [];
  const { ofAll, byAsker } = answersIn(scope);
  const own = ofKey(byAsker, node, newList<GradedSeen>);
  for (const { name, need, question, polarity, isContext, isOwn } of needsOf(part)) {
    const answers = isOwn ? own : ofAll;
    let seen = answers[question];
    if (seen === undefined) {
      seen = strongEnough(seenThrough(need, node, scope), leastGradeOf(need));
      answers[question] = seen;
    }
    observed[name] = seen.observations;
    if (isContext && seen.observations.length > 0) seenContext.push(seen.observations);
    if (seen.setAside !== undefined) setAside.push(seen.setAside);
    if (seen.blindSpots.length === 0) continue;
    const known = need.absentIsNone === true ? seen.blindSpots.filter(isOfDataset) : seen.blindSpots;
    const claimed = need.claimedOnly === true ? known.filter(isClaimed) : known;
    const all = need.untriedIsNone === true ? claimed.filter(wasTried) : claimed;
    const blindSpots = need.readableOnly === true ? all.filter(isNotUnread) : all;
    if (blindSpots.length > 0) met.push({ name, polarity, blindSpots });
    if (blindSpots.length < all.length) unread.push(...seen.blindSpots.filter((one) => !isNotUnread(one)));
  }
  const judgement = part.judge(observed, context);
  const unreadDetails = unread.length + setAside.length === 0 ? NONE : [...detailsOf(unread), ...setAside];
  if (met.length === 0) {
    // Nearly all parts: nothing was hidden from the judge.
    const { truth, because, cites, limit } = judgement;
    return {
      name: part.name,
      truth,
      because,
      cites,
      context: seenContext,
      limit,
      blindSpots: NONE,
      blindDetails: NONE,
      besideBlind: null,
      unread: unreadDetails,
      isToldBeside: judgement.toldBeside === true,
      remedy: judgement.remedy ?? null,
    };
  }
  const { regardlessOf } = judgement;
  const asked = regardlessOf === undefined ? met : met.filter(({ name }) => !regardlessOf.includes(name));
  const blindNeeds = ofSubjects(asked, judgement.onlyAbout);
  const truth = conclude(
    judgement.truth,
    blindNeeds.map((blind) => blind.polarity),
  );
  const blindSpots = truth === 'unknown' ? blindNeeds.flatMap((blind) => blind.blindSpots) : [];
  const blindDetails = truth === judgement.truth || blindSpots.length === 0 ? NONE : detailsOf(blindSpots);
  const isBeside = blindDetails.length > 0 && judgement.truth === 'fails' && judgement.toldBeside === true;
  const instead = judgement.besideBlind;
  const isAbsent = instead === undefined || !blindNeeds.some(({ name }) => name === instead.need);
  const besideBlind = isBeside ? (isAbsent ? judgement.because : instead.because) : null;
  const blind = besideBlind === null ? blindText(blindDetails) : `${besideBlind}; ${blindText(blindDetails)}`;
  return {
    name: part.name,
    truth,
    because: blindDetails.length === 0 ? `${judgement.because}${unseenText(judgement, blindSpots)}` : blind,
    besideBlind,
    cites: judgement.cites,
    context: seenContext,
    limit: judgement.limit,
    blindSpots,
    blindDetails,
    unread: unreadDetails,
    isToldBeside: judgement.toldBeside === true,
    remedy: judgement.remedy ?? null,
  };
}

/** Why what an unknown wanted to look at was not seen, after what it says. */
function unseenText({ isUnseen }: Judgement, blindSpots: readonly MetBlindSpot[]): string {
  const reasons = isUnseen === true ? detailsOf(blindSpots) : NONE;
  return reasons.length === 0 ? '' : `: ${reasons.slice(0, 3).join('; ')}`;
}

/** Without blind spots about subjects that do not matter. */
function ofSubjects(blind: readonly BlindNeed[], onlyAbout: Judgement['onlyAbout']): readonly BlindNeed[] {
  if (onlyAbout === undefined) return blind;
  const { needs, subjects } = onlyAbout;
  const matters = ({ evidence, about }: MetBlindSpot) => {
    const subject = evidence?.subject ?? about;
    return subject === undefined || subjects.has(subject.key);
  };
  return blind
    .map((one) => (needs.includes(one.name) ? { ...one, blindSpots: one.blindSpots.filter(matters) } : one))
    .filter(({ blindSpots }) => blindSpots.length > 0);
}

const NONE: readonly never[] = [];

/** Answers by number of graded question: many parts ask the same of one subject. */
const answersIn = keptForLast<
  Scope,
  { readonly ofAll: GradedSeen[]; readonly byAsker: Map<SubjectNode, GradedSeen[]> }
>(() => ({
  ofAll: [],
  byAsker: new Map(),
}));

/** Like {@link concludePart}, for parts that several controls share: of the same context, the same conclusion. */
export function concludeShared(part: Part, node: SubjectNode, scope: Scope, context: JudgeContext): Conclusion {
  const byPart = ofKey(sharedByNode(scope), node, newMap<Part, Shared>);
  const known = byPart.get(part);
  if (known?.context === context) return known.conclusion;
  const conclusion = concludePart(part, node, scope, context);
  byPart.set(part, { context, conclusion });
  return conclusion;
}

interface Shared {
  readonly context: JudgeContext;
  readonly conclusion: Conclusion;
}

const sharedByNode = keptForLast<Scope, Map<SubjectNode, Map<Part, Shared>>>(newMap);

interface NamedNeed {
  readonly name: string;
  readonly need: Part['needs'][string];
  readonly question: number;
  readonly polarity: Polarity;
  readonly isContext: boolean;
  readonly isOwn: boolean;
}

/** The needs of a part with their names; asked for every subject, so made into a list once. */
function needsOf(part: Part): readonly NamedNeed[] {
  return ofKey(namedNeeds, part, () =>
    Object.entries(part.needs).map(([name, need]) => ({
      name,
      need,
      question: gradedQuestionNumber(need),
      polarity: need.polarity,
      isContext: need.context === true,
      isOwn: isOwnAnswer(need.of),
    })),
  );
}

const namedNeeds = new WeakMap<Part, readonly NamedNeed[]>();

/** A copy that is only declared is as unread as one whose method nobody reads. */
function isNotUnread({ evidence, blindSpot }: MetBlindSpot): boolean {
  if (evidence === null) return !blindSpot.detail.startsWith(ONLY_DECLARED);
  return evidence.operation !== UNREAD_METHOD && evidence.operation !== UNOPENED_FILES;
}

const isClaimed = ({ evidence }: MetBlindSpot): boolean => evidence?.operation !== UNOPENED_FILES;

/** Reasons why nothing was tried at all: nobody asked, nothing could be, or whoever asked may not. */
const UNTRIED: ReadonlySet<BlindSpot['reason']> = new Set(['not-asked', 'unsupported', 'unauthorized']);

const wasTried = ({ blindSpot }: MetBlindSpot): boolean => !UNTRIED.has(blindSpot.reason);

const isOfDataset = ({ blindSpot }: MetBlindSpot): boolean => !blindSpot.detail.startsWith(ABSENT_DATASET);

function detailsOf(blindSpots: readonly MetBlindSpot[]): readonly string[] {
  return [...new Set(blindSpots.map(detailOf))];
}

/** Of a question that nobody put, which of several providers it is about. */
function detailOf({ blindSpot: { detail }, about }: MetBlindSpot): string {
  return about?.kind === 'provider' ? `${detail} (${about.name})` : detail;
}

/** Of more, nobody sees more than the first few. */
const COMPARED = 20;

/** Without those that another one says as well, beside more. */
function withoutParts(details: readonly string[]): readonly string[] {
  if (details.length < 2 || details.length > COMPARED) return details;
  return details.filter((one) => !details.some((other) => other !== one && `; ${other}; `.includes(`; ${one}; `)));
}

/** @param details of blind spots, each once */
export function blindText(details: readonly string[]): string {
  const told = withoutParts(details);
  const shown = told.slice(0, 3).join('; ');
  const more = told.length - 3;
  return `cannot be judged: ${shown}${more > 0 ? `; and ${more} more ${more === 1 ? 'reason' : 'reasons'}` : ''}`;
}
