import type { Observation, Truth } from '../model/control.ts';

/** What tells whether places are encrypted; facts and statements bear the name of the location as key. */
export interface EncryptionFacts {
  readonly places: readonly Observation<'store-encryption'>[];
  /** Statements that a place is encrypted on its disks. */
  readonly attested: readonly Observation<'declaration'>[];
}

/** Whether a copy is encrypted where it lies. */
export interface AtRest {
  readonly truth: Truth;
  /** Without a verb, to stand behind "1 copy" or "3 copies" where it holds; else a reason. */
  readonly because: string;
  readonly cites: readonly Observation[];
  /** True where what its place tells of itself could not change this. */
  readonly regardlessOfPlace: boolean;
}

/**
 * A copy is encrypted by its own format, by the service that keeps it, or by the place that it lies in. What a service
 * says of a copy outweighs an attestation; a place that encrypts by default does so since that was set, and an
 * attestation speaks of its disks, of which the default of a bucket tells nothing.
 */
export function encryptionAtRest(copy: Observation<'copy'>, { places, attested }: EncryptionFacts): AtRest {
  const { location, encrypted, kept } = copy.value;
  const sure = { cites: [], regardlessOfPlace: true } as const;
  if (encrypted === true) {
    const because = kept === undefined ? 'encrypted by their own format' : 'encrypted, as their service says';
    return { truth: 'holds', because, ...sure };
  }
  if (encrypted === false && kept !== undefined) {
    return { truth: 'fails', because: 'its service says that it is not encrypted', ...sure };
  }
  const statement = attested.find(({ subject }) => subject.key === location);
  if (statement !== undefined) {
    const because = `in ${location}, attested to be encrypted (attestation ${statement.value.id})`;
    return { truth: 'holds', because, cites: [statement], regardlessOfPlace: true };
  }
  const place = places.find(({ subject }) => subject.key === location);
  const own = encrypted === null ? 'whether it is encrypted itself is not told' : 'it is not encrypted itself';
  if (place === undefined) {
    const because = `${own}, and ${location} did not tell whether it encrypts what lies there`;
    return { truth: 'unknown', because, cites: [], regardlessOfPlace: false };
  }
  const { byDefault, algorithm } = place.value;
  const seen = { cites: [place], regardlessOfPlace: false } as const;
  if (byDefault === 'yes') {
    return {
      truth: 'holds',
      because: `in ${location}, which encrypts by default (${algorithm ?? 'not told how'})`,
      ...seen,
    };
  }
  if (byDefault === 'no') {
    const because = `${own}, and ${location} has no default encryption`;
    return { truth: encrypted === null ? 'unknown' : 'fails', because, ...seen };
  }
  const because = `${own}, and nobody sees the disks of ${location}: attest encryption-at-rest for location:${location}`;
  return { truth: 'unknown', because, ...seen };
}
