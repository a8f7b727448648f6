import { z } from 'zod';
import type { Facts } from '../../model/facts.ts';
import { isAwsError } from '../guard/aws-error.ts';
import type { ProofQuestion } from './key-provider.ts';
import type { KmsClient } from './kms-client.ts';
import { isKmsNotFound, kmsError, notOfCaller, printable } from './kms-error.ts';
import { bytesOfSample } from './sample-wrapping.ts';

type Proof = Facts['unwrap-proof'];

const contextSchema = z.record(z.string(), z.string());

/**
 * Has AWS KMS decrypt a sample; the plaintext is overwritten inside the client. A dry run would check the permission
 * alone and pass on any ciphertext, so it proves nothing here.
 * Source: AWS KMS API Reference, "Decrypt", errors.
 *
 * @param ownAccount account of the credentials; null where it is not known
 * @throws SourceError where KMS does not answer the question, such as unauthorized with the action to allow
 */
export async function proveKmsKey(
  client: KmsClient,
  { keyRef, version, sample }: ProofQuestion,
  ownAccount: string | null = null,
): Promise<Proof> {
  const answer = (outcome: Proof['outcome'], because: string): Proof => ({ version, outcome, because });
  const ofAnotherKey: Proof = { ...answer('refused', ANOTHER_KEY), isOfAnotherKey: true };
  const ciphertext = bytesOfSample(sample.value);
  if (ciphertext === null) return answer('unproven', 'the sample is neither bytes nor base64');
  const context = contextOf(sample.context);
  if (context === undefined) return answer('unproven', 'the context of the sample is no JSON object of texts');
  const subject = printable(keyRef);
  try {
    const { keyId } = await client.decryptAndForget(keyRef, ciphertext, context);
    if (keyId === null) throw kmsError(client, 'Decrypt', subject, null);
    if (isKeyArn(keyRef) && isKeyArn(keyId) && keyRef !== keyId) {
      // The replicas of a key bear its id in every region.
      return keyIdIn(keyRef) === keyIdIn(keyId) ? answer('refused', ANOTHER_KEY) : ofAnotherKey;
    }
    return answer('unwrapped', 'AWS KMS decrypted the sample, and the plaintext was overwritten unread');
  } catch (error) {
    if (isKmsNotFound(error)) {
      const elsewhere = notOfCaller(client, 'Decrypt', keyRef, ownAccount);
      if (elsewhere !== null) throw elsewhere;
      return answer('refused', 'AWS KMS has no such key');
    }
    if (isAwsError(error, 'IncorrectKeyException')) return ofAnotherKey;
    if (isAwsError(error, 'DisabledException')) return answer('refused', 'the key is disabled');
    if (isAwsError(error, 'KMSInvalidStateException')) {
      return answer('refused', 'the key is in a state in which it decrypts nothing, such as pending deletion');
    }
    if (isAwsError(error, 'InvalidCiphertextException')) {
      if (sample.context === undefined) {
        const because =
          'AWS KMS cannot decrypt the sample: it is damaged, or was wrapped with an encryption context, which the samples of the mapping have no column for';
        return answer('unproven', because);
      }
      return answer('refused', 'AWS KMS cannot decrypt the sample: it is damaged, or of another encryption context');
    }
    throw kmsError(client, 'Decrypt', subject, error);
  }
}

const ANOTHER_KEY = 'the sample was wrapped by another key';

function isKeyArn(reference: string): boolean {
  return /^arn:[a-z-]+:kms:[^:]+:\d+:key\//.test(reference);
}

function keyIdIn(arn: string): string {
  return arn.slice(arn.indexOf(':key/'));
}

/** Null: none. Undefined: something that is no context. */
function contextOf(text: string | null | undefined): Readonly<Record<string, string>> | null | undefined {
  if (text === null || text === undefined || text.trim() === '') return null;
  try {
    const parsed = contextSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
