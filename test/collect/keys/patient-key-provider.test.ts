import { expect, it } from 'vitest';
import type { KeyProvider } from '../../../src/collect/keys/key-provider.ts';
import { patientKeyProvider } from '../../../src/collect/keys/patient-key-provider.ts';
import { SourceError } from '../../../src/model/source-error.ts';

const LIMIT = 1000;

/** A provider that answers while `reason` is null, each question after its time limit where it does not. */
function scripted() {
  const seen = { asked: 0, reason: null as SourceError['reason'] | null, clock: 0 };
  const answer = async () => {
    seen.asked += 1;
    if (seen.reason === null) return { items: [] };
    if (seen.reason === 'timeout') seen.clock += LIMIT;
    throw new SourceError(seen.reason, 'vault: no answer', 'Look.');
  };
  const provider = { id: 'v', kind: 'vault-transit', state: answer, key: answer } as unknown as KeyProvider;
  return { seen, provider: patientKeyProvider(provider, LIMIT, () => seen.clock) };
}

it('is left alone for a while after it was silent twice, and says so', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'timeout';
  await expect(provider.state()).rejects.toThrow(/^vault: no answer$/);
  await expect(provider.key('a')).rejects.toThrow(/^vault: no answer$/);
  for (const key of ['b', 'c', 'd']) {
    await expect(provider.key(key)).rejects.toMatchObject({
      reason: 'timeout',
      message: 'vault: no answer; after 2 questions in a row without an answer it was left alone for a while',
      remedy: 'Look.',
    });
  }
  expect(seen.asked).toBe(2);
});

it('is asked again after that, each time later, and as before once it answers', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'timeout';
  const ask = () =>
    provider.key('a').then(
      () => 'answered',
      () => 'silent',
    );
  const askUntil = async (until: number) => {
    const from = seen.asked;
    while (seen.clock < until) {
      await ask();
      seen.clock += LIMIT / 10;
    }
    return seen.asked - from;
  };
  expect(await askUntil(100 * LIMIT)).toBeLessThan(9);
  seen.reason = null;
  seen.clock += 200 * LIMIT;
  expect(await ask()).toBe('answered');
  const before = seen.asked;
  for (let index = 0; index < 5; index += 1) expect(await ask()).toBe('answered');
  expect(seen.asked - before).toBe(5);
});

it('is never left alone for another reason', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'unauthorized';
  for (let index = 0; index < 5; index += 1) await expect(provider.key('a')).rejects.toThrow('no answer');
  expect(seen.asked).toBe(5);
});
