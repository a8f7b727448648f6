import { createHmac, type Hmac, timingSafeEqual } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';

/*
 * What two hosts prove to each other by the digestKey that both can read. Each use has a key of its own, so that what is
 * shown of one tells nothing for another.
 */

type Use = 'plan' | 'bundle' | 'check' | 'key names' | 'wrapped samples';

/** A MAC under the shared key for one use. */
export function macFor(key: Secret, use: Use): Hmac {
  return createHmac('sha256', createHmac('sha256', key.reveal()).update(`recoverage ${use} 1\n`).digest());
}

/** Tells whether two hosts have the same key, and nothing else of it. */
export function keyCheck(key: Secret, planId: string): string {
  return macFor(key, 'check').update(planId).digest('hex').slice(0, 32);
}

/** Whether two texts are the same, in a time that does not tell where they differ. */
export function isSameText(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}
