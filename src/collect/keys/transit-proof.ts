import { z } from 'zod';
import type { Facts } from '../../model/facts.ts';
import type { ProofQuestion } from './key-provider.ts';
import type { VaultClient } from './vault-client.ts';
import { readVaultBody, vaultError } from './vault-error.ts';
import { vaultSaid } from './vault-said.ts';

type Proof = Facts['unwrap-proof'];

/** `vault:v1:` and base64 (Vault documentation, "Transit secrets engine", "Usage"). */
const CIPHERTEXT = /^vault:v([1-9]\d{0,9}):[A-Za-z0-9+/=_-]+$/;

const rewrapSchema = z.object({ data: z.object({ ciphertext: z.string().regex(CIPHERTEXT) }) });

/** What Vault says of a ciphertext that it does not take (sdk/helper/keysutil/policy.go of Vault 1.21). */
const REFUSALS: readonly (readonly [RegExp, Proof['outcome'], string])[] = [
  [
    /too old|disallowed by policy/,
    'refused',
    'Vault refuses this version as too old: it was trimmed, or is below min_decryption_version',
  ],
  [
    /too new/,
    'refused',
    'Vault has no such version of the key: the sample is of another key, or the key was made anew',
  ],
  [/key not found/, 'refused', 'Vault has no such key'],
  [
    /missing 'context'|context.*required|failed to base64-decode context/,
    'unproven',
    'the key takes a context, which the samples of the mapping do not give',
  ],
  [
    /message authentication failed|unable to decrypt|invalid ciphertext|rsa decrypt|decryption error/,
    'refused',
    'Vault cannot decrypt the sample: it is damaged, of another key, or was wrapped with other data beside it',
  ],
];

/**
 * Has Vault rewrap a sample. What comes back is ciphertext, and is dropped.
 *
 * @throws SourceError where Vault does not answer the question, such as unauthorized with the policy line to add
 */
export async function proveTransitKey(client: VaultClient, mount: string, question: ProofQuestion): Promise<Proof> {
  const { keyRef, version, sample } = question;
  const ciphertext = textOf(sample.value);
  const wrappedBy = CIPHERTEXT.exec(ciphertext)?.[1];
  if (wrappedBy === undefined) {
    return {
      version,
      outcome: 'unproven',
      because: 'the sample is no ciphertext of Transit, which begins with vault:v',
    };
  }
  if (version !== null && Number(wrappedBy) !== version) {
    const because = `the sample that is recorded for version ${version} was wrapped by version ${wrappedBy}`;
    return { version, outcome: 'unproven', because };
  }
  const context = sample.context == null ? {} : { context: sample.context };
  const parameters = { mount, name: keyRef, body: { ciphertext, ...context } };
  const answer = await client.ask('rewrap', parameters);
  if (answer.status === 200) {
    readVaultBody(client, 'rewrap', answer, rewrapSchema);
    return {
      version,
      outcome: 'unwrapped',
      because: 'Vault decrypted the sample and wrapped it anew, and its plaintext never left Vault',
    };
  }
  const said = vaultSaid(answer);
  const refusal = answer.status === 403 ? undefined : REFUSALS.find(([pattern]) => pattern.test(said));
  if (refusal === undefined) throw vaultError(client, 'rewrap', { mount, name: keyRef }, answer);
  return { version, outcome: refusal[1], because: refusal[2] };
}

/** The ciphertext, where a column of bytes holds its characters. */
function textOf(value: string): string {
  return value.startsWith('\\x') ? Buffer.from(value.slice(2), 'hex').toString('latin1') : value.trim();
}
