import type { JudgeContext, Judgement, Observation, Observed, Truth } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { judged, need, regardless } from './define-control.ts';
import { survives } from './failure-domains.ts';
import { fileCopyText, judgeFileCopies, whyNot } from './files.ts';
import { FILE_COPIES } from './store-needs.ts';

export const RUNBOOK_PLACE = { runbooks: need('runbook', 'self', 'either'), ...FILE_COPIES } as const;

/** Whether whoever recovers the install can still read its runbook: where it lies, or a copy of it, outlives the loss. */
export function judgeRunbookPlace(observed: Observed<typeof RUNBOOK_PLACE>, context: JudgeContext): Judgement {
  const [runbook] = observed.runbooks;
  if (runbook === undefined) return judged('unknown', 'where it lies is not known');
  const { path, exists, digest = null, place } = runbook.value;
  if (!exists) return regardless(judged('fails', 'what is not there outlives nothing', [runbook]), ...OF_COPIES);
  const { loss } = context.policy;
  const outlives = placeOutlives(runbook.value, context);
  if (outlives === 'holds') {
    return regardless(judged('holds', 'it lies outside the lost failure domain', [runbook]), ...OF_COPIES);
  }
  const own = observed.copies.filter(({ value }) => value.sourcePath === path);
  const copies = judgeFileCopies(own, observed.locationDomains, loss, context.asOf).filter(
    ({ counts }) => counts !== 'fails',
  );
  const same = copies.filter(({ observation }) => digest !== null && observation.value.digest === digest);
  const kept = same.find(({ counts }) => counts === 'holds');
  if (kept !== undefined) {
    return judged('holds', `${fileCopyText(kept)} holds it as it is now`, [runbook, kept.observation]);
  }
  const where = place?.host == null ? 'where it lies is not known' : `it lies on ${place.host}, which is lost`;
  const [open] = [...same, ...copies];
  if (open !== undefined) {
    const why = same.includes(open) ? whyNot(open) : notTheSame(runbook, open.observation);
    return judged('unknown', `${where}; ${fileCopyText(open)}: ${why}`, [runbook, open.observation]);
  }
  if (outlives === 'unknown') {
    const text = `${where}: state install.runbookFailureDomain in the configuration`;
    return regardless(judged('unknown', text, [runbook]), ...OF_COPIES);
  }
  const text = 'it lies in the failure domain that is lost, and no backup set outside of that holds it';
  return judged('fails', text, [runbook]);
}

const OF_COPIES = ['copies', 'locationDomains'] as const;

/** A path on the install host is lost with it. Bundles of older versions do not tell where it lies. */
function placeOutlives({ place = null, notOn }: Facts['runbook'], { policy: { loss } }: JudgeContext): Truth {
  if (place !== null) return survives([place], loss);
  const isElsewhere = loss.level === 'host' && notOn?.toLowerCase() === loss.name.toLowerCase();
  return isElsewhere ? 'holds' : 'unknown';
}

function notTheSame({ value }: Observation<'runbook'>, copy: Observation<'file-copy'>): string {
  const isCompared = value.digest != null && copy.value.digest !== null;
  return isCompared ? 'it holds another state of it' : 'whether it holds it as it is now could not be compared';
}
