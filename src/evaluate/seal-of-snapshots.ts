import type { JudgeContext, Judgement, Observed } from '../model/control.ts';
import { allOf } from './conclude.ts';
import { judged } from './define-control.ts';
import type { OWN_SNAPSHOTS } from './key-needs.ts';
import { judgeSnapshots, possibleNewest, snapshotText, standsApart } from './key-snapshots.ts';

/**
 * Whether what opens the live Vault opens the newest snapshot that would be restored as well. That there is none, or none
 * that is good, is not asked about here.
 */
export function judgeSealOfSnapshots(observed: Observed<typeof OWN_SNAPSHOTS>, context: JudgeContext): Judgement {
  const counting = judgeSnapshots(observed, context.policy.loss, context.asOf).filter(
    (one) => !one.fromTheFuture && one.whole !== 'fails' && standsApart(one) !== 'fails',
  );
  const possible = possibleNewest(counting).flatMap((one) => one ?? []);
  const states = observed.providers.slice(0, 1);
  const [newest] = possible;
  if (newest === undefined) return judged('holds', 'no snapshot of it is there to be opened otherwise', states);
  const other = possible.find(({ seal }) => allOf([seal.opens, seal.shares]) !== 'holds');
  if (other !== undefined) {
    return judged('unknown', `${snapshotText(other)}: ${other.seal.because}`, [...states, other.observation]);
  }
  return judged('holds', 'its newest snapshot tells the same seal and as many shares', [...states, newest.observation]);
}
