import { SourceError } from '../../model/source-error.ts';
import type { KeyProvider } from './key-provider.ts';

/** Time limits without an answer, one after the other, until questions wait for one that tries whether it answers again. */
const UNTIL_TRIED = 2;
/** The same, until it is left alone. */
const UNTIL_LEFT_ALONE = 3;

/**
 * The same provider, which is left alone for a while after it was silent for several time limits one after the other:
 * thousands of keys would else wait for the same silence, each for its own limit. Before that, questions wait while one of
 * them tries it, so that a short silence costs no more than what was under way. One that answers is asked as before.
 *
 * @param timeoutMillis how long one question may take; so long it is left alone first, and twice as long each time it stays silent
 * @param now a clock that never goes back, in milliseconds
 */
export function patientKeyProvider(
  provider: KeyProvider,
  timeoutMillis: number,
  now: () => number = () => performance.now(),
): KeyProvider {
  const patiently = createPatience(provider.locator, timeoutMillis, now);
  const { settings, rotation, names, prove } = provider;
  return {
    ...provider,
    state: () => patiently(() => provider.state()),
    key: (keyRef) => patiently(() => provider.key(keyRef)),
    ...(settings === undefined ? {} : { settings: (keyRef) => patiently(() => settings.call(provider, keyRef)) }),
    ...(rotation === undefined ? {} : { rotation: (keyRef) => patiently(() => rotation.call(provider, keyRef)) }),
    ...(names === undefined ? {} : { names: () => patiently(() => names.call(provider)) }),
    ...(prove === undefined
      ? {}
      : { prove: (keyRef, version, sample) => patiently(() => prove.call(provider, keyRef, version, sample)) }),
  };
}

/** Puts a question, or throws in its place that the provider is left alone. */
type Patiently = <T>(ask: () => Promise<T>) => Promise<T>;

function createPatience(locator: string, timeoutMillis: number, now: () => number): Patiently {
  let silences = 0;
  let lastSilenceAt = Number.NEGATIVE_INFINITY;
  let pause = timeoutMillis;
  let leftAloneUntil = Number.NEGATIVE_INFINITY;
  let trial: Promise<void> | null = null;

  const put = async <T>(ask: () => Promise<T>): Promise<T> => {
    const askedAt = now();
    try {
      const answer = await ask();
      silences = 0;
      pause = timeoutMillis;
      return answer;
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'timeout') throw error;
      // Of those that were under way together the first tells enough.
      if (askedAt < lastSilenceAt) throw error;
      silences += 1;
      lastSilenceAt = now();
      if (silences >= UNTIL_LEFT_ALONE) {
        leftAloneUntil = lastSilenceAt + pause;
        pause *= 2;
      }
      throw error;
    }
  };

  return async (ask) => {
    while (silences >= UNTIL_TRIED) {
      if (now() < leftAloneUntil) throw leftAlone(locator);
      if (trial === null) {
        const tried = put(ask);
        trial = tried.then(
          () => undefined,
          () => undefined,
        );
        return await tried.finally(() => {
          trial = null;
        });
      }
      await trial;
    }
    return put(ask);
  };
}

/** Says nothing of the questions before, which may have been about another organization's key. */
function leftAlone(locator: string): SourceError {
  return new SourceError(
    'timeout',
    `${locator} did not answer in time so often in a row that it was left alone for a while`,
    'Find out why it does not answer, or raise collect.requestTimeoutSeconds, and collect again.',
  );
}
