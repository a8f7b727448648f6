import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import { type DeletedKey, KeyClient, type KeyProperties, type KeyVaultKey } from '@azure/keyvault-keys';
import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { errorCodesOf, isAnswerTo, nextPageOf } from './azure-answers.ts';
import type { AzureCredential } from './azure-credential.ts';
import { AzureRefusal, azureMalformed } from './azure-error.ts';
import { type AzureService, azureServiceAt, matchAzureReadRequest } from './azure-requests.ts';
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
}

/**
 * One vault or Managed HSM, which can only be asked what AZURE_READ_REQUESTS lists. Rejects with a SourceError, or with
 * the AzureRefusal that the service answered.
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
  /** How far the server's clock was ahead at its last answer, in milliseconds; null where it does not tell. */
  clockOffsetMillis(): number | null;
  /** Azure region, as the last answer told it; null where none did. */
  region(): string | null;
  close(): void;
}

/** One question, whatever number of requests it takes. */
interface Question {
  readonly limit: AbortSignal;
  /** Whether the last answer was that there were too many requests. */
  throttled: boolean;
}

/** Of a key that is rotated daily, these are made in 27 years. */
const MAX_VERSIONS = 10_000;

/** @throws SourceError malformed when the address cannot be one */
export function createAzureClient(options: AzureClientOptions): AzureClient {
  const origin = parseAddress(options.address);
  const service = options.service ?? azureServiceAt(origin);
  const locator = `${service === 'managed-hsm' ? 'Azure Managed HSM' : 'Azure Key Vault'} at ${origin}`;
  const questions = new AsyncLocalStorage<Question>();
  const { timeoutMillis, signal } = options;
  const transport = createAzureTransport({
    at: 'vault',
    origin,
    where: locator,
    caFile: options.caFile,
    timeoutMillis,
    signal,
  });
  const client = new KeyClient(origin, options.credential, {
    httpClient: transport,
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 2000 },
    redirectOptions: { maxRetries: 0 },
    additionalPolicies: [
      { policy: onlyGoodAnswers(locator, questions), position: 'perCall' },
      { policy: patientWhenThrottled(questions), position: 'perRetry' },
    ],
  });

  async function ask<T>(question: () => Promise<T>): Promise<T> {
    const limit = AbortSignal.timeout(timeoutMillis);
    const ends = signal === null ? limit : AbortSignal.any([limit, signal]);
    const asked: Question = { limit: ends, throttled: false };
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
    clockOffsetMillis: () => transport.clockOffsetMillis(),
    region: () => transport.region(),
    close() {
      transport.close();
      options.credential.close();
    },
  };
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

/**
 * The outermost stage: hands the time limit of the question to every page, and lets nothing through but a good answer of
 * the service, so that neither the SDK nor anything behind it reads what is none.
 */
function onlyGoodAnswers(where: string, questions: AsyncLocalStorage<Question>): PipelinePolicy {
  return {
    name: 'onlyGoodAnswers',
    async sendRequest(request, next) {
      const limit = questions.getStore()?.limit;
      if (limit !== undefined) request.abortSignal = limit;
      const url = new URL(request.url);
      const name = matchAzureReadRequest('vault', request.method, url);
      const response = await next(request);
      const body = response.bodyAsText ?? '';
      if (response.status !== 200) {
        const codes = errorCodesOf(body);
        throw new AzureRefusal(response.status, codes?.code ?? null, codes?.inner ?? null);
      }
      const subject = url.pathname.replace(/^\/|\/$/g, '');
      if (name === null || !isAnswerTo(name, body)) {
        throw azureMalformed(where, subject, 'the answer is not one of this service');
      }
      const page = nextPageOf(body);
      if (page !== null && !isPageOf(url, page)) {
        throw azureMalformed(where, subject, 'the answer goes on at another place, which is not followed');
      }
      return response;
    },
  };
}

/** Whether the next page is of the same list of the same vault. */
function isPageOf(url: URL, link: string): boolean {
  const page = URL.parse(link, url.href);
  const plain = (path: string) => path.toLowerCase().replace(/\/$/, '');
  return (
    page !== null &&
    page.origin === url.origin &&
    plain(page.pathname) === plain(url.pathname) &&
    matchAzureReadRequest('vault', 'GET', page) !== null
  );
}

/**
 * Waits and asks again for as long as the question may take. The SDK does so only where the service says how long, which
 * Key Vault does not always (Microsoft Learn, "Azure Key Vault throttling guidance").
 */
function patientWhenThrottled(questions: AsyncLocalStorage<Question>): PipelinePolicy {
  return {
    name: 'patientWhenThrottled',
    async sendRequest(request, next) {
      for (let attempt = 0; ; attempt += 1) {
        const response = await next(request);
        const question = questions.getStore();
        if (question !== undefined) question.throttled = response.status === 429;
        if (response.status !== 429) return response;
        const told = Number(response.headers.get('retry-after') ?? Number.NaN) * 1000;
        const millis = told > 0 ? told : Math.min(8000, 500 * 2 ** attempt);
        const waiting = question === undefined ? {} : { signal: question.limit };
        const waited = await sleep(millis, true, waiting).catch(() => false);
        if (!waited) return response;
      }
    },
  };
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
