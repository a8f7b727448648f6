import type { Facts } from '../../model/facts.ts';
import { AZURE_WRAPPINGS, type AzureWrapping } from '../../model/wrapping.ts';
import type { AzureClient } from './azure-client.ts';
import { isAzureBadParameter, isAzureDisabled, isAzureNotFound, isAzureOperationForbidden } from './azure-error.ts';
import { azureReference, refuse } from './azure-keys.ts';
import type { ProofQuestion } from './key-provider.ts';
import { bytesOfSample, otherWrapping, statedWrapping } from './sample-wrapping.ts';

type Proof = Facts['unwrap-proof'];

/** What one version of a key made of a sample. */
type Tried =
  | 'unwrapped'
  /** It is not of this version, or damaged. */
  | 'wrong'
  | 'disabled'
  /** It may not be used for the operation. */
  | 'not-permitted'
  | 'missing'
  /** Its kind or length is none that could have wrapped the sample so: it was not asked. */
  | 'unfit';

/** Of a record that names no version, how many are tried: of a key that is rotated monthly, those of two years. */
const MOST_TRIED = 24;

/**
 * Has a vault or Managed HSM unwrap a sample; the plaintext is overwritten as it comes. A record that names a version is
 * tried with this one; another with every version that is enabled, newest first, as nothing tells which one it means.
 *
 * @param configured how samples were wrapped that do not tell it themselves
 * @throws SourceError where the service does not answer the question, such as unauthorized with the action to allow
 */
export async function proveAzureKey(
  client: AzureClient,
  configured: AzureWrapping | null,
  { keyRef, version, sample }: ProofQuestion,
): Promise<Proof> {
  const answer = (outcome: Proof['outcome'], because: string): Proof => ({ version, outcome, because });
  const stated = statedWrapping(sample, configured, AZURE_WRAPPINGS, client.locator);
  if (stated.is === 'other') return answer('unproven', otherWrapping(AZURE_WRAPPINGS));
  const { wrapping } = stated;
  const bytes = bytesOfSample(sample.value);
  if (bytes === null) return answer('unproven', 'the sample is neither bytes nor base64');
  if (client.prove === 'decrypt' && !wrapping.startsWith('RSA-')) {
    return answer('unproven', `${wrapping} is no algorithm of decrypt, which the configuration names as unwrapBy`);
  }
  const named = azureReference(client, keyRef);
  const { name } = named;
  const versions = named.version === null ? await enabledVersions(client, name) : [named.version];
  if (versions === null) return answer('refused', 'the service has no such key');
  const tried: Tried[] = [];
  for (const one of versions.slice(0, MOST_TRIED)) {
    const came = await tryVersion(client, { name, version: one }, wrapping, bytes);
    if (came === 'unwrapped') {
      const because = `the service unwrapped the sample by ${wrapping} with its version ${one}, and the plaintext was overwritten as it came`;
      return answer('unwrapped', because);
    }
    tried.push(came);
  }
  return verdict(tried, versions.length, wrapping, answer);
}

/** Newest first; null where there is no such key. */
async function enabledVersions(client: AzureClient, name: string): Promise<readonly string[] | null> {
  try {
    const listed = await client.versions(name);
    if (listed.length === 0) return null;
    return listed
      .filter(({ enabled }) => enabled === true)
      .sort((a, b) => (b.createdOn?.getTime() ?? 0) - (a.createdOn?.getTime() ?? 0))
      .flatMap(({ version }) => version ?? []);
  } catch (error) {
    if (isAzureNotFound(error)) return null;
    return refuse(client, 'versions', `versions of ${name}`, error);
  }
}

async function tryVersion(
  client: AzureClient,
  { name, version }: { readonly name: string; readonly version: string },
  wrapping: AzureWrapping,
  bytes: Buffer,
): Promise<Tried> {
  const subject = `key ${name}/${version}`;
  const operation = client.prove ?? 'unwrapKey';
  try {
    const { keyType, keyOperations, key } = await client.key(name, version);
    if (!fits(wrapping, keyType ?? null, key?.n?.length ?? null, bytes)) return 'unfit';
    if (keyOperations !== undefined && !keyOperations.includes(operation)) return 'not-permitted';
  } catch (error) {
    return cameOf(error) ?? refuse(client, 'keyVersion', subject, error);
  }
  try {
    await client.unwrapAndForget(name, version, wrapping, bytes);
    return 'unwrapped';
  } catch (error) {
    if (isAzureBadParameter(error)) return 'wrong';
    return cameOf(error) ?? refuse(client, operation, subject, error);
  }
}

function cameOf(error: unknown): Tried | null {
  if (isAzureDisabled(error)) return 'disabled';
  if (isAzureOperationForbidden(error)) return 'not-permitted';
  return isAzureNotFound(error) ? 'missing' : null;
}

/**
 * Whether a key of this kind could have wrapped so many bytes so: RSA keys (`RSA`, `RSA-HSM`) into as many as their modulus
 * has, symmetric ones (`oct`, `oct-HSM`) into blocks of eight, of which there are two at least (RFC 3394, RFC 5649).
 */
function fits(wrapping: AzureWrapping, type: string | null, modulusBytes: number | null, { length }: Buffer): boolean {
  const kind = wrapping.startsWith('RSA-') ? 'RSA' : 'oct';
  if (type !== null && type.replace(/-HSM$/, '') !== kind) return false;
  if (kind === 'RSA') return modulusBytes === null || length === modulusBytes;
  return length >= 16 && length % 8 === 0;
}

function verdict(
  tried: readonly Tried[],
  count: number,
  wrapping: AzureWrapping,
  answer: (outcome: Proof['outcome'], because: string) => Proof,
): Proof {
  if (count === 0) return answer('refused', 'every version of the key is disabled');
  if (count > tried.length) {
    const because = `none of the ${tried.length} newest versions of the key unwraps the sample, and older ones were not tried: its record names no version`;
    return answer('unproven', because);
  }
  if (tried.every((one) => one === 'unfit')) {
    const because = `the sample is nothing that ${count === 1 ? 'this version of the key' : 'any version of the key'} could have wrapped by ${wrapping}: kind or length do not fit`;
    return answer('unproven', because);
  }
  const shown = tried.filter((one) => one !== 'unfit');
  const because = [...new Set(shown)].map((one) => TEXTS[one]).join('; ');
  return answer(
    'refused',
    count === 1 ? because : `none of its ${count} enabled versions unwraps the sample: ${because}`,
  );
}

const TEXTS: Readonly<Record<Tried, string>> = {
  unwrapped: 'it unwraps',
  wrong:
    'the service cannot unwrap the sample: it is damaged, of another key or version, or was wrapped otherwise than is stated',
  disabled: 'the version is disabled',
  'not-permitted': 'the key may not be used for it (key_ops)',
  missing: 'the service has no such version of the key',
  unfit: 'it does not fit',
};
