import { expect, it } from 'vitest';
import { ForbiddenRequestError } from '../../../src/collect/guard/forbidden-request-error.ts';
import { proveTransitKey } from '../../../src/collect/keys/transit-proof.ts';
import { createVaultClient } from '../../../src/collect/keys/vault-client.ts';
import { matchVaultReadRequest, vaultReadPolicy } from '../../../src/collect/keys/vault-requests.ts';
import { Secret } from '../../../src/model/secret.ts';
import { type Answer, json, scriptedServer } from '../conformance/scripted-server.ts';

/* What a real Vault answers is in test/e2e/key-proofs.test.ts; here are the cases that take a key of another make. */

const SAMPLE = 'vault:v2:c2FtcGxlIG9mIGEgZGF0YSBrZXk=';
const REWRAPPED = 'vault:v3:cmV3cmFwcGVk';

async function prove(
  answer: Answer,
  { version = 2, value = SAMPLE, context = undefined as string | undefined, allowed = true } = {},
) {
  await using server = await scriptedServer(answer);
  const token = new Secret('hvs.token');
  const client = createVaultClient({ address: server.address, token, timeoutMillis: 5000, prove: allowed });
  try {
    const proof = await proveTransitKey(client, 'transit', {
      keyRef: 'acme',
      version,
      sample: { value, context, mechanism: null },
    });
    return { proof, seen: [...server.seen] };
  } finally {
    void client.close();
  }
}

const wrapsAnew: Answer = (_, response) => json(response, 200, { data: { ciphertext: REWRAPPED, key_version: 3 } });
const refuses =
  (status: number, text: string): Answer =>
  (_, response) =>
    json(response, status, { errors: [`${text} ${SAMPLE}`] });

it('a sample that is wrapped anew proves its version, and what came back is dropped', async () => {
  const { proof, seen } = await prove(wrapsAnew, { context: 'YWNtZQ==' });
  expect(proof).toMatchObject({ version: 2, outcome: 'unwrapped' });
  expect(JSON.stringify(proof)).not.toContain('cmV3cmFwcGVk');
  expect(seen.map(({ method, url }) => `${method} ${url}`)).toEqual(['POST /v1/transit/rewrap/acme']);
  expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ ciphertext: SAMPLE, context: 'YWNtZQ==' });
  const bytes = `\\x${Buffer.from(SAMPLE).toString('hex')}`;
  expect((await prove(wrapsAnew, { value: bytes })).proof.outcome).toBe('unwrapped');
});

it.each([
  ['ciphertext or signature version is disallowed by policy (too old)', 'refused', 'too old'],
  ['invalid ciphertext: version is too new', 'refused', 'no such version of the key'],
  ['encryption key not found', 'refused', 'no such key'],
  ['cipher: message authentication failed', 'refused', 'damaged, of another key'],
  ['invalid ciphertext: could not decode base64', 'refused', 'damaged'],
  ["missing 'context' for key derivation; the key was created using a derived key", 'unproven', 'takes a context'],
])('%s: %s', async (text, outcome, because) => {
  const { proof } = await prove(refuses(400, text));
  expect(proof).toMatchObject({ version: 2, outcome, because: expect.stringContaining(because) });
  expect(proof.because).not.toContain(SAMPLE);
});

it.each([
  ['of another tool', 'AQICAHh…', 'begins with vault:v'],
  ['of another version', 'vault:v1:c2FtcGxl', 'recorded for version 2 was wrapped by version 1'],
])('a sample %s shows nothing, and is not sent', async (_, value, because) => {
  const { proof, seen } = await prove(wrapsAnew, { value });
  expect(proof).toMatchObject({ outcome: 'unproven', because: expect.stringContaining(because) });
  expect(seen).toEqual([]);
});

it.each([
  [403, 'permission denied', 'unauthorized'],
  [503, 'Vault is sealed', 'unreachable'],
  [500, 'internal error', 'unreachable'],
  [400, 'something new', 'malformed'],
])('status %i with %s is a blind spot that repeats nothing of it', async (status, text, reason) => {
  const error = await prove(refuses(status, text)).catch((one: unknown) => one);
  expect(error).toMatchObject({ reason });
  expect(`${String(error)}${JSON.stringify(error)}`).not.toContain('c2FtcGxl');
});

it('an answer without a ciphertext proves nothing', async () => {
  const error = await prove((_, response) => json(response, 200, { data: {} })).catch((one: unknown) => one);
  expect(error).toMatchObject({ reason: 'malformed' });
});

it('rewrapping is on the list only where keys are to be proven', async () => {
  const url = (path: string) => new URL(`http://vault/v1/${path}`);
  expect(matchVaultReadRequest('POST', url('transit/rewrap/acme'))).toBeNull();
  expect(matchVaultReadRequest('POST', url('transit/rewrap/acme'), true)).not.toBeNull();
  for (const path of ['transit/decrypt/acme', 'transit/encrypt/acme', 'sys/rewrap/acme', 'transit/rewrap/']) {
    expect(matchVaultReadRequest('POST', url(path), true), path).toBeNull();
  }
  await expect(prove(wrapsAnew, { allowed: false })).rejects.toThrow(ForbiddenRequestError);
  expect(vaultReadPolicy(['transit'])).not.toContain('rewrap');
  expect(vaultReadPolicy(['transit'], { prove: true })).toContain(
    'path "transit/rewrap/+" { capabilities = ["update"] }',
  );
});
