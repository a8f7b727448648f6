import type { Facts } from '../../model/facts.ts';

/** What was proven in this run, so that each key version is used once at most, and how much may still be. */
export interface ProofLedger {
  readonly known: Map<string, Promise<Facts['unwrap-proof']>>;
  left: number;
}

export function createProofLedger(budget: number): ProofLedger {
  return { known: new Map(), left: budget };
}
