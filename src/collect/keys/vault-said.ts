import { z } from 'zod';
import type { VaultAnswer } from './vault-exchange.ts';

const errorsSchema = z.object({ errors: z.array(z.string()) });

/** The texts in an error answer of Vault; none where the answer has another shape. Never to be printed: they may repeat the request. */
export function vaultErrorTexts(answer: VaultAnswer): readonly string[] {
  const parsed = errorsSchema.safeParse(answer.body);
  return parsed.success ? parsed.data.errors : [];
}

/** The same in lower case, in one text to search. */
export function vaultSaid(answer: VaultAnswer): string {
  return vaultErrorTexts(answer).join('\n').toLowerCase();
}

/** Whether Vault does not know the token any more, or never did; a right that it lacks is something else. */
export function saysInvalidToken(said: string): boolean {
  return said.includes('invalid token') || said.includes('bad token');
}

/** Whether the cluster has no leader at this moment, as for some seconds while it elects one (`http/handler.go` of Vault 1.21). */
export function saysNoLeader(answer: VaultAnswer): boolean {
  if (answer.status !== 500 && answer.status !== 503) return false;
  const said = vaultSaid(answer);
  return said.includes('active cluster node not found') || said.includes('no active vault instance found');
}

/** Whether a rate limit quota refused the request, which Vault did not handle (documentation of `/sys/quotas/rate-limit`). */
export function saysTooMany(answer: VaultAnswer): boolean {
  return answer.status === 429 && vaultSaid(answer).includes('quota');
}
