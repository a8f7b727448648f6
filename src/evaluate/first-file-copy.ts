import type { JudgeContext, Judgement, Observation, Observed, Part } from '../model/control.ts';
import { HOUR, toInstant, toMillis } from '../model/instant.ts';
import { agedText, instantText } from '../model/text.ts';
import { judged, need, part, regardless } from './define-control.ts';
import { isCredibleCreation } from './provisioning.ts';
import { signOfAge } from './signs-of-age.ts';
import { notExpectedYet, OWNER } from './still-provisioned.ts';
import { BINDINGS, S3 } from './store-needs.ts';

const NEW_NEEDS = { organizations: OWNER } as const;
const COPY_NEEDS = { copies: need('file-copy', 'self', 'more-helps') } as const;
const KIND_NEEDS = {
  states: need('store-state', 'self', 'either'),
  bindings: BINDINGS,
  organizations: OWNER,
} as const;

/** Holds once the first copy of an organization's files was due, at most `firstCopyHours` after its creation. */
const noLongerNew = part({
  name: 'no longer new',
  needs: NEW_NEEDS,
  judge: ({ organizations }: Observed<typeof NEW_NEEDS>, context) => judgeNoLongerNew(organizations, context),
});

/** Fails while the first copy of the files of a new organization is awaited. */
export function judgeNoLongerNew(
  organizations: readonly Observation<'organization'>[],
  context: JudgeContext,
): Judgement {
  const organization = organizations[0];
  if (organization === undefined) return judged('holds', 'it belongs to the install');
  const { createdAt } = organization.value;
  if (!isCredibleCreation(createdAt, context)) {
    return judged('holds', `its creation, ${agedText(createdAt, context.asOf)}, excuses nothing`, [organization]);
  }
  const limit = context.limit('firstCopyHours');
  const due = toMillis(createdAt) + limit.value * HOUR;
  if (toMillis(context.asOf) > due) return judged('holds', 'the first copy was due', [organization]);
  return judged('fails', `first copy due by ${instantText(toInstant(due))}`, [organization], limit);
}

const aCopyLiesThere = part({
  name: 'a copy lies there',
  needs: COPY_NEEDS,
  judge({ copies }: Observed<typeof COPY_NEEDS>) {
    const copy = copies.find(({ value }) => value.complete && value.present);
    return copy === undefined
      ? judged('fails', 'no copy lies there yet')
      : judged('holds', 'a copy lies there already', [copy]);
  },
});

/** A bucket protects its files by how it is set up, which no time has to be allowed for. */
const isBucket = part({
  name: 'a bucket',
  needs: KIND_NEEDS,
  judge({ states, bindings, organizations }: Observed<typeof KIND_NEEDS>, context) {
    const awaited = bindings.length === 0 ? notExpectedYet(organizations, 'file store', context) : null;
    if (awaited !== null) return regardless(awaited, 'states');
    const state = states[0];
    if (state === undefined) return judged('unknown', 'the store gave no answer about itself');
    return judged(state.value.kind === S3 ? 'holds' : 'fails', `it is a store of kind ${state.value.kind}`, [state]);
  },
});

/**
 * Applicability of what asks whether a store's files are kept: does not apply to the directory of a new organization
 * while the first copy of its files is awaited and none lies anywhere yet.
 */
export const pastFirstFileCopyGrace: readonly [Part, ...Part[]] = [noLongerNew, signOfAge, aCopyLiesThere, isBucket];
