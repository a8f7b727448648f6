import type { Judgement, Observation, Observed } from '../../model/control.ts';
import type { Statement } from '../../model/statements.ts';
import { defineControl, judged, need, part, regardless } from '../define-control.ts';
import { AWS_KMS } from '../key-needs.ts';
import { vaultOnly } from '../vault-only.ts';

const UNSEAL: Statement = 'unseal-shares-held';
const RECOVERY: Statement = 'recovery-shares-held';
const SHAMIR = 'shamir';

const STATES = need('provider-state', 'self', 'either');
const SHARES_NEEDS = {
  states: STATES,
  attested: need('declaration', 'self', 'more-helps', { leastGrade: 'declared', statements: [UNSEAL, RECOVERY] }),
} as const;
const OPENER_NEEDS = {
  states: STATES,
  snapshots: need('provider-snapshot', 'self', 'more-helps'),
  others: need('provider-state', 'install-providers', 'more-helps'),
} as const;

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
  remediation: `Let the people who hold the shares confirm it, and record that in attestations.yaml as ${UNSEAL} (or ${RECOVERY} where Vault opens itself). Keep the unsealing key in another provider than the one it opens.`,
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
        if (state === undefined || seal === null) return judged('unknown', 'it does not tell what seals it');
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
      judge(observed: Observed<typeof OPENER_NEEDS>) {
        const state = observed.states[0];
        const seal = state?.value.sealType ?? null;
        if (state === undefined || seal === null) return judged('unknown', 'it does not tell what seals it');
        if (seal !== SHAMIR) return judgeOpener(state, seal, observed);
        return regardless(judged('holds', 'people open it with their shares', [state]), 'snapshots', 'others');
      },
    }),
  ],
});

/**
 * Snapshots name the key that opens them: for KMS its ARN, for Transit only a version, neither Vault nor key name.
 */
function judgeOpener(
  state: Observation<'provider-state'>,
  seal: string,
  { snapshots, others }: Observed<typeof OPENER_NEEDS>,
): Judgement {
  const arns = snapshots
    .map(({ value }) => value.sealKeyId)
    .filter((id) => id !== null)
    .filter((id) => id.startsWith('arn:'));
  const opener = others.find(
    ({ value }) =>
      value.kind === AWS_KMS &&
      arns.some((arn) => arn.split(':')[3] === value.region && arn.split(':')[4] === value.account),
  );
  if (opener !== undefined) {
    return judged('holds', 'the account and region whose key opens it answer', [state, opener]);
  }
  return judged('unknown', `it is opened by ${seal}, and whether that answers is not known`, [state]);
}
