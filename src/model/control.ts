import type { Grade } from './evidence.ts';
import type { FactKind, Facts } from './facts.ts';
import type { Bearing } from './finding.ts';
import type { Instant } from './instant.ts';
import type { LimitKind } from './limit-kinds.ts';
import type { Limit, LimitName, Policy } from './policy.ts';
import type { Severity } from './severity.ts';
import type { Subject, SubjectKind } from './subject.ts';

/**
 * How a verdict can move when one more observation is added to a need: *more-helps* never from holds towards fails,
 * *more-hurts* never from fails towards holds (fails < unknown < holds), *either* both ways.
 */
export type Polarity = 'more-helps' | 'more-hurts' | 'either';

/**
 * Whose facts a need looks at, seen from the subject that is judged. `owner`: the organization it belongs to, else the
 * install. `all-providers`: those of the install, whether or not a keyring names them, and those of the organization.
 */
export const RELATIONS = [
  'self',
  'organization',
  'owner',
  'organization-databases',
  'organization-keyrings',
  'organization-stores',
  'install',
  'install-database',
  'install-keyrings',
  'cluster',
  'organization-clusters',
  'install-cluster',
  'provider',
  'organization-providers',
  'install-providers',
  'all-providers',
  'all-locations',
  'host',
] as const;
export type Relation = (typeof RELATIONS)[number];

/** A question a control needs answered. */
export interface Need<K extends FactKind = FactKind> {
  readonly fact: K;
  readonly of: Relation;
  readonly polarity: Polarity;
  /** The least grade that counts; weaker observations make the need blind. Default: observed. */
  readonly leastGrade?: Grade;
  /**
   * True for facts that are context from the configuration (failure domains, purposes of locations): they pass at
   * declared and lower no finding's grade.
   */
  readonly context?: boolean;
  /**
   * Of copies: true where the part speaks of those that can be read, and tells of the others. That a plan uses a method
   * whose copies cannot be read then leaves it as it is.
   */
  readonly readableOnly?: boolean;
  /**
   * Of copies: true where what lies in a file that nothing ties to the database changes nothing, such as where a run
   * names what is looked for.
   */
  readonly claimedOnly?: boolean;
  /** True where a dataset that the install is declared not to have leaves the part as it is: no install could show it. */
  readonly absentIsNone?: boolean;
  /**
   * Of what is only tried where that was asked for: true where what nobody tried leaves the part as it is. What was tried
   * without an answer may hide one, and does not.
   */
  readonly untriedIsNone?: boolean;
  /** Of declarations: only these statements are looked at. */
  readonly statements?: readonly string[];
}
export type Needs = Readonly<Record<string, Need>>;

/** One thing seen: a fact with the subject and the evidence it comes from. */
export interface Observation<K extends FactKind = FactKind> {
  readonly value: Facts[K];
  readonly subject: Subject;
  readonly evidenceId: string;
  readonly grade: Grade;
  readonly collectedAt: Instant;
}

export type Observed<N extends Needs> = { readonly [P in keyof N]: readonly Observation<N[P]['fact']>[] };

/** What is true of a part, as far as the facts seen tell. */
export type Truth = 'holds' | 'fails' | 'unknown';

/** What a part's judge says. `because` is a sentence that would stand in the report. */
export interface Judgement {
  readonly truth: Truth;
  readonly because: string;
  /** Observations it rests on. */
  readonly cites: readonly Observation[];
  readonly limit?: Limit;
  /**
   * Names of needs that could not change this truth whatever they held, given what the others hold: a blind spot there
   * does not matter. E.g. versioning of a store that is a directory.
   */
  readonly regardlessOf?: readonly string[];
  /**
   * Names of needs that could change this truth only by what they hold of these subjects: a blind spot about another one
   * does not matter. E.g. a key provider on which nothing leans that is judged.
   */
  readonly onlyAbout?: { readonly needs: readonly string[]; readonly subjects: ReadonlySet<string> };
  /**
   * Of an alternative that fails: its reason is told also where another one leaves the control open. E.g. why a replica
   * that is there does not count, beside what nobody could look at.
   */
  readonly toldBeside?: true;
  /** Of a reason that says that something is not there: what is told instead where the need that would show it is blind. */
  readonly besideBlind?: { readonly need: string; readonly because: string };
  /** Of an unknown for want of what was to be looked at: why that was not seen is told with it. */
  readonly isUnseen?: true;
  /** Of a failure: what to do in this very case, told before what the control advises of any. */
  readonly remedy?: string;
}

/** What judging may know besides the facts. */
export interface JudgeContext {
  readonly subject: Subject;
  readonly policy: Policy;
  /** The clock: judging reads no other. */
  readonly asOf: Instant;
  /** The threshold that applies to this subject, with its origin. */
  limit(name: LimitName, kind?: LimitKind): Limit;
}

/** A named part of a control. Pure and synchronous; sees what was observed and nothing about what was not. */
export interface Part<N extends Needs = Needs> {
  readonly name: string;
  /** Of a control that judges several kinds of subject: the one this part is about. */
  readonly onlyFor?: SubjectKind;
  readonly needs: N;
  judge(observed: Observed<N>, context: JudgeContext): Judgement;
}

/** A rule over facts. Everything a report prints about it is here. */
export interface Control {
  /** Never changes meaning; a retired id is not used again. */
  readonly id: string;
  /** States what is so where it holds. */
  readonly title: string;
  /** States what is so where it fails. */
  readonly failureTitle: string;
  readonly severity: Severity;
  readonly bears: Bearing;
  readonly subject: SubjectKind | readonly SubjectKind[];
  readonly rationale: string;
  /** What to do, with the command where there is one. */
  readonly remediation: string;
  /** What to do where the judge cannot tell, if `remediation` would be wrong advice as long as nothing is known to fail. */
  readonly remediationUnknown?: string;
  readonly limits: readonly LimitName[];
  /** Alternative: applicable where one part holds; not applicable, with their reasons, where all fail. */
  readonly applies?: readonly [Part, ...Part[]];
  /** Conjunction (every part must hold) or alternative (one must). */
  readonly combine: 'all' | 'any';
  readonly parts: readonly [Part, ...Part[]];
}
