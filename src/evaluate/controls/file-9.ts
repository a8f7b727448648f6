import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { DAY, HOUR, toMillis } from '../../model/instant.ts';
import { agedText, counted, instantText } from '../../model/text.ts';
import { allOf, anyOf } from '../conclude.ts';
import { latestCredible } from '../copies.ts';
import { defineControl, judged, need, part, unseen } from '../define-control.ts';
import { survivalByKey, survives } from '../failure-domains.ts';
import { BINDINGS, S3 } from '../store-needs.ts';

const CHANGE_NEEDS = { bindings: BINDINGS } as const;
const OLD_NEEDS = {
  bindings: BINDINGS,
  former: need('former-store', 'organization', 'either'),
  locationDomains: need('failure-domain', 'all-locations', 'either', { context: true }),
} as const;
const MIGRATION_NEEDS = { samples: need('file-sample', 'organization-stores', 'either') } as const;

/**
 * FILE-9: after a change of the storage binding, the place where the files were before stays covered until they are shown
 * to be in the new one. For how long a change is recent is for how long copies must be kept: to bring the organization
 * back to a moment before the change takes the old place.
 */
export const file9 = defineControl({
  id: 'FILE-9',
  title: 'The old place of the files is still covered',
  failureTitle: 'The old place of the files is not covered any more, and nothing confirms that they were moved',
  severity: 'medium',
  bears: 'protection',
  subject: 'organization',
  rationale:
    'A binding is changed in a minute and files are moved in days. Whoever takes the old place out of the backup in between has files that exist once, or nowhere. A change is known by the row of the binding that was in use before: where the one row was made to name another place, nothing tells of the old one, and earlier reports keep no place of files.',
  remediation:
    'Keep the old place in its backup set until every file is in the new store. What FILE-8 draws from before the change and finds there confirms the move.',
  remediationUnknown:
    'Let the audit look at the old place: run it where that can be read, and give the credentials of an old bucket under stores.s3.',
  limits: ['retentionDays', 'filesRpoHours'],
  applies: [
    part({
      name: 'a recent change',
      needs: CHANGE_NEEDS,
      judge({ bindings }: Observed<typeof CHANGE_NEEDS>, context) {
        return judgeChange(bindings, context);
      },
    }),
  ],
  combine: 'any',
  parts: [
    part({ name: 'the old place is covered', needs: OLD_NEEDS, judge: judgeOld }),
    part({
      name: 'the move is confirmed',
      needs: MIGRATION_NEEDS,
      judge({ samples }: Observed<typeof MIGRATION_NEEDS>) {
        const drawn = samples.flatMap((one) => (one.value.fromBefore === undefined ? [] : [one]));
        const some = drawn.filter(({ value }) => (value.fromBefore?.drawn ?? 0) > 0);
        const left = some.find(({ value: { fromBefore } }) => (fromBefore?.found ?? 0) < (fromBefore?.drawn ?? 0));
        if (left !== undefined) {
          const { drawn: rows = 0, found = 0 } = left.value.fromBefore ?? {};
          const text = `${rows - found} of ${counted(rows, 'file')} drawn from before the change ${rows - found === 1 ? 'is' : 'are'} not in the new store`;
          return judged('fails', text, [left]);
        }
        const [first] = some;
        if (first !== undefined) {
          const text = `all of ${counted(first.value.fromBefore?.drawn ?? 0, 'file')} drawn from before the change are in the new store`;
          return judged('holds', text, [first]);
        }
        const whole = drawn.find(({ value }) => value.drawn >= value.population && value.populationIsEstimate !== true);
        if (whole !== undefined && samples.length === 1) {
          return judged('holds', 'the database lists no file from before the change', [whole]);
        }
        return judged('unknown', 'no file from before the change was looked for in the new store');
      },
    }),
  ],
});

