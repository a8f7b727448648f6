import type { Judgement, Observation, Truth } from '../model/control.ts';
import type { Loss } from '../model/policy.ts';
import { AZURE_STATEMENTS, EXPORTED, judgeAzureProvider } from './azure-recovery.ts';
import { regardless } from './define-control.ts';
import { AZURE, PKCS11 } from './key-needs.ts';
import { isHsm } from './key-peers.ts';

/**
 * What only its owner can say of a lost provider: that what it is made anew from is kept. An HSM by the method of its
 * maker; a Managed HSM from its security domain and a full backup (Microsoft Learn, "Managed HSM disaster recovery"); a
 * vault from backups of its keys, which another subscription does not take (Microsoft Learn, "Azure Key Vault backup and
 * restore").
 */

type State = Observation<'provider-state'>;
type Attested = readonly Observation<'declaration'>[];

/** Statements about providers that tell it. */
export const BACKUP_STATEMENTS = AZURE_STATEMENTS;

const KINDS: ReadonlySet<string> = new Set([AZURE, PKCS11]);

/** Whether anything can be attested of a provider that would bring it back. */
export function canBeAttested({ value }: State): boolean {
  return KINDS.has(value.kind);
}

/** What nobody attests, as a clause; empty where all that it takes is attested. */
export function notAttested(state: State, attested: Attested, loss: Loss): string {
  const { kind, service } = state.value;
  if (kind === AZURE && service !== 'key-vault') {
    const { truth, because } = judgeAzureProvider(state, attested);
    return truth === 'holds' ? '' : because;
  }
  if (kind === AZURE && loss.level === 'account')
    return 'backups of its keys are restored in its own subscription only';
  if (attested.some(({ value }) => value.statement === EXPORTED)) return '';
  return kind === AZURE
    ? 'nobody attests that backups of its keys are kept'
    : 'nobody attests that its keys were exported';
}

/** A way to have a lost provider back that rests on somebody's word: nobody saw it, so that it is never certain. */
export function attestedWay(
  id: string,
  state: State | undefined,
  attested: Attested,
  loss: Loss,
): { readonly truth: Truth; readonly because: string; readonly cites: Attested } {
  if (state === undefined || !canBeAttested(state)) return { truth: 'fails', because: '', cites: [] };
  const lacking = notAttested(state, attested, loss);
  if (lacking !== '') return { truth: 'fails', because: lacking, cites: [] };
  const owners = [...new Set(attested.map(({ value }) => value.owner))].join(' and ');
  const because = `${owners} attested that what key provider ${id} is made anew from is kept, and only a restore shows that it brings the keys back`;
  return { truth: 'unknown', because, cites: attested };
}

/**
 * The same of one key of a lost HSM. It fails where nobody attests an export of it.
 *
 * @param exported statements about the key alone
 */
export function exportedWay(state: State | undefined, exported: Attested): ReturnType<typeof attestedWay> {
  if (state === undefined || !isHsm(state) || exported.length === 0) return { truth: 'fails', because: '', cites: [] };
  const owners = [...new Set(exported.map(({ value }) => value.owner))].join(' and ');
  const because = `${owners} attested that the key was exported, and only importing it elsewhere shows that this brings it back`;
  return { truth: 'unknown', because, cites: exported };
}

/** The same judgement, which attestations could not change where no provider is of a kind that they bring back. */
export function exceptAttested(
  judgement: Judgement,
  observed: { readonly providers: readonly State[]; readonly installProviders: readonly State[] },
): Judgement {
  const { providers, installProviders } = observed;
  const own = [...(providers.some(canBeAttested) ? [] : ['backups']), ...(providers.some(isHsm) ? [] : ['exports'])];
  const install = [
    ...(installProviders.some(canBeAttested) ? [] : ['installBackups']),
    ...(installProviders.some(isHsm) ? [] : ['installExports']),
  ];
  return own.length + install.length === 0 ? judgement : regardless(judgement, ...own, ...install);
}
