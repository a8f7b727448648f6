import type { Observed, Part } from '../model/control.ts';
import type { Statement } from '../model/statements.ts';
import { instantText } from '../model/text.ts';
import { judged, need, part } from './define-control.ts';

/** A part that holds where somebody declares it of the judged subject: for what no tool can see. */
export function attested(statement: Statement): Part {
  const needs = {
    attested: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [statement] }),
  } as const;
  return part({
    name: 'attested',
    needs,
    judge({ attested: [first] }: Observed<typeof needs>) {
      if (first === undefined) return judged('fails', 'no attestation says so');
      const { owner, date } = first.value;
      return judged('holds', `${owner} attested it on ${instantText(date).slice(0, 10)}`, [first]);
    },
  });
}
