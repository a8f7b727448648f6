import type { Observed, Part } from '../model/control.ts';
import { judged, need, part } from './define-control.ts';
import { VAULT } from './key-needs.ts';

const NEEDS = { states: need('provider-state', 'self', 'either') } as const;

/** Applicability of what asks about snapshots and seals of a provider: only Vault has them. */
export const vaultOnly: readonly [Part, ...Part[]] = [
  part({
    name: 'it is a Vault',
    needs: NEEDS,
    judge({ states }: Observed<typeof NEEDS>) {
      const state = states[0];
      if (state === undefined) return judged('unknown', 'it gave no answer about itself');
      if (state.value.kind === VAULT) return judged('holds', 'it is a Vault', [state]);
      return judged('fails', `a provider of kind ${state.value.kind} has no snapshots and no seal`, [state]);
    },
  }),
];
