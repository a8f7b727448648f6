import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../model/control.ts';
import type { Facts, Moment } from '../model/facts.ts';
import type { Instant } from '../model/instant.ts';
import type { Loss } from '../model/policy.ts';
import { agedText, instantText } from '../model/text.ts';
import { knownOnlyByText } from './by-name-only.ts';
import { allOf, anyOf } from './conclude.ts';
import { type CopyFacts, copyText, type JudgedCopy, judgeCopies } from './copies.ts';
import { blockedKey, keysSurvive } from './copy-keys.ts';
import { judged } from './define-control.ts';
import { survivalByKey } from './failure-domains.ts';
import { unloggedText } from './left-out-data-text.ts';
import { countsBecause } from './possible-copies.ts';
import type { INSTALL_DATABASE, OWN_DATABASE } from './recovery-needs.ts';
import { aboutSubject, remembered } from './remembered.ts';

/** One way to have a database back after the loss: it outlives the loss itself, or a copy is restored. */
export interface DatabaseSource {
  readonly kind: 'survives' | 'copy';
  readonly truth: Truth;
  readonly because: string;
  /** Where the copy lies; null for what outlives the loss. */
  readonly location: string | null;
  /** Whether the copy is a file that is encrypted itself, so that somebody must have its key. */
  readonly isLocked: boolean;
  /** The moment it brings back. */
  readonly moment: Moment | null;
  /** The copy; null for what outlives the loss. */
  readonly copy: Observation<'copy'> | null;
  readonly cites: readonly Observation[];
}

/** The ways to have one database back, the newest moment first. */
export interface RecoverableDatabase {
  readonly name: string;
  readonly key: string;
  readonly sources: readonly DatabaseSource[];
}

type DomainFacts = readonly Observation<'failure-domain'>[];

/** The ways to have each of the judged subject's own databases back. */
export function ownDatabases(
  observed: Observed<typeof OWN_DATABASE>,
  context: JudgeContext,
): readonly RecoverableDatabase[] {
  return databasesBack(observed, observed.clusterDomains, observed.locationDomains, context, null);
}

/**
 * The ways to have the install database back so that it knows an organization: the copy was made after the
 * organization was created.
 */
export function installDatabases(
  observed: Observed<typeof INSTALL_DATABASE>,
  organization: Facts['organization'] | undefined,
  context: JudgeContext,
): readonly RecoverableDatabase[] {
  const facts = {
    copies: observed.installCopies,
    states: observed.installStates,
    catalogues: observed.installCatalogues,
    recreations: observed.installRecreations,
  };
  const createdAt = organization?.createdAt ?? null;
  // An organization that every copy knows of asks nothing of them: the answer is the same for all such.
  const isKnownToAll = facts.copies.every(({ value }) => knowsOf(createdAt, value.moment) === 'holds');
  const asked = isKnownToAll ? null : createdAt;
  return databasesBack(facts, observed.installClusterDomains, observed.locationDomains, context, asked);
}

/** Whether a copy of that moment knows what was created at that instant; one of nothing to know always does. */
function knowsOf(createdAt: Instant | null, moment: Moment | null): Truth {
  if (createdAt === null) return 'holds';
  if (moment === null) return 'unknown';
  if (createdAt <= moment.notBefore) return 'holds';
  return createdAt <= moment.notAfter ? 'unknown' : 'fails';
}

/** Several parts of the recovery question ask for the same databases. */
const databasesBack: typeof databasesBackNow = remembered(
  ({ copies, states, catalogues, recreations }, clusterDomains, locationDomains, { policy, asOf }, createdAt) => [
    copies,
    states,
    catalogues,
    recreations,
    clusterDomains,
    locationDomains,
    policy,
    asOf,
    createdAt,
  ],
  databasesBackNow,
);

function databasesBackNow(
  facts: CopyFacts,
  clusterDomains: DomainFacts,
  locationDomains: DomainFacts,
  context: JudgeContext,
  createdAt: Instant | null,
): readonly RecoverableDatabase[] {
  const survival = survivalByKey(locationDomains, context.policy.loss);
  // Which databases there are is told by their live state: a stray copy adds none.
  const known = facts.states.length > 0 ? facts.states : facts.copies;
  const keys = new Map(known.map(({ subject }) => [subject.key, subject.name]));
  return [...keys].map(([key, name]) => {
    const ofOne = <O extends Observation>(list: readonly O[]) => aboutSubject(list, key);
    const copies = judgeCopies(
      {
        copies: ofOne(facts.copies),
        states: ofOne(facts.states),
        catalogues: ofOne(facts.catalogues),
        recreations: ofOne(facts.recreations),
      },
      context.asOf,
    );
    const live = liveSource(ofOne(facts.states)[0], clusterDomains, context);
    return {
      key,
      name,
      sources: [
        ...(live === null ? [] : [live]),
        ...copies.map((copy) => copySource(copy, survival, context.policy.loss, createdAt)),
      ],
    };
  });
}

