import type { AnyEvidence } from '../../model/evidence.ts';
import type { ReportHead } from '../../model/report.ts';
import type { Folding } from './folding.ts';

/** How many different operations of one source the method names. */
const NAMED_OPERATIONS = 20;

/** What each source was asked. */
export type AskedSources = Map<string, { readonly operations: Set<string>; questions: number }>;

export interface SourceList extends Folding<AskedSources> {
  note(record: Pick<AnyEvidence, 'source' | 'operation'>): void;
  /** For the chapter on method, by name. */
  method(): ReportHead['method'];
}

export function createSourceList(): SourceList {
  const asked: AskedSources = new Map();
  const add = (source: string, operations: Iterable<string>, questions: number): void => {
    const known = asked.get(source) ?? { operations: new Set<string>(), questions: 0 };
    asked.set(source, known);
    known.questions += questions;
    for (const operation of operations) {
      if (known.operations.size < NAMED_OPERATIONS) known.operations.add(operation);
    }
  };
  return {
    note: ({ source, operation }) => add(source, [operation], 1),
    folded: () => asked,
    merge(later) {
      for (const [source, { operations, questions }] of later) add(source, operations, questions);
    },
    method: () =>
      [...asked]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([source, { operations, questions }]) => ({ source, operations: [...operations].sort(), questions })),
  };
}
