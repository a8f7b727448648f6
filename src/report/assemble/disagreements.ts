import type { AnyEvidence, Evidence } from '../../model/evidence.ts';
import type { FactKind } from '../../model/facts.ts';
import type { ReportHead } from '../../model/report.ts';
import { STATE_FACTS, STATE_FACTS_BY_PLACE } from '../../model/state-facts.ts';
import { type Subject, subjectId } from '../../model/subject.ts';
import { counted } from '../../model/text.ts';
import { neutralize } from '../wording/names.ts';
import { subjectLabel } from '../wording/subjects.ts';
import type { Folding } from './folding.ts';

/**
 * Collects what two sources told differently: states, and addresses of key providers. Bounded: one entry for each kind
 * of fact.
 */
export interface DisagreementList extends Folding<CollectedDisagreements> {
  /** @param evidence all records of one part of the bundle */
  add(evidence: readonly AnyEvidence[]): void;
  notices(): ReportHead['notices'];
}

/** What moves by itself between two questions, in answers that agree. */
const MOVING: ReadonlySet<string> = new Set(['sizeBytes', 'raftAppliedIndex', 'raftTerm', 'disk']);

/** What was told differently, by kind of fact; and addresses of providers that differ from the recorded ones. */
export interface CollectedDisagreements {
  readonly states: Map<FactKind, Entry>;
  readonly addresses: { first: Evidence<'provider-record'> | null; providers: number };
}

interface Entry {
  readonly kind: FactKind;
  readonly first: Subject;
  /** Sources that told it of the first subject, the one that was used first. */
  readonly sources: readonly string[];
  subjects: number;
}

export function createDisagreementList(): DisagreementList {
  const collected: CollectedDisagreements = { states: new Map(), addresses: { first: null, providers: 0 } };
  const { states: entries, addresses: recorded } = collected;
  return {
    add(evidence) {
      for (const record of evidence) {
        if (record.kind !== 'provider-record' || record.items.length === 0) continue;
        recorded.first ??= record;
        recorded.providers += 1;
      }
      for (const records of askedTwice(evidence)) {
        const answers = new Set(records.map(({ items }) => JSON.stringify(items, settled)));
        const [newest] = records;
        if (newest === undefined || answers.size === 1) continue;
        const known = entries.get(newest.kind);
        if (known !== undefined) known.subjects += 1;
        else {
          const sources = [...new Set(records.map(({ source }) => source))];
          entries.set(newest.kind, { kind: newest.kind, first: newest.subject, sources, subjects: 1 });
        }
      }
    },
    folded: () => collected,
    merge(later) {
      recorded.first ??= later.addresses.first;
      recorded.providers += later.addresses.providers;
      for (const [kind, entry] of later.states) {
        const known = entries.get(kind);
        if (known === undefined) entries.set(kind, entry);
        else known.subjects += entry.subjects;
      }
    },
    notices: () => [
      ...addressNotices(recorded.first, recorded.providers),
      ...[...entries.values()].map(({ kind, first, sources, subjects }) => {
        const others = subjects === 1 ? '' : ` and of ${counted(subjects - 1, 'more subject')}`;
        const who = sources.length === 1 ? `${sources[0]} asked twice` : sources.join(' and ');
        return {
          text: `The ${kind.replaceAll('-', ' ')} of ${subjectLabel(first)}${others} was told differently by ${who}; the newest answer, of ${sources[0]}, was used`,
          remedy: 'Find out why they differ: one of them may look at another system, or at an old copy of it.',
        };
      }),
    ],
  };
}

/** One server goes by many addresses, so that another one is no more than a hint. */
function addressNotices(record: Evidence<'provider-record'> | null, providers: number): ReportHead['notices'] {
  const [item] = record?.items ?? [];
  if (record === null || item === undefined) return [];
  const others = providers === 1 ? '' : `; so it is with ${counted(providers - 1, 'more provider')}`;
  const [stated, written] = [neutralize(item.configured), neutralize(item.recorded)];
  return [
    {
      text: `${subjectLabel(record.subject)} was asked at the configured ${item.setting} ${stated}, and the install database records ${written}${others}`,
      remedy: 'Check that both lead to the same provider: else the keys of another one were audited.',
    },
  ];
}

/** Complete answers to questions about states that were answered more than once, newest first, as judging takes them. */
function askedTwice(evidence: readonly AnyEvidence[]): readonly (readonly AnyEvidence[])[] {
  const byQuestion = new Map<string, AnyEvidence[]>();
  for (const record of evidence) {
    const isOfPlace = STATE_FACTS_BY_PLACE.has(record.kind);
    if ((!STATE_FACTS.has(record.kind) && !isOfPlace) || record.blindSpot !== null) continue;
    const question = `${record.kind}|${subjectId(record.subject)}${isOfPlace ? `|${record.locator}` : ''}`;
    const known = byQuestion.get(question);
    if (known === undefined) byQuestion.set(question, [record]);
    else known.push(record);
  }
  return [...byQuestion.values()]
    .filter((records) => records.length > 1)
    .map((records) => records.sort((a, b) => b.collectedAt.localeCompare(a.collectedAt)));
}

function settled(key: string, value: unknown): unknown {
  return MOVING.has(key) ? undefined : value;
}
