import { setTimeout as sleep } from 'node:timers/promises';
import type { VaultAnswer } from './vault-exchange.ts';
import { saysNoLeader } from './vault-said.ts';

/** An election takes some 10 s with raft's default timing; within this it is no answer yet. */
const PATIENCE_MILLIS = 20_000;
const PAUSE_MILLIS = 500;

/** Asks again while the cluster elects a leader. */
export interface LeaderPatience {
  /**
   * The answer, which says that there is no leader only where there was none for long.
   * @param first what was answered at first
   */
  wait(first: VaultAnswer, again: () => Promise<VaultAnswer>): VaultAnswer | Promise<VaultAnswer>;
}

/** @param signal ends the waiting, with the answer as it is */
export function createLeaderPatience(signal: AbortSignal | null): LeaderPatience {
  /** Since when there is none, whoever asked: many requests do not wait one after the other. */
  let since: number | null = null;

  async function untilElected(first: VaultAnswer, again: () => Promise<VaultAnswer>): Promise<VaultAnswer> {
    let answer = first;
    since ??= performance.now();
    while (saysNoLeader(answer)) {
      if (performance.now() - (since ?? performance.now()) > PATIENCE_MILLIS || signal?.aborted === true) return answer;
      await sleep(PAUSE_MILLIS, undefined, signal === null ? {} : { signal }).catch(() => undefined);
      answer = await again();
    }
    since = null;
    return answer;
  }

  return {
    wait(first, again) {
      if (saysNoLeader(first)) return untilElected(first, again);
      since = null;
      return first;
    },
  };
}
