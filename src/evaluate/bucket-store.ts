import type { JudgeContext, Observation, Observed, Part } from '../model/control.ts';
import { judged, need, part } from './define-control.ts';
import { BINDINGS, S3 } from './store-needs.ts';

const KIND_NEEDS = { bindings: BINDINGS } as const;

type Binding = Observation<'storage-binding'>;

/** The rows of the judged store itself. */
export function ownBindings(
  bindings: readonly Binding[],
  { subject }: Pick<JudgeContext, 'subject'>,
): readonly Binding[] {
  return bindings.filter(({ value }) => value.bindingId === subject.key);
}

/** Applicability of what only buckets have. */
export function onlyBuckets(whyNot: string): readonly [Part] {
  return [
    part({
      name: 'a bucket',
      needs: KIND_NEEDS,
      judge({ bindings }: Observed<typeof KIND_NEEDS>, context) {
        const own = ownBindings(bindings, context);
        if (own.length === 0) return judged('unknown', 'no storage binding tells what kind of store it is');
        const bucket = own.find(({ value }) => value.kind === S3);
        return bucket === undefined ? judged('fails', whyNot, own) : judged('holds', 'it is a bucket', [bucket]);
      },
    }),
  ];
}

/** Files of one store's list of artifacts that were drawn and looked for. */
export const SAMPLES = need('file-sample', 'self', 'either');
