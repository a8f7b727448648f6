import type { BlindSpot } from '../../model/evidence.ts';
import type { Facts } from '../../model/facts.ts';
import type { Instant } from '../../model/instant.ts';
import { SourceError } from '../../model/source-error.ts';
import type { KeyProvider, WrappedSample } from '../keys/key-provider.ts';
import type { KeyLine, ProofLine, ProviderLine } from './provider-lines.ts';
import { laterFirst, standsAlone } from './two-looks.ts';

/** A key provider as it was asked where it can be reached, and brought here in a bundle of that host. */
export interface RecordedProvider {
  readonly id: string;
  /** Host whose bundle it came in, as that host calls itself. */
  readonly host: string;
  readonly collectedAt: Instant;
  readonly itself: ProviderLine;
  /** By the reference that keyrings hold. */
  readonly keys: ReadonlyMap<string, KeyLine>;
  /** By {@link proofKey}. */
  readonly proofs: ReadonlyMap<string, ProofLine>;
  /** Keyed digest of a wrapped sample, as the lines have them; null where the hosts share no key. */
  readonly sampleDigest: (sample: WrappedSample) => string | null;
}

/** @param sample keyed digest of the sample that was unwrapped; null where the bundle does not tell which it was */
export function proofKey(keyRef: string, version: number | null, sample: string | null): string {
  return JSON.stringify([keyRef, version, sample]);
}

/**
 * One provider as two bundles tell it: of two answers to one question the newer stands, also where it is a failed one, as
 * what answered before may be gone since. Where the provider itself did not answer any more, nothing of before counts. It is
 * as old as the oldest answer that is in it.
 *
 * @param reachedFrom host that alone is said to reach it
 */
export function unitedProviders(
  one: RecordedProvider,
  other: RecordedProvider,
  reachedFrom?: string,
): RecordedProvider {
  const alone = standsAlone(one, other, isUnanswered, reachedFrom);
  if (alone !== null) return alone;
  const [newer, older] = laterFirst(one, other, isUnanswered);
  // What is reached otherwise may be another one.
  if (newer.itself.definition !== older.itself.definition || isUnanswered(newer)) return newer;
  const keys = new Map([...older.keys, ...newer.keys]);
  const proofs = new Map([...older.proofs, ...newer.proofs]);
  const usesOlder = keys.size > newer.keys.size || proofs.size > newer.proofs.size;
  return { ...newer, collectedAt: usesOlder ? older.collectedAt : newer.collectedAt, keys, proofs };
}

function isUnanswered({ itself: { state } }: RecordedProvider): boolean {
  return state.blindSpot !== null && state.items.length === 0;
}

/** Answers what the provider answered on the other host. Of what it was not asked there, that is the answer. */
export function recordedKeyProvider(kind: string, recorded: RecordedProvider): KeyProvider {
  const { id, host, itself } = recorded;
  const { locator, operations, tells, peer } = itself;
  const ofKey = <A>(keyRef: string, pick: (line: KeyLine) => A | null): Promise<A> => {
    const line = recorded.keys.get(keyRef);
    const found = line === undefined ? null : pick(line);
    return found === null ? Promise.reject(keyNotAsked(id, host)) : Promise.resolve(found);
  };
  return {
    id,
    kind,
    locator,
    operations,
    state: () => Promise.resolve(itself.state),
    key: (keyRef) => ofKey(keyRef, ({ state }) => state),
    ...(tells.settings ? { settings: (keyRef: string) => ofKey(keyRef, ({ settings }) => settings) } : {}),
    ...(tells.rotation ? { rotation: (keyRef: string) => ofKey(keyRef, ({ rotation }) => rotation) } : {}),
    ...(operations.names === undefined ? {} : { names: () => Promise.reject(namesNotAsked(id, host)) }),
    rights: () => (itself.rights === null ? null : Promise.resolve(itself.rights)),
    ...(tells.proofs
      ? {
          prove(keyRef: string, version: number | null, sample: WrappedSample): Promise<Facts['unwrap-proof']> {
            const digest = recorded.sampleDigest(sample);
            const line = digest === null ? undefined : recorded.proofs.get(proofKey(keyRef, version, digest));
            if (line === undefined) return Promise.reject(whyNotProven(recorded, keyRef, version));
            return line.proof === null ? Promise.reject(errorOf(line.blindSpot)) : Promise.resolve(line.proof);
          },
        }
      : {}),
    observedDomain: () => itself.domain,
    clockOffsetMillis: () => itself.clockOffsetMillis,
    mountUuid: () => itself.mountUuid,
    ...(peer === null
      ? {}
      : {
          peer: {
            locator: peer.locator,
            operations: peer.operations,
            state: () => Promise.resolve(peer.state),
            key: (keyRef: string) => ofKey(keyRef, (line) => line.peer),
          },
        }),
    close: () => undefined,
  };
}

