import type { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PipelinePolicy } from '@azure/core-rest-pipeline';
import type { AzureUnwrapOperation } from '../../model/wrapping.ts';
import { errorCodesOf, isAnswerTo, nextPageOf, usedKeyOf } from './azure-answers.ts';
import { AzureRefusal, azureMalformed } from './azure-error.ts';
import { isProof, matchAzureRequest } from './azure-requests.ts';

/** One question, whatever number of requests it takes. */
export interface AzureQuestionAsked {
  readonly limit: AbortSignal;
  /** Whether the last answer was that there were too many requests. */
  throttled: boolean;
}

/**
 * The outermost stage: hands the time limit of the question to every page, and lets nothing through but a good answer of
 * the service, so that neither the SDK nor anything behind it reads what is none.
 */
export function onlyGoodAnswers(
  where: string,
  questions: AsyncLocalStorage<AzureQuestionAsked>,
  prove: AzureUnwrapOperation | null,
): PipelinePolicy {
  return {
    name: 'onlyGoodAnswers',
    async sendRequest(request, next) {
      const limit = questions.getStore()?.limit;
      if (limit !== undefined) request.abortSignal = limit;
      const url = new URL(request.url);
      const name = matchAzureRequest('vault', request.method, url, prove);
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
      if (isProof(name)) wasUsed(url, body, where, subject);
      const page = nextPageOf(body);
      if (page !== null && !isPageOf(url, page)) {
        throw azureMalformed(where, subject, 'the answer goes on at another place, which is not followed');
      }
      return response;
    },
  };
}

/** @throws SourceError malformed where the answer is of another key or version than the one that was asked */
function wasUsed(url: URL, body: string, where: string, subject: string): void {
  const used = URL.parse(usedKeyOf(body) ?? '');
  const plain = (path: string) => path.toLowerCase().split('/').slice(0, 4).join('/');
  if (used !== null && plain(used.pathname) === plain(url.pathname)) return;
  throw azureMalformed(where, subject, 'the answer is about another key');
}

/** Whether the next page is of the same list of the same vault. */
function isPageOf(url: URL, link: string): boolean {
  const page = URL.parse(link, url.href);
  const plain = (path: string) => path.toLowerCase().replace(/\/$/, '');
  return (
    page !== null &&
    page.origin === url.origin &&
    plain(page.pathname) === plain(url.pathname) &&
    matchAzureRequest('vault', 'GET', page) !== null
  );
}

/**
 * Waits and asks again for as long as the question may take. The SDK does so only where the service says how long, which
 * Key Vault does not always (Microsoft Learn, "Azure Key Vault throttling guidance").
 */
export function patientWhenThrottled(questions: AsyncLocalStorage<AzureQuestionAsked>): PipelinePolicy {
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
