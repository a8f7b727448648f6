import type { Observation } from '../model/control.ts';
import { copyAt } from '../model/copy-age.ts';
import { type AnyEvidence, type BlindSpot, type Evidence, gradeOf } from '../model/evidence.ts';
import type { FactKind, Facts } from '../model/facts.ts';
import { DAY, HOUR, type Instant, toMillis } from '../model/instant.ts';
import { STATE_FACTS, STATE_FACTS_BY_PLACE } from '../model/state-facts.ts';
import { type Subject, subjectId } from '../model/subject.ts';
import { ofKey } from './kept-by-key.ts';
import { neverAsked } from './never-asked.ts';

/** A blind spot met while looking, with the evidence record it comes from; null where nobody ever asked. */
export interface MetBlindSpot {
  readonly evidence: AnyEvidence | null;
  readonly blindSpot: BlindSpot;
  /** Whom it is about, where nobody ever asked; absent where that is not known, either. */
  readonly about?: Subject;
}

/** What was seen of one kind of fact about one subject, and what keeps the list from being complete. */
export interface Seen<K extends FactKind = FactKind> {
  readonly observations: readonly Observation<K>[];
  readonly blindSpots: readonly MetBlindSpot[];
}

/** How old evidence may be, in milliseconds, besides the default: these have limits or expiry of their own. */
const OWN_AGE_LIMIT: Partial<Record<FactKind, number>> = {
  'restore-test': 366 * DAY,
  declaration: Number.POSITIVE_INFINITY,
  'failure-domain': Number.POSITIVE_INFINITY,
  location: Number.POSITIVE_INFINITY,
  'secret-source': Number.POSITIVE_INFINITY,
};

/** Copies are asked for in every location, so whoever was not asked does not exist. */
const NO_LOCATION: BlindSpot = {
  reason: 'not-asked',
  detail: 'no location that may hold copies of it was looked at',
  remedy: 'Name the places where copies lie under locations: in the configuration, with their purposes.',
};
const ASKED_OF_LOCATIONS: ReadonlySet<FactKind> = new Set<FactKind>(['copy', 'file-copy']);

/**
 * Looks facts up by kind and subject, with staleness and expiry applied. The same question gets the same object again.
 */
export interface FactView {
  /** @param statements of declarations: only these; other kinds ignore it */
  seen<K extends FactKind>(kind: K, subject: Subject, statements?: readonly string[]): Seen<K>;
}

/**
 * A view over evidence records.
 *
 * @param evidence records of one part or of several
 * @param asOf the clock; evidence older than its limit by it is a blind spot *stale*
 * @param maxAgeHours the default age limit
 * @param verificationDays how long a full reading of a copy counts, by what it is a copy of
 */
export function factView(
  evidence: readonly AnyEvidence[],
  asOf: Instant,
  maxAgeHours: number,
  verificationDays: (subject: Subject) => number,
): FactView {
  const now = toMillis(asOf);
  const bySubject = new Map<string, Answers>();
  for (const record of evidence) {
    const { records } = ofKey(bySubject, subjectId(record.subject), newAnswers);
    const list = records.get(record.kind);
    if (list === undefined) records.set(record.kind, [record]);
    else list.push(record);
  }
  const look = <K extends FactKind>(
    kind: K,
    about: Answers,
    subject: Subject,
    statements: readonly string[] | undefined,
  ): Seen<K> => {
    const records = about.records.get(kind) as readonly Evidence<K>[] | undefined;
    if (records === undefined) {
      const unanswered = unansweredOf(kind, subject, about);
      if (unanswered !== null) return { observations: [], blindSpots: [unanswered] };
      const blindSpot = ASKED_OF_LOCATIONS.has(kind) ? NO_LOCATION : neverAsked(kind);
      return { observations: [], blindSpots: [{ evidence: null, blindSpot, about: subject }] };
    }
    const asked = statements === undefined ? records : records.filter((record) => states(record, statements));
    return unite(
      kind,
      asked.map((record) => withLapsed(applyAge(record, now, maxAgeHours), now, verificationDays)),
    );
  };
  // The same few subject objects ask again and again, and putting their ids together is the dear part.
  const byObject = new Map<Subject, Answers>();
  return {
    seen<K extends FactKind>(kind: K, subject: Subject, statements?: readonly string[]): Seen<K> {
      const about = ofKey(byObject, subject, () => ofKey(bySubject, subjectId(subject), newAnswers));
      const variant = statements === undefined ? kind : `${kind}|${statements.join('|')}`;
      return ofKey(
        about.seen,
        variant,
        () => look(kind, about, subject, statements) as unknown as Seen,
      ) as unknown as Seen<K>;
    },
  };
}

/** The records about one subject by kind, and what was already looked up in them by kind and statements. */
interface Answers {
  readonly records: Map<FactKind, AnyEvidence[]>;
  readonly seen: Map<string, Seen>;
}

function newAnswers(): Answers {
  return { records: new Map(), seen: new Map() };
}

/** What is only asked of a key provider that says what it is, and told beside another answer of it. */
const ASKED_IN_PASSING: ReadonlySet<FactKind> = new Set<FactKind>(['provider-peer', 'key-peer', 'clock']);

