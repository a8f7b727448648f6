import type { Judgement, Observation } from '../model/control.ts';
import type { Facts } from '../model/facts.ts';
import { type Instant, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { judged, regardless } from './define-control.ts';

/**
 * Keys of AWS KMS that single objects are encrypted with, whatever the default of their bucket is: a service lists an
 * object and its size all the same where nobody can use its key any more (Amazon S3 User Guide, "Using server-side
 * encryption with AWS KMS keys").
 */

type Sample = Observation<'file-sample'>;
type ObjectKey = NonNullable<Facts['file-sample']['keys']>[number];

/** Whether the files that were found can be opened; null where none of them names a key. */
export function judgeObjectKeys(samples: readonly Sample[], asOf: Instant): Judgement | null {
  const named = samples.flatMap((sample) => (sample.value.keys ?? []).map((key) => ({ key, sample })));
  const [first] = named;
  if (first === undefined) return null;
  const bad = named.find(({ key }) => key.state !== null && key.state !== 'enabled');
  if (bad !== undefined) {
    const text = `files that were found are encrypted with ${bad.key.key}, which ${wordOf(bad.key, asOf)}`;
    return { ...regardless(judged('fails', text, [bad.sample]), 'samples'), remedy: REMEDY };
  }
  const open = named.find(({ key }) => key.state === null);
  if (open !== undefined) {
    const text = `files that were found are encrypted with ${open.key.key}, and whether that can be used was not told: ${open.key.because ?? 'nobody asked'}`;
    return judged('unknown', text, [open.sample]);
  }
  const others = new Set(named.map(({ key }) => key.key)).size - 1;
  const keys = others === 0 ? first.key.key : `${first.key.key} and ${others} more`;
  return judged('holds', `the key that they are encrypted with is enabled (${keys})`, [first.sample]);
}

function wordOf({ state, deletionDate, because }: ObjectKey, asOf: Instant): string {
  const isGone = deletionDate !== null && toMillis(deletionDate) <= toMillis(asOf);
  switch (state) {
    case 'missing':
      return 'does not exist any more: they are lost';
    case 'disabled':
      return 'is disabled: enabling it lets them be opened';
    case 'pending-deletion':
      if (deletionDate === null) return 'is scheduled for deletion: cancelling that lets them be opened';
      return isGone
        ? `was scheduled for deletion on ${instantText(deletionDate)}: they are lost`
        : `will be deleted on ${instantText(deletionDate)}: cancelling that before then lets them be opened`;
    case 'pending-import':
      return 'lacks its material: importing the same material lets them be opened';
    default:
      return `cannot be used (${because ?? 'its service does not tell why'})`;
  }
}

const REMEDY =
  'The key of files that cannot be opened: aws kms cancel-key-deletion --key-id KEY, then aws kms enable-key --key-id KEY; of imported material aws kms import-key-material with the same material.';
