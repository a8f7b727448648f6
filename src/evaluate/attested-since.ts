import type { JudgeContext, Observation } from '../model/control.ts';
import { DAY, type Instant, toMillis } from '../model/instant.ts';
import { instantText } from '../model/text.ts';
import { ownKeyring, recordsFor } from './key-needs.ts';
import { keyUses } from './keys.ts';

/**
 * Since when a keyring's key is used, as what is attested of its material can speak only of a key that was there by then: a
 * rotation in an HSM, or in a provider whose keys hold imported material, is another key under the same keyring.
 */

type Attested = Observation<'declaration'>;

/** The first use of a key that is recorded: it existed by then. */
export interface FirstUse {
  readonly since: Instant | null;
  /** Whether a statement about the keyring counts where nothing is recorded: no record could tell of the install's. */
  readonly isUnlessRecorded: boolean;
}

export function firstUse(
  {
    keyrings,
    records,
  }: {
    readonly keyrings: readonly Observation<'keyring'>[];
    readonly records: readonly Observation<'key-version'>[];
  },
  context: JudgeContext,
): FirstUse {
  const keyring = ownKeyring(keyrings, context);
  const rows = recordsFor(records, context);
  const uses = keyring === undefined ? [] : keyUses(keyring, rows);
  // The install's keyring tells when it was rotated last, and nothing where it never was.
  return { since: uses.flatMap(({ since }) => since ?? []).sort()[0] ?? null, isUnlessRecorded: rows === null };
}

/** The first statement of a day on which the key was in use already. */
export function inUseBy(attested: readonly Attested[], { since, isUnlessRecorded }: FirstUse): Attested | undefined {
  return attested.find(({ value }) =>
    since === null ? isUnlessRecorded : toMillis(since) < toMillis(value.date) + DAY,
  );
}

/** Why a statement may not speak of the key, as a clause. */
export function notInUseText({ since }: FirstUse): string {
  return since === null
    ? 'nothing records since when the key is used'
    : `the first use of the key that is recorded is of ${instantText(since)}`;
}