/** Why nothing is known of a provider that another host alone can reach. */
export function whyNoAnswer(
  { id, host }: { readonly id: string; readonly host: string },
  recorded: RecordedProvider | null,
): SourceError {
  const message =
    recorded === null
      ? `key provider ${id} can be reached from host ${host} alone, and no bundle of that host was joined`
      : `key provider ${id} was asked on host ${host} as a plan states it, and is configured otherwise by now`;
  const remedy = `Write a plan (recoverage plan --only providers:${id}), answer it there (recoverage collect --plan), and join the bundle: scan --with.`;
  return new SourceError('not-asked', message, remedy);
}

function keyNotAsked(id: string, host: string): SourceError {
  return new SourceError(
    'not-asked',
    `key provider ${id} was not asked about this key when host ${host} was collected`,
    `Write a new plan, which names the keys that are in use by now (recoverage plan --only providers:${id}), and collect by it.`,
  );
}

function namesNotAsked(id: string, host: string): SourceError {
  return new SourceError(
    'not-asked',
    `key provider ${id} was asked on host ${host} about the keys that keyrings name, and not for the names of all its keys`,
    `Compare them there with the organizations of the install, if that matters here.`,
  );
}

/** What was unwrapped there may be another sample than the database has by now, of which it shows nothing. */
function whyNotProven(
  { id, host, itself, proofs }: RecordedProvider,
  keyRef: string,
  version: number | null,
): SourceError {
  const others = [...proofs.values()].filter((line) => line.keyRef === keyRef && line.version === version);
  const anew =
    'Write a new plan with the samples of today (recoverage plan --prove-keys), and collect by it with --prove-keys.';
  const left = itself.samplesLeftOut ?? 0;
  const isLeftOut = 'collect.proofs left it out of the plan';
  if (others.some((line) => line.sample !== undefined)) {
    const changed = 'the sample was changed since the plan was written';
    return new SourceError(
      'not-asked',
      `host ${host} had key provider ${id} unwrap another sample of this key version than the database has now: ${left > 0 ? `${changed}, or ${isLeftOut}` : changed}`,
      left > 0 ? `${anew} Raise collect.proofs where it leaves samples out.` : anew,
    );
  }
  if (others.length > 0) {
    return new SourceError(
      'not-asked',
      `the bundle of host ${host} does not tell which sample key provider ${id} unwrapped, so that it may be another than the database has now`,
      'Collect again with this version on that host (recoverage collect --plan --prove-keys).',
    );
  }
  return new SourceError(
    'not-asked',
    `key provider ${id} unwrapped no sample of this key version when host ${host} was collected${left > 0 ? `: it is new since the plan was written, or ${isLeftOut}` : ''}`,
    left > 0
      ? `${anew} Raise collect.proofs where it leaves samples out.`
      : 'Write a plan with the samples (recoverage plan --prove-keys), and collect by it with --prove-keys.',
  );
}

function errorOf(blindSpot: BlindSpot | null): SourceError {
  const { reason, detail, remedy } = blindSpot ?? {
    reason: 'malformed',
    detail: 'no answer',
    remedy: 'Collect again.',
  };
  return new SourceError(reason, detail, remedy);
}
