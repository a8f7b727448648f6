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
    const endsAt = seen.clock + LIMIT;
    if (seen.reason === null) return { items: [] };
    await Promise.resolve();
    if (seen.reason === 'timeout') seen.clock = Math.max(seen.clock, endsAt);
    throw new SourceError(seen.reason ?? 'malformed', 'vault: no answer', 'Look.');
  };
  const provider = {
    id: 'v',
    kind: 'vault-transit',
    locator: 'Vault at https://vault',
    state: answer,
    key: answer,
  } as unknown as KeyProvider;
  return { seen, provider: patientKeyProvider(provider, LIMIT, () => seen.clock) };
}

const ended = (answer: Promise<unknown>) =>
  answer.then(
    () => 'answered',
    (error: unknown) => (error instanceof Error ? error.message : ''),
  );

it('is left alone for a while after it was silent three times in a row, and says so', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'timeout';
  for (const key of ['a', 'b', 'c']) expect(await ended(provider.key(key))).toBe('vault: no answer');
  for (const key of ['d', 'e', 'f']) {
    await expect(provider.key(key)).rejects.toMatchObject({
      reason: 'timeout',
      // Of the keys that were asked about before it says nothing: they may be of another organization.
      message: 'Vault at https://vault did not answer in time so often in a row that it was left alone for a while',
    });
  }
  expect(seen.asked).toBe(3);
});

it('is not left alone for a silence that many questions met together, and costs those alone', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'timeout';
  const together = Array.from({ length: 20 }, (_, index) => ended(provider.key(`${index}`)));
  expect(new Set(await Promise.all(together))).toEqual(new Set(['vault: no answer']));
  await ended(provider.key('again'));
  seen.reason = null;
  const later = Array.from({ length: 20 }, (_, index) => ended(provider.key(`later ${index}`)));
  expect(new Set(await Promise.all(later))).toEqual(new Set(['answered']));
});

it('is asked again after that, each time later, and as before once it answers', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'timeout';
  while (seen.clock < 100 * LIMIT) {
    await ended(provider.key('a'));
    seen.clock += LIMIT / 10;
  }
  expect(seen.asked).toBeLessThan(10);
  seen.reason = null;
  seen.clock += 200 * LIMIT;
  expect(await ended(provider.key('a'))).toBe('answered');
  const before = seen.asked;
  for (let index = 0; index < 5; index += 1) expect(await ended(provider.key('a'))).toBe('answered');
  expect(seen.asked - before).toBe(5);
});

it('is never left alone for another reason', async () => {
  const { seen, provider } = scripted();
  seen.reason = 'unauthorized';
  for (let index = 0; index < 5; index += 1) expect(await ended(provider.key('a'))).toBe('vault: no answer');
  expect(seen.asked).toBe(5);
});