/** Why a provider gave no answer at all, where that is why it was not asked for more; null where it did, or nobody asked. */
function unansweredOf(kind: FactKind, { kind: about }: Subject, { records }: Answers): MetBlindSpot | null {
  if (about !== 'provider' || !ASKED_IN_PASSING.has(kind)) return null;
  const states = records.get('provider-state') ?? [];
  const evidence = states.find(({ blindSpot }) => blindSpot !== null) ?? null;
  if (evidence === null || evidence.blindSpot === null) return null;
  return states.some(({ items }) => items.length > 0) ? null : { evidence, blindSpot: evidence.blindSpot };
}

/** Whether it may have come in a bundle of another host, which a scan alone makes no newer. */
function isOfHost({ source }: Evidence): boolean {
  return source === 'install host' || source.startsWith('location ');
}

/** A declaration is one record each, so that the expiry of one says nothing about another. */
function states(record: Evidence, statements: readonly string[]): boolean {
  const items = record.items as readonly Facts['declaration'][];
  return items.every((item) => statements.includes(item.statement));
}

function applyAge<K extends FactKind>(record: Evidence<K>, now: number, maxAgeHours: number): Evidence<K> {
  const limit = OWN_AGE_LIMIT[record.kind] ?? maxAgeHours * HOUR;
  const age = now - toMillis(record.collectedAt);
  if (age > limit) {
    const hours = Math.floor(age / HOUR);
    return {
      ...record,
      items: [],
      blindSpot: {
        reason: 'stale',
        detail: `what ${record.source} said is ${hours} h old; evidence counts for ${Math.round(limit / HOUR)} h`,
        remedy: isOfHost(record)
          ? 'Collect again: recoverage collect --plan on the host that answered, or recoverage scan where the audit reads it itself.'
          : 'Collect again: recoverage scan.',
      },
    };
  }
  if (record.kind !== 'declaration') return record;
  // A statement counts from its own day on.
  const items = (record.items as readonly Facts['declaration'][]).filter((item) => toMillis(item.date) <= now);
  const current = items.filter((item) => toMillis(item.expires) >= now);
  const lapsed = items.find((item) => toMillis(item.expires) < now);
  if (lapsed === undefined) return { ...record, items: current as unknown as Evidence<K>['items'] };
  return {
    ...record,
    items: current as unknown as Evidence<K>['items'],
    blindSpot: record.blindSpot ?? {
      reason: 'expired',
      detail: `attestation ${lapsed.id} expired on ${lapsed.expires.slice(0, 10)}`,
      remedy: 'Let its owner review the statement and set a new date and expiry in attestations.yaml.',
    },
  };
}

/** Copies whose last full reading is too old count as what their structure proves: rot changes no date. */
function withLapsed<K extends FactKind>(
  record: Evidence<K>,
  now: number,
  verificationDays: (subject: Subject) => number,
): Evidence<K> {
  if (record.kind !== 'copy') return record;
  const copies = record.items as readonly Facts['copy'][];
  const days = verificationDays(record.subject);
  const items = copies.map((copy) => copyAt(copy, now, days));
  const isSame = items.every((copy, index) => copy === copies[index]);
  return isSame ? record : { ...record, items: items as unknown as Evidence<K>['items'] };
}

function unite<K extends FactKind>(kind: K, records: readonly Evidence<K>[]): Seen<K> {
  if (STATE_FACTS.has(kind)) return seenIn(newestAnswer(records));
  if (STATE_FACTS_BY_PLACE.has(kind)) {
    const places = Map.groupBy(records, (record) => record.locator);
    return seenIn([...places.values()].flatMap((about) => newestAnswer(about)));
  }
  if (records.every((record) => record.blindSpot === null)) return seenIn(records);
  // The same question put twice: an answer stands beside a blind spot. Different questions each keep theirs.
  const answeredQuestions = new Set(records.filter((record) => record.blindSpot === null).map(question));
  return seenIn(records.filter((record) => record.blindSpot === null || !answeredQuestions.has(question(record))));
}

/** Of answers about one state the newest that is complete, else the newest at all; where none is, why. */
function newestAnswer<K extends FactKind>(records: readonly Evidence<K>[]): readonly Evidence<K>[] {
  const answered = records.filter((record) => record.items.length > 0 || record.blindSpot === null);
  const complete = answered.filter((record) => record.blindSpot === null);
  const newest = (complete.length > 0 ? complete : answered).reduce<Evidence<K> | null>(
    (best, record) => (best === null || record.collectedAt > best.collectedAt ? record : best),
    null,
  );
  return newest === null ? records.slice(0, 1) : [newest];
}

function question(record: Evidence): string {
  return `${record.source}|${record.operation}|${record.locator}`;
}

function seenIn<K extends FactKind>(records: readonly Evidence<K>[]): Seen<K> {
  const observations: Observation<K>[] = [];
  const blindSpots: MetBlindSpot[] = [];
  for (const record of records) {
    for (const value of record.items) {
      observations.push({
        value,
        subject: record.subject,
        evidenceId: record.id,
        grade: gradeOf(record, value),
        collectedAt: record.collectedAt,
      });
    }
    if (record.blindSpot !== null) {
      blindSpots.push({ evidence: record as unknown as AnyEvidence, blindSpot: record.blindSpot });
    }
  }
  return { observations, blindSpots };
}
