import type { Observed } from '../../model/control.ts';
import type { Facts } from '../../model/facts.ts';
import { counted } from '../../model/text.ts';
import { defineControl, judged, need, part, unseen } from '../define-control.ts';
import { VAULT } from '../key-needs.ts';
import { namesText } from '../names-text.ts';
import { providerText } from '../provider-text.ts';

const NEEDS = {
  states: need('provider-state', 'self', 'either'),
  recorded: need('provider-record', 'self', 'either', { context: true, untriedIsNone: true }),
} as const;

/** KEY-1: the key provider answers and is unsealed. One that cannot be reached is a blind spot, not a gap. */
export const key1 = defineControl({
  id: 'KEY-1',
  title: 'The key provider answers',
  failureTitle: 'The key provider answers and cannot be used',
  severity: 'critical',
  bears: 'recovery',
  subject: 'provider',
  rationale: 'Data is encrypted under keys that never leave the provider: while it is shut, nothing can be decrypted.',
  remediation:
    'Unseal it with as many key shares as it asks for (vault operator unseal), or repair what unseals it by itself. A Vault that was never initialized is not the one that holds the keys: restore its snapshot. The same holds for a token of an HSM that was never initialized.',
  remediationUnknown:
    'Ask the provider itself: vault status tells whether it is initialized and sealed. Then let the audit read that with the rights that recoverage permissions prints.',
  limits: [],
  combine: 'all',
  parts: [
    part({
      name: 'it answers, open',
      needs: NEEDS,
      judge({ states, recorded }: Observed<typeof NEEDS>) {
        const state = states[0];
        if (state === undefined) return unseen('it gave no answer about itself');
        const { initialized, sealed, kind, sealThreshold } = state.value;
        if (initialized === false) return judged('fails', 'it was never initialized, so it holds no key', [state]);
        if (sealed === true) {
          const shares =
            sealThreshold === null
              ? ''
              : `; ${counted(sealThreshold, 'share')} ${sealThreshold === 1 ? 'is' : 'are'} needed to open it`;
          return judged('fails', `it is sealed, so no key in it can be used${shares}`, [state]);
        }
        if (sealed === null && kind === VAULT) {
          return judged('unknown', 'it does not tell whether it is sealed', [state]);
        }
        const open = sealed === false ? 'it answers and is unsealed' : 'it answers';
        const text = `${open}${providerText(state.value)}${clusterText(state.value)}${addressText(recorded)}`;
        return judged('holds', text, [state, ...recorded]);
      },
    }),
  ],
});

/** One server goes by many addresses: whether it is the one that the install uses, the reader must be able to tell. */
function addressText([difference]: Observed<typeof NEEDS>['recorded']): string {
  if (difference === undefined) return '';
  const { setting, recorded, configured } = difference.value;
  return `; it was asked at ${configured}, and the install records its ${setting} as ${recorded}`;
}

/** A raft cluster that is not healthy serves keys still, and is told of. */
function clusterText({ autopilot = null }: Facts['provider-state']): string {
  if (autopilot === null || autopilot.healthy) return '';
  const servers = autopilot.unhealthyServers.length === 0 ? '' : ` (${namesText(autopilot.unhealthyServers)})`;
  return `; its cluster is not healthy${servers}, and ${counted(autopilot.failureTolerance, 'more server')} may fail`;
}
