import { setTimeout as sleep } from 'node:timers/promises';
import { MINUTE, SECOND } from '../../model/instant.ts';
import { createRequestPace } from '../guard/request-pace.ts';
import type { VaultAnswer } from './vault-exchange.ts';
import { saysTooMany } from './vault-said.ts';

/** Sends requests no faster than a rate limit quota of Vault lets them through. */
export interface VaultQuota {
  /**
   * What was answered: a refusal for a quota only after Vault took no request at all for as long as there is patience.
   * Rejects with what the request rejects with, and where it is interrupted meanwhile.
   */
  within(request: () => Promise<VaultAnswer>): Promise<VaultAnswer>;
}

/** As for the other services with quotas. A quota may block a client for a while of its own (`block_interval`). */
const PATIENCE_MILLIS = MINUTE;

class QuotaRefusal extends Error {
  readonly answer: VaultAnswer;
  constructor(answer: VaultAnswer) {
    super('refused for a quota');
    this.answer = answer;
  }
}

/** @param patienceMillis for how long Vault may refuse every request before that is its answer; null: a minute */
export function createVaultQuota(patienceMillis: number | null, signal: AbortSignal | null): VaultQuota {
  const patience = patienceMillis ?? PATIENCE_MILLIS;
  const pace = createRequestPace({
    isThrottled: (error) => error instanceof QuotaRefusal,
    patienceMillis: patience,
    signal,
  });
  return {
    async within(request) {
      try {
        return await pace.run(async () => {
          const answer = await request();
          if (!saysTooMany(answer)) return answer;
          // Told where the headers of quotas are switched on (sys/quotas/config); otherwise the pace alone finds the end of it.
          const wait = Math.min((answer.retryAfterSeconds ?? 0) * SECOND, patience);
          if (wait > 0) await sleep(wait, undefined, signal === null ? {} : { signal });
          throw new QuotaRefusal(answer);
        });
      } catch (error) {
        if (error instanceof QuotaRefusal) return error.answer;
        throw error;
      }
    },
  };
}
