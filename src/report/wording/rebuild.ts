import type { ReportHead } from '../../model/report.ts';
import { asSentence } from './names.ts';

export const REBUILD_TITLE = 'What a rebuild needs to know';

export const REBUILD_LEAD =
  'Facts for the runbook, as they were seen. No verdict rests on them; what is amiss is among the notices, too.';

/** One fact for the runbook, harmless to print. */
export interface RebuildLine {
  readonly about: string;
  readonly sentence: string;
  /** Null where nothing is amiss. */
  readonly remedy: string | null;
}

const ABOUT: Readonly<Record<NonNullable<ReportHead['rebuild']>[number]['topic'], string>> = {
  product: 'Product',
  host: 'Host',
  license: 'License',
  'license file': 'License file',
  address: 'Address',
  certificate: 'Certificate',
};

/** The facts in the report's order; none in a report that has none. */
export function rebuildLines({ rebuild = [] }: Pick<ReportHead, 'rebuild'>): readonly RebuildLine[] {
  return rebuild.map(({ topic, sentence, remedy }) => ({
    about: ABOUT[topic],
    sentence: asSentence(sentence),
    remedy: remedy === null ? null : asSentence(remedy),
  }));
}
