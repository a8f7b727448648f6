import type { Observed, Part } from '../model/control.ts';
import { judged, need, part, regardless, unseen } from './define-control.ts';
import { VAULT } from './key-needs.ts';

const NEEDS = {
  states: need('provider-state', 'self', 'either'),
  /** Of one that gives no answer, the configuration tells the kind. */
  custody: need('custody', 'self', 'either', { leastGrade: 'declared' }),
} as const;

/** Applicability of what asks about snapshots and seals of a provider: only Vault has them. */
export const vaultOnly: readonly [Part, ...Part[]] = [
  part({
    name: 'it is a Vault',
    needs: NEEDS,
    judge({ states, custody }: Observed<typeof NEEDS>) {
      const [state] = states;
      const [stated] = custody;
      if (state?.value.kind === VAULT) return regardless(judged('holds', 'it is a Vault', [state]), 'custody');
      if (state !== undefined) return regardless(judged('fails', noneOf(state.value.kind), [state]), 'custody');
      const kind = stated?.value.kind;
      if (stated !== undefined && kind !== undefined && kind !== VAULT) {
        return regardless(judged('fails', noneOf(kind), [stated]), 'states');
      }
      return unseen('it gave no answer about itself');
    },
  }),
];

function noneOf(kind: string): string {
  return `a provider of kind ${kind} has no snapshots and no seal`;
}
