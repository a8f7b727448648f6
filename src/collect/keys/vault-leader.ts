import { setTimeout as sleep } from 'node:timers/promises';
import { type VaultAnswer, VaultRedirectError } from './vault-exchange.ts';
import { saysNoLeader } from './vault-said.ts';

/** An election takes some 10 s with raft's default timing; within this it is no answer yet. */
const PATIENCE_MILLIS = 20_000;
const PAUSE_MILLIS = 500;

/** Asks again while the cluster elects a leader. */
export interface LeaderPatience {
  /**
   * The answer, which says that there is no leader only where there was none for long.
   * @param first what was answered at first; a redirect that was not followed where another leader may be on its way
   * @throws VaultRedirectError where that is what is answered for long
   */
  wait(
    first: VaultAnswer | VaultRedirectError,
    again: () => Promise<VaultAnswer | VaultRedirectError>,
  ): VaultAnswer | Promise<VaultAnswer>;
}

/** @param signal ends the waiting, with the answer as it is */
export function createLeaderPatience(signal: AbortSignal | null): LeaderPatience {
  /** Since when there is none, whoever asked: many requests do not wait one after the other. */
  let since: number | null = null;

  async function untilElected(
    first: VaultAnswer | VaultRedirectError,
    again: () => Promise<VaultAnswer | VaultRedirectError>,
  ): Promise<VaultAnswer> {
    let answer = first;
    since ??= performance.now();
    while (answer instanceof VaultRedirectError || saysNoLeader(answer)) {
      if (performance.now() - (since ?? performance.now()) > PATIENCE_MILLIS || signal?.aborted === true) {
        if (answer instanceof VaultRedirectError) throw answer;
        return answer;
      }
      await sleep(PAUSE_MILLIS, undefined, signal === null ? {} : { signal }).catch(() => undefined);
      answer = await again();
    }
    since = null;
    return answer;
  }

  return {
    wait(first, again) {
      if (first instanceof VaultRedirectError || saysNoLeader(first)) return untilElected(first, again);
      since = null;
      return first;
    },
  };
}