/** The live database, where its server stands outside the lost domain. One of unknown domain needs a copy. */
function liveSource(
  state: Observation<'database-state'> | undefined,
  clusterDomains: DomainFacts,
  context: JudgeContext,
): DatabaseSource | null {
  if (state === undefined || !state.value.exists || clusterDomains.length === 0) return null;
  // Which of several servers holds it is not told here, so all of them must outlive the loss.
  const survival = survivalByKey(clusterDomains, context.policy.loss);
  const clusters = [...new Set(clusterDomains.map(({ subject }) => subject.key))];
  if (allOf(clusters.map(survival)) !== 'holds') return null;
  return {
    kind: 'survives',
    truth: 'holds',
    because: 'its server stands outside the lost failure domain and outlives the loss',
    location: null,
    isLocked: false,
    moment: { notBefore: context.asOf, notAfter: context.asOf, origin: 'the live database' },
    copy: null,
    cites: [state],
  };
}

/** A copy that counts, with what it is known by where that is little. */
function knownText({ observation }: JudgedCopy): string {
  const how = knownOnlyByText(observation.value);
  return `${copyText(observation)}${how === '' ? '' : `, known${how}`}`;
}

function copySource(
  copy: JudgedCopy,
  survival: (key: string) => Truth,
  loss: Loss,
  createdAt: Instant | null,
): DatabaseSource {
  const { location, moment, encrypted, kept } = copy.observation.value;
  const keysOutlive = keysSurvive(copy.observation.value, loss);
  const outlives = allOf([survival(location), keysOutlive]);
  const known = knowsOf(createdAt, moment);
  const blocked = blockedKey(copy.observation.value);
  const because =
    copy.counts !== 'holds'
      ? `${copyText(copy.observation)} ${copy.counts === 'fails' ? 'does not' : 'may not'} count: ${countsBecause(copy)}`
      : keysOutlive !== 'holds'
        ? `${copyText(copy.observation)} is encrypted with a key of another account or region, which ${keysOutlive === 'fails' ? 'is lost' : 'may be lost'}`
        : outlives !== 'holds'
          ? outlives === 'fails'
            ? `${copyText(copy.observation)} lies in the failure domain that is lost`
            : `it is not known whether ${copyText(copy.observation)} outlives the loss: state the failure domain of that location`
          : known !== 'holds'
            ? `${copyText(copy.observation)} ${beforeText(createdAt, moment)}`
            : `${knownText(copy)}${blocked === null ? '' : `; ${blocked}`}`;
  return {
    kind: 'copy',
    truth: allOf([copy.counts, outlives, known]),
    because,
    location,
    // What a service keeps, that service opens.
    isLocked: encrypted === true && kept === undefined,
    moment,
    copy: copy.observation,
    cites: [copy.observation],
  };
}

/** Why a copy is not known to be from after the organization was made, whose recorded time may be the mistake. */
function beforeText(createdAt: Instant | null, moment: Moment | null): string {
  const created = `the organization was created${createdAt === null ? '' : ` (${instantText(createdAt)})`}`;
  if (moment === null) return `does not tell when it was made, and may be from before ${created}`;
  const isCertain = knowsOf(createdAt, moment) === 'fails';
  return isCertain ? `is from before ${created}` : `may be from before ${created}`;
}

/**
 * Whether every database would be back; names the source chosen for each.
 *
 * @param opens whether keys open a source: of those that would be back, the first that opens is named
 * @param of which database it is, where the subject of the finding is another
 */
export function judgeDatabases(
  databases: readonly RecoverableDatabase[],
  context: JudgeContext,
  opens: (source: DatabaseSource) => boolean = () => true,
  of = 'it',
): Judgement {
  const looked = databases.map((database) => ({
    database,
    truth: anyOf(database.sources.map((source) => source.truth)),
  }));
  const truth = looked.length === 0 ? 'fails' : allOf(looked.map((one) => one.truth));
  const decisive = looked.find((one) => one.truth === truth);
  if (decisive === undefined) return judged('fails', 'no such database and no copy of one was found');
  const { sources } = decisive.database;
  const chosenOf = (among: readonly DatabaseSource[]) => {
    const fitting = among.filter((source) => source.truth === truth);
    return fitting.find(opens) ?? fitting[0];
  };
  const chosen = chosenOf(sources);
  if (truth === 'holds') {
    const cites = looked.flatMap(({ database }) => chosenOf(database.sources)?.cites ?? []);
    return judged('holds', chosenText(chosen, context), cites);
  }
  if (chosen === undefined) return judged('fails', `no copy of ${of} was found outside the lost failure domain`);
  return judged(truth, chosen.because, chosen.cites);
}

function chosenText(source: DatabaseSource | undefined, context: JudgeContext): string {
  if (source === undefined) return 'it would be back';
  if (source.kind === 'survives') return source.because;
  const { moment } = source;
  const when = moment === null ? 'whose time is not known' : `of ${agedText(moment.notBefore, context.asOf)}`;
  return `${source.because}, ${when}${source.copy === null ? '' : unloggedText(source.copy.value)}`;
}
