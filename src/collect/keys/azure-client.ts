import { AsyncLocalStorage } from 'node:async_hooks';
import {
  CryptographyClient,
  type DeletedKey,
  KeyClient,
  type KeyClientOptions,
  type KeyProperties,
  type KeyVaultKey,
} from '@azure/keyvault-keys';
import { SourceError } from '../../model/source-error.ts';
import type { AzureUnwrapOperation, AzureWrapping } from '../../model/wrapping.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import type { AzureCredential } from './azure-credential.ts';
import { AzureRefusal, azureMalformed } from './azure-error.ts';
import { type AzureQuestionAsked, onlyGoodAnswers, patientWhenThrottled } from './azure-pipeline.ts';
import { type AzureService, azureServiceAt } from './azure-requests.ts';
import { createAzureTransport, interrupted, timedOut } from './azure-transport.ts';

export interface AzureClientOptions {
  /** `https://NAME.vault.azure.net` or `https://NAME.managedhsm.azure.net`. */
  readonly address: string;
  readonly service: AzureService | null;
  readonly credential: AzureCredential;
  readonly caFile: string | null;
  /** For one question, with its sign-in, its pages and its retries. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | null;
  /** What samples may be unwrapped by. Default: nothing. */
  readonly prove?: AzureUnwrapOperation | null;
}

/**
 * One vault or Managed HSM, which can only be asked what AZURE_READ_REQUESTS lists, and what it may prove by. Rejects with
 * a SourceError, or with the AzureRefusal that the service answered.
 */
export interface AzureClient {
  readonly service: AzureService;
  /** Scheme, host and port. */
  readonly origin: string;
  /** Safe to print. */
  readonly locator: string;
  /** Whether keys can be listed; what they are is not looked at. */
  probe(): Promise<void>;
  /** The newest version where none is named. */
  key(name: string, version: string | null): Promise<KeyVaultKey>;
  versions(name: string): Promise<readonly KeyProperties[]>;
  deletedKey(name: string): Promise<DeletedKey>;
  /** What a sample is unwrapped by; null where it may not be. */
  readonly prove: AzureUnwrapOperation | null;
  /** Has a version of a key unwrap a sample. The plaintext is overwritten as it comes, before anything reads it. */
  unwrapAndForget(name: string, version: string, algorithm: AzureWrapping, sample: Uint8Array): Promise<void>;
  /** How far the server's clock was ahead at its last answer, in milliseconds; null where it does not tell. */
  clockOffsetMillis(): number | null;
  /** Azure region, as the last answer told it; null where none did. */
  region(): string | null;
  close(): void;
}

/** Of a key that is rotated daily, these are made in 27 years. */
const MAX_VERSIONS = 10_000;

/** @throws SourceError malformed when the address cannot be one */
export function createAzureClient(options: AzureClientOptions): AzureClient {
  const origin = parseAddress(options.address);
  const service = options.service ?? azureServiceAt(origin);
  const locator = `${service === 'managed-hsm' ? 'Azure Managed HSM' : 'Azure Key Vault'} at ${origin}`;
  const questions = new AsyncLocalStorage<AzureQuestionAsked>();
  const { timeoutMillis, signal, prove = null } = options;
  const transport = createAzureTransport({
    at: 'vault',
    origin,
    where: locator,
    caFile: options.caFile,
    timeoutMillis,
    signal,
    prove,
  });
  const clientOptions: KeyClientOptions = {
    httpClient: transport,
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 2000 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      { policy: onlyGoodAnswers(locator, questions, prove), position: 'perCall' },
      { policy: patientWhenThrottled(questions), position: 'perRetry' },
    ],
  };
  const client = new KeyClient(origin, options.credential, clientOptions);

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(timeoutMillis);
    const ends = signal === null ? limit : AbortSignal.any([limit, signal]);
    const asked: AzureQuestionAsked = { limit: ends, throttled: false };
    try {
      return await questions.run(asked, () => withinLimit(question(), ends));
    } catch (error) {
      if (error instanceof SourceError || error instanceof ForbiddenRequestError) throw error;
      if (error instanceof AzureRefusal) throw error;
      if (signal?.aborted === true) throw interrupted(locator);
      if (asked.throttled) throw new AzureRefusal(429, null, null);
      if (limit.aborted) throw timedOut(locator);
      throw strange(locator, error);
    }
  }

  return {
    service,
    origin,
    locator,
    probe: () =>
      ask(async () => {
        // One page tells that there is an answer; the keys on it may be of others.
        for await (const _page of client.listPropertiesOfKeys().byPage({ maxPageSize: 1 })) return;
      }),
    key: (name, version) => ask(() => client.getKey(name, version === null ? {} : { version })),
    versions: (name) =>
      ask(async () => {
        const found: KeyProperties[] = [];
        for await (const version of client.listPropertiesOfKeyVersions(name)) {
          if (found.length >= MAX_VERSIONS) {
            throw azureMalformed(locator, `versions of ${name}`, `there are more than ${MAX_VERSIONS}`);
          }
          found.push(version);
        }
        return found;
      }),
    deletedKey: (name) => ask(() => client.getDeletedKey(name)),
    prove,
    async unwrapAndForget(name, version, algorithm, sample) {
      // Of a key without dates, the SDK leaves it to the service whether they matter: outside them, a key still decrypts.
      const key: KeyVaultKey = {
        name,
        id: `${origin}/keys/${name}/${version}`,
        properties: { name, version, vaultUrl: origin },
      };
      const using = new CryptographyClient(key, options.credential, clientOptions);
      await ask(async () => {
        if (prove === 'decrypt') await using.decrypt({ algorithm: oaep(algorithm), ciphertext: sample });
        else await using.unwrapKey(algorithm, sample);
      });
    },
    clockOffsetMillis: () => transport.clockOffsetMillis(),
    region: () => transport.region(),
    close() {
      transport.close();
      options.credential.close();
    },
  };
}

/** Wrapping is encrypting for RSA alone; the configuration admits no other pair. */
function oaep(algorithm: AzureWrapping): 'RSA-OAEP' | 'RSA-OAEP-256' {
  if (algorithm === 'RSA-OAEP' || algorithm === 'RSA-OAEP-256') return algorithm;
  throw new TypeError(`${algorithm} is no algorithm of decrypt`);
}

/** Ends a question at its limit, whatever the SDK still waits for. */
function withinLimit<T>(answer: Promise<T>, limit: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const end = () => reject(limit.reason);
    if (limit.aborted) end();
    limit.addEventListener('abort', end, { once: true });
    answer.then(resolve, reject).finally(() => limit.removeEventListener('abort', end));
  });
}

/** What else the SDK throws: it does not follow a challenge that names another domain. */
function strange(where: string, error: unknown): SourceError {
  if (error instanceof Error && /^The challenge /.test(error.message)) {
    return new SourceError(
      'malformed',
      `${where} asks for a token of another domain, which it was not given`,
      'Check the address of the vault: its own name, such as NAME.vault.azure.net, and no address of another proxy.',
    );
  }
  return azureMalformed(where, 'the question', 'the answer is not one of this service');
}

function parseAddress(address: string): string {
  const url = URL.parse(address);
  const isPlain = url !== null && url.username === '' && url.password === '' && url.search === '';
  if (isPlain && url.protocol === 'https:' && url.pathname === '/') return url.origin;
  throw new SourceError(
    'malformed',
    'the address of Azure Key Vault is not the https: address of a host',
    'Write it as https://NAME.vault.azure.net.',
  );
}
