import type { Judgement, Observed } from '../../model/control.ts';
import { counted } from '../../model/text.ts';
import { onlyBuckets, ownBindings } from '../bucket-store.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { effectOnLive, otherEffects } from '../lifecycle.ts';
import { BINDINGS } from '../store-needs.ts';

const NEEDS = {
  bindings: BINDINGS,
  rules: need('store-lifecycle', 'self', 'more-hurts'),
  listed: need('artifact-prefix', 'organization-databases', 'either'),
} as const;

/**
 * FILE-6: no lifecycle rule deletes current objects that the database may still refer to. Rules that delete old versions,
 * delete marks and unfinished uploads are how versions are kept in bounds, and no gap.
 */
export const file6 = defineControl({
  id: 'FILE-6',
  title: 'No lifecycle rule deletes live files',
  failureTitle: 'A lifecycle rule deletes live files',
  severity: 'high',
  bears: 'recovery',
  subject: 'store',
  rationale:
    'A rule that deletes objects by their age does not know which of them the database still lists. Files vanish one by one, years after somebody wrote the rule for temporary data.',
  remediation:
    'Narrow the rule to a prefix that holds no files, or disable it: aws s3api get-bucket-lifecycle-configuration --bucket BUCKET > rules.json, set Status to Disabled, and aws s3api put-bucket-lifecycle-configuration --bucket BUCKET --lifecycle-configuration file://rules.json. What it deleted lies in the old versions, if the bucket keeps them.',
  remediationUnknown:
    'Look at which objects the rule deletes: aws s3api get-bucket-lifecycle-configuration --bucket BUCKET. Change nothing before that is known.',
  limits: [],
  applies: onlyBuckets('a directory has no lifecycle rules'),
  combine: 'all',
  parts: [
    part({
      name: 'no rule deletes current objects',
      needs: NEEDS,
      judge(observed: Observed<typeof NEEDS>, context) {
        const [binding] = ownBindings(observed.bindings, context);
        if (binding === undefined) return judged('unknown', 'no storage binding tells where its files are');
        return judgeRules(observed, binding.value.prefix ?? '');
      },
    }),
  ],
});

function judgeRules({ rules, listed }: Observed<typeof NEEDS>, prefix: string): Judgement {
  const counts = (below: string) => {
    const own = listed.filter(({ value }) => value.prefix === below);
    return own.length === 0 ? null : Math.max(...own.map(({ value }) => value.count));
  };
  const effects = rules.flatMap((rule) => {
    const effect = effectOnLive(rule.value, prefix, counts);
    return effect === null ? [] : [{ rule, ...effect }];
  });
  const settled = (judgement: Judgement, restsOnListed: boolean) =>
    restsOnListed ? judgement : regardless(judgement, 'listed');
  const fatal = effects.filter(({ truth }) => truth === 'fails');
  const [worst] = [...fatal].sort((a, b) => Number(a.restsOnListed) - Number(b.restsOnListed));
  if (worst !== undefined) {
    const more = fatal.length > 1 ? ` (${counted(fatal.length, 'such rule')} in all)` : '';
    return settled(judged('fails', worst.because + more, [worst.rule]), worst.restsOnListed);
  }
  const open = effects.find(({ truth }) => truth === 'unknown');
  const rests = effects.some(({ restsOnListed }) => restsOnListed);
  if (open !== undefined) return settled(judged('unknown', open.because, [open.rule]), rests);
  const others = [...effects.map(({ because }) => because), ...otherEffects(rules, prefix)].slice(0, 3);
  const looked =
    rules.length === 0
      ? 'it has no lifecycle rules'
      : `${counted(rules.length, 'lifecycle rule')} looked at, none deletes live files`;
  return settled(judged('holds', [looked, ...others].join('; '), rules), rests);
}
