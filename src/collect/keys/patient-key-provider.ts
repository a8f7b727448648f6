import { SourceError } from '../../model/source-error.ts';
import type { KeyProvider } from './key-provider.ts';

/** Questions in a row that may get no answer in time. */
const PATIENCE = 2;

/**
 * The same provider, which is left alone for a while after it did not answer in time, again and again: thousands of keys
 * would else wait for the same silence, each for its own time limit. One that answers again is asked as before.
 *
 * @param timeoutMillis how long one question may take; so long it is left alone first, and twice as long each time it stays silent
 * @param now a clock that never goes back, in milliseconds
 */
export function patientKeyProvider(
  provider: KeyProvider,
  timeoutMillis: number,
  now: () => number = () => performance.now(),
): KeyProvider {
  let silent = 0;
  let pause = timeoutMillis;
  let leftAloneUntil = Number.NEGATIVE_INFINITY;
  let last: SourceError | null = null;
  const patiently = async <T>(ask: () => Promise<T>): Promise<T> => {
    if (last !== null && now() < leftAloneUntil) throw leftAlone(last, silent);
    try {
      const answer = await ask();
      silent = 0;
      pause = timeoutMillis;
      leftAloneUntil = Number.NEGATIVE_INFINITY;
      return answer;
    } catch (error) {
      if (!(error instanceof SourceError) || error.reason !== 'timeout') throw error;
      last = error;
      silent += 1;
      // Of those that were under way together the first tells enough.
      if (silent >= PATIENCE && now() >= leftAloneUntil) {
        leftAloneUntil = now() + pause;
        pause *= 2;
      }
      throw error;
    }
  };
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

function leftAlone({ message, remedy }: SourceError, silent: number): SourceError {
  return new SourceError(
    'timeout',
    `${message}; after ${silent} questions in a row without an answer it was left alone for a while`,
    remedy,
  );
}
