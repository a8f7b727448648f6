import type { Observation, Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { OWN_SNAPSHOTS, SHAMIR } from '../key-needs.ts';
import { judgeSealOfSnapshots } from '../seal-of-snapshots.ts';
import { judgeOpener, judgeSealLoop } from '../seals.ts';
import { vaultOnly } from '../vault-only.ts';

const UNSEAL: Statement = 'unseal-shares-held';
const RECOVERY: Statement = 'recovery-shares-held';

const STATES = need('provider-state', 'self', 'either');
const SHARES_NEEDS = {
  states: STATES,
  attested: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [UNSEAL, RECOVERY] }),
} as const;
const OPENER_NEEDS = {
  states: STATES,
  custody: need('custody', 'self', 'either', { leastGrade: 'declared' }),
  others: need('provider-state', 'all-providers', 'either'),
  keys: need('key-state', 'all-providers', 'either'),
} as const;
const LOOP_NEEDS = {
  states: STATES,
  others: need('provider-state', 'all-providers', 'either'),
  custody: need('custody', 'all-providers', 'either', { leastGrade: 'declared' }),
} as const;

const SNAPSHOT_NEEDS = { ...OWN_SNAPSHOTS, custody: OPENER_NEEDS.custody, keys: OPENER_NEEDS.keys } as const;

/** KEY-8: the provider can be opened again without what it itself holds. */
export const key8 = defineControl({
  id: 'KEY-8',
  title: 'The key provider can be unsealed without itself',
  failureTitle: 'The key provider might not be unsealed again',
  severity: 'high',
  bears: 'recovery',
  subject: 'provider',
  rationale:
    'A restored Vault is sealed. Without its key shares, or the key that opens it by itself, its snapshot is a locked box.',
  remediation: `Let the people who hold the shares confirm it, and record that in attestations.yaml as ${UNSEAL} (or ${RECOVERY} where Vault opens itself). Bring back an unsealing key that is disabled, waits for deletion or is gone while Vault still runs, or change its seal (vault operator unseal -migrate) before it restarts. Keep the unsealing key in another provider than the one it opens, which answers and does not itself wait for this one.`,
  remediationUnknown: `State who holds the key that opens it: seal of that provider in the configuration, with the key (seal.key) and the provider that holds it among the providers, and let the audit read that key there. After every change of the seal and every rekeying take another snapshot: what is restored opens with what opened Vault when the snapshot was taken.`,
  limits: [],
  applies: vaultOnly,
  combine: 'all',
  parts: [
    part({
      name: 'shares are held',
      needs: SHARES_NEEDS,
      judge({ states, attested }: Observed<typeof SHARES_NEEDS>) {
        const state = states[0];
        const seal = state?.value.sealType ?? null;
        if (state === undefined || seal === null) return judged('unknown', NO_SEAL);
        const wanted = seal === SHAMIR ? UNSEAL : RECOVERY;
        const shares = seal === SHAMIR ? 'unseal shares' : 'recovery shares';
        const statement = attested.find(({ value }) => value.statement === wanted);
        if (statement !== undefined) {
          return judged('holds', `${statement.value.owner} attests that the ${shares} are held`, [state, statement]);
        }
        const { sealThreshold, sealShares } = state.value;
        const counts =
          seal === SHAMIR && sealThreshold !== null && sealShares !== null ? `${sealThreshold} of ${sealShares} ` : '';
        return judged('fails', `nobody attests that the ${counts}${shares} are held`, [state]);
      },
    }),
    part({
      name: 'what opens it answers',
      needs: OPENER_NEEDS,
      judge({ states, custody, others, keys }: Observed<typeof OPENER_NEEDS>, { subject, asOf }) {
        const state = sealed(states);
        if (state === undefined) return judged('unknown', NO_SEAL);
        if (state.value.sealType !== SHAMIR) return judgeOpener(subject.key, state, custody[0], others, keys, asOf);
        return regardless(judged('holds', openedByPeople(custody[0]), [state]), 'custody', 'others', 'keys');
      },
    }),
    part({
      name: 'no loop',
      needs: LOOP_NEEDS,
      judge({ states, custody, others }: Observed<typeof LOOP_NEEDS>, { subject }) {
        const state = sealed(states);
        if (state === undefined) return judged('unknown', NO_SEAL);
        if (state.value.sealType !== SHAMIR) return judgeSealLoop(subject.key, others, custody);
        const own = custody.find((one) => one.subject.key === subject.key);
        return regardless(judged('holds', openedByPeople(own), [state]), 'custody', 'others');
      },
    }),
    part({
      name: 'its snapshot opens as it does',
      needs: SNAPSHOT_NEEDS,
      judge: judgeSealOfSnapshots,
    }),
  ],
});

/** That shares open it, whatever is stated. Parts that say the same are told once. */
function openedByPeople(custody: Observation<'custody'> | undefined): string {
  const stated = custody?.value.needs.find(({ what }) => what === 'unseal-key')?.heldBy[0]?.name;
  const though = stated === undefined ? '' : `, although ${stated} is stated to unseal it`;
  return `people open it with their shares${though}`;
}

const NO_SEAL = 'it does not tell what seals it';

function sealed(states: readonly Observation<'provider-state'>[]): Observation<'provider-state'> | undefined {
  return states[0] === undefined || states[0].value.sealType === null ? undefined : states[0];
}
