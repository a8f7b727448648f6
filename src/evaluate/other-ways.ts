import type { Judgement, Observation } from '../model/control.ts';
import { exceptAttested } from './attested-backups.ts';
import { exceptMaterial } from './imported-material.ts';
import { exceptPeers } from './key-peers.ts';

type States = readonly Observation<'provider-state'>[];

/** The same judgement, which other ways to have keys back could not change where no provider or key is of a kind that has them. */
export function exceptOtherWays(
  judgement: Judgement,
  observed: { readonly providers: States; readonly installProviders: States } & Parameters<typeof exceptMaterial>[1],
): Judgement {
  return exceptMaterial(exceptAttested(exceptPeers(judgement, observed), observed), observed);
}
