import type { Truth } from './control.ts';
import { kmsAliasName } from './kms-alias.ts';

const KEY_ARN = /^arn:[a-z-]+:kms:[a-z0-9-]+:([0-9]{12}):key\/(.+)$/;

/** Whether a text is the ARN of a key of AWS KMS itself, and not of an alias (AWS KMS Developer Guide, "Key ARN"). */
export function isKmsKeyArn(text: string): boolean {
  return KEY_ARN.test(text);
}

/**
 * Whether a reference means the key of an ARN. Keys of one multi-Region id (`mrk-…`) in one account are the same key in
 * several regions; other ids are of one key alone. Of an alias it is not known by itself.
 *
 * @param arn of a key
 * @param reference as a configuration names keys: an id, an ARN, or an alias
 */
export function sameKmsKey(arn: string, reference: string): Truth {
  if (arn === reference) return 'holds';
  if (kmsAliasName(reference) !== null) return 'unknown';
  const [, account, id] = KEY_ARN.exec(arn) ?? [];
  const [, otherAccount = account, otherId = reference] = KEY_ARN.exec(reference) ?? [];
  if (id === undefined || id !== otherId || account !== otherAccount) return 'fails';
  return id.startsWith('mrk-') || otherId === reference ? 'holds' : 'fails';
}
