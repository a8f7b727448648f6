import type { Facts } from '../../model/facts.ts';

/** What was proven in this run, so that no sample is unwrapped twice, and how much may still be. */
export interface ProofLedger {
  /** By digest of the question: provider, key, version and sample. */
  readonly known: Map<string, Promise<Facts['unwrap-proof']>>;
  left: number;
}

export function createProofLedger(budget: number): ProofLedger {
  return { known: new Map(), left: budget };
}