function judgeChange(bindings: readonly Observation<'storage-binding'>[], context: JudgeContext): Judgement {
  const old = bindings.filter(({ value }) => value.state === 'inactive');
  if (old.length === 0) return judged('fails', UNCHANGED);
  const active = bindings.filter(({ value }) => value.state === 'active');
  const limit = context.limit('retentionDays', 'files');
  const oldest = toMillis(context.asOf) - limit.value * DAY;
  const recent = active.find(({ value }) => value.activatedAt !== null && toMillis(value.activatedAt) >= oldest);
  if (recent !== undefined) {
    const text = `its storage binding was changed ${agedText(recent.value.activatedAt ?? context.asOf, context.asOf)}`;
    return judged('holds', text, [recent, ...old], limit);
  }
  const untold = active.find(({ value }) => value.activatedAt === null);
  if (untold !== undefined) {
    const text = 'its storage binding was changed, and its row does not tell when';
    return judged('unknown', text, [untold, ...old], limit);
  }
  const [first] = active;
  if (first === undefined) return judged('fails', 'none of its storage bindings is in use', old);
  const text = `its storage binding was changed ${agedText(first.value.activatedAt ?? context.asOf, context.asOf)}, longer ago than ${limit.text}`;
  return judged('fails', text, [first], limit);
}

/** The row of a binding tells of the place that is in use; of another one that it named before, nothing is left. */
const UNCHANGED =
  'its storage binding was never changed, as far as its rows tell: one whose row was written anew in place names only the new place';

interface Way {
  readonly truth: Truth;
  readonly because: string;
}

function judgeOld(observed: Observed<typeof OLD_NEEDS>, context: JudgeContext): Judgement {
  const { former, bindings } = observed;
  const old = bindings.filter(({ value }) => value.state === 'inactive').map(({ value }) => value.bindingId);
  const missing = old.find((id) => !former.some(({ value }) => value.bindingId === id));
  const survival = survivalByKey(observed.locationDomains, context.policy.loss);
  const ways = former.map((one) => ({ one, ...coverOf(one.value, survival, context) }));
  const truth = allOf([...ways.map((way) => way.truth), ...(missing === undefined ? [] : ['unknown' as const])]);
  const deciding = ways.filter((way) => way.truth === truth);
  if (deciding.length === 0) return unseen('what is where its files were before is not known');
  const text = deciding.map(({ because }) => because).join('; ');
  return judged(
    truth,
    text,
    deciding.map(({ one }) => one),
    context.limit('filesRpoHours', 'files'),
  );
}

/** A place that outlives the loss covers itself; another one needs a copy from after the change, or a recent one. */
function coverOf(store: Facts['former-store'], survival: (location: string) => Truth, context: JudgeContext): Way {
  const what = `the old place ${store.bindingId}`;
  const { host, site, account, region } = store;
  const outlives = survives([{ host, site, account, region, origin: 'stated' }], context.policy.loss);
  if (store.exists && store.empty !== true && outlives === 'holds') {
    return { truth: 'holds', because: `${what} is still there, outside the lost failure domain` };
  }
  const limit = context.limit('filesRpoHours', 'files');
  const recent = toMillis(context.asOf) - limit.value * HOUR;
  const needed = store.changedAt === null ? recent : Math.min(recent, toMillis(store.changedAt));
  const horizon = latestCredible(context.asOf);
  const whole = store.copies.filter(
    ({ complete, present, moment }) => complete && present && toMillis(moment) <= horizon,
  );
  const enough = whole.filter(({ moment }) => toMillis(moment) >= needed);
  const truth = anyOf(enough.map(({ location }) => survival(location)));
  const chosen = enough.find(({ location }) => survival(location) === truth);
  if (truth === 'holds' && chosen !== undefined) {
    const text = `${what} is in backup set ${chosen.copy} in ${chosen.location} of ${instantText(chosen.moment)}`;
    return { truth, because: text };
  }
  const isLive = store.exists && store.empty !== true && outlives === 'unknown';
  if (truth === 'unknown' || isLive) {
    const which = isLive ? what : `backup set ${chosen?.copy} in ${chosen?.location}`;
    return {
      truth: 'unknown',
      because: `it is not known whether ${which} outlives the loss: state its failure domain in the configuration`,
    };
  }
  if (store.exists && store.empty === true && store.kind !== S3) {
    return { truth: 'unknown', because: `${what} is an empty directory: it may be unmounted, or everything was moved` };
  }
  const [newest] = [...whole].sort((a, b) => b.moment.localeCompare(a.moment));
  const state = store.exists ? (store.empty === true ? 'is empty' : 'would be lost') : 'is not there any more';
  const copy =
    newest === undefined
      ? 'no backup set that counts holds it'
      : `the newest backup set that holds it is of ${agedText(newest.moment, context.asOf)}`;
  return { truth: 'fails', because: `${what} ${state}, and ${copy}` };
}
