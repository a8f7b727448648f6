import type { Judgement, Observation } from '../model/control.ts';
import { BEFORE_ALL } from '../model/instant.ts';
import { counted } from '../model/text.ts';
import { judged, need } from './define-control.ts';
import { diskText } from './disk-text.ts';
import { S3 } from './store-needs.ts';

/** How many files the organization's databases list. */
export const REGISTERED = need('artifact-count', 'organization-databases', 'either');

/** The most files that one count of them told; null where nobody counted them all and none was counted. */
export function registeredFiles(registered: readonly Observation<'artifact-count'>[]): number | null {
  const most = registered.reduce((sum, { value }) => Math.max(sum, value.count), 0);
  return most > 0 || registered.some(({ value }) => value.after === BEFORE_ALL) ? most : null;
}

/**
 * What an empty store comes to. A share that is not mounted leaves an empty directory in its place, and a bucket that was
 * emptied, or is not the one in use, answers like any other; so does a store that nothing was put in yet.
 */
export function judgeEmpty(
  state: Observation<'store-state'>,
  registered: readonly Observation<'artifact-count'>[],
): Judgement {
  const most = registeredFiles(registered);
  const cites = [state, ...registered];
  const isBucket = state.value.kind === S3;
  const what = isBucket ? 'a bucket without objects' : `an empty directory${diskText(state.value.disk)}`;
  if (most !== null && most > 0) {
    const why = isBucket ? 'it may have been emptied, or not be the one in use' : 'it may be unmounted';
    const text = `the store is ${what}, while its database lists ${counted(most, 'file', 'files')}: ${why}`;
    return judged('unknown', text, cites);
  }
  if (most === null) {
    return judged('unknown', `the store is ${what}, and nobody counted the files that its database lists`, [state]);
  }
  return judged('holds', `the store is there: ${what}, and its database lists no file`, cites);
}
