import type { Observation, Observed, Truth } from '../../model/control.ts';
import { MINUTE, SECOND } from '../../model/instant.ts';
import type { SubjectKind } from '../../model/subject.ts';
import { counted, instantText } from '../../model/text.ts';
import { ownBindings } from '../bucket-store.ts';
import { copyText } from '../copies.ts';
import { defineControl, judged, need, part } from '../define-control.ts';
import { isFromTheFuture } from '../possible-copies.ts';
import { BINDINGS, S3 } from '../store-needs.ts';

const READ_NEEDS = { clocks: need('clock', 'self', 'more-helps') } as const;
const AGREE_NEEDS = { clocks: need('clock', 'self', 'more-hurts') } as const;
const ANY_COPY_NEEDS = { copies: need('copy', 'self', 'more-helps') } as const;
const LOCATION_NEEDS = { locations: need('location', 'self', 'either', { context: true }) } as const;
const BINDING_NEEDS = { bindings: BINDINGS } as const;
const COPY_NEEDS = { copies: need('copy', 'self', 'more-hurts') } as const;

/** RUN-2: the clocks of what is audited agree with the auditor's, and no copy is from the future. */
export const run2 = defineControl({
  id: 'RUN-2',
  title: 'The clocks agree',
  failureTitle: 'A clock is wrong',
  severity: 'medium',
  bears: 'audit',
  subject: ['cluster', 'provider', 'location', 'store', 'database'],
  rationale: 'Ages are told by clocks. A clock that is ahead makes an old copy look new.',
  remediation:
    'Let the machine set its clock by a time server (timedatectl set-ntp true, chronyc tracking). For a copy dated ahead, state the time zone of its location in the configuration.',
  remediationUnknown:
    'Let the source tell its time: recoverage doctor shows which does not. Compare the clocks by hand meanwhile.',
  limits: ['clockToleranceMinutes'],
  applies: [
    part({
      name: 'a copy tells a time',
      onlyFor: 'database',
      needs: ANY_COPY_NEEDS,
      judge({ copies }: Observed<typeof ANY_COPY_NEEDS>) {
        if (copies.length === 0) return judged('fails', 'there is no copy whose time could be compared');
        return judged('holds', 'copies tell their time', copies.slice(0, 1));
      },
    }),
    part({
      name: 'its files are reached over a network',
      onlyFor: 'store',
      needs: BINDING_NEEDS,
      judge({ bindings }: Observed<typeof BINDING_NEEDS>, context) {
        const own = ownBindings(bindings, context);
        if (own.length === 0) return judged('unknown', 'no storage binding tells what kind of store it is');
        const bucket = own.find(({ value }) => value.kind === S3);
        if (bucket !== undefined) return judged('holds', 'it is a bucket', [bucket]);
        return judged('fails', 'a directory has no clock but that of the machine that reads it', own);
      },
    }),
    part({
      name: 'it has a clock of its own',
      onlyFor: 'location',
      needs: LOCATION_NEEDS,
      judge({ locations }: Observed<typeof LOCATION_NEEDS>) {
        const [location] = locations;
        if (location === undefined) return judged('unknown', 'nobody said what kind of location it is');
        if (location.value.kind !== 'directory') return judged('holds', 'it is reached over a network', [location]);
        return judged('fails', 'a directory has no clock but that of the machine that reads it', [location]);
      },
    }),
  ],
  combine: 'all',
  parts: [
    ...clockParts('cluster'),
    ...clockParts('provider'),
    ...clockParts('location'),
    ...clockParts('store'),
    part({
      name: 'no copy is from the future',
      onlyFor: 'database',
      needs: COPY_NEEDS,
      judge(observed: Observed<typeof COPY_NEEDS>, context) {
        const ahead = observed.copies.filter((copy) => isFromTheFuture(copy, context.asOf));
        const [first] = ahead;
        if (first === undefined) return judged('holds', 'no copy is dated later than now', observed.copies.slice(0, 1));
        const moment = first.value.moment?.notBefore ?? context.asOf;
        const more = ahead.length > 1 ? ` (${counted(ahead.length, 'copy', 'copies')} in all)` : '';
        const text = `${copyText(first)} is dated ${instantText(moment)}, later than now, ${instantText(context.asOf)}${more}`;
        return judged('fails', text, ahead);
      },
    }),
  ],
});

function clockParts(kind: SubjectKind) {
  return [
    part({
      name: `its clock was read (${kind})`,
      onlyFor: kind,
      needs: READ_NEEDS,
      judge(observed: Observed<typeof READ_NEEDS>) {
        const [first] = observed.clocks;
        if (first === undefined) return judged('unknown', 'it did not tell its time');
        return judged('holds', 'it told its time', [first]);
      },
    }),
    part({
      name: `its clock agrees (${kind})`,
      onlyFor: kind,
      needs: AGREE_NEEDS,
      judge(observed: Observed<typeof AGREE_NEEDS>, context) {
        const limit = context.limit('clockToleranceMinutes');
        const read = observed.clocks.map((clock) => ({ clock, truth: agrees(clock, limit.value * MINUTE) }));
        const chosen = read.find(({ truth }) => truth === 'fails') ?? read.find(({ truth }) => truth === 'unknown');
        if (chosen === undefined) {
          const worst = Math.max(0, ...observed.clocks.map(({ value }) => Math.abs(value.offsetMillis)));
          return judged(
            'holds',
            `its clock is off by ${offsetText(worst)} at most; the limit is ${limit.text}`,
            observed.clocks,
            limit,
          );
        }
        const { offsetMillis, uncertaintyMillis } = chosen.clock.value;
        const direction = offsetMillis >= 0 ? 'ahead of' : 'behind';
        const text = `its clock is ${offsetText(offsetMillis)} ${direction} the auditor's, known to ${offsetText(uncertaintyMillis)}; the limit is ${limit.text}`;
        return judged(chosen.truth, text, [chosen.clock], limit);
      },
    }),
  ] as const;
}

/** Whether the true difference is within the tolerance, wherever in its uncertainty it lies. */
function agrees(clock: Observation<'clock'>, tolerance: number): Truth {
  const off = Math.abs(clock.value.offsetMillis);
  if (off + clock.value.uncertaintyMillis <= tolerance) return 'holds';
  return off - clock.value.uncertaintyMillis > tolerance ? 'fails' : 'unknown';
}

function offsetText(millis: number): string {
  const off = Math.abs(millis);
  return off >= 2 * MINUTE ? `${Math.round(off / MINUTE)} min` : `${(off / SECOND).toFixed(1)} s`;
}
