import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';

const TIMEOUT_MS = 30_000;

export interface HttpQuestion {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** PEM of the only authority to trust; unlike fetch, node:https takes one per request. */
  readonly ca?: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: Buffer;
}

/** One request on a connection of its own, so that a stopped server is noticed. Throws when there is no answer in 30 s. */
export function httpRequest(
  url: string,
  { method = 'GET', headers, body, ca }: HttpQuestion = {},
): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const options = { method, agent: false, headers: { ...headers }, timeout: TIMEOUT_MS };
    const send = url.startsWith('https:')
      ? tlsRequest(url, { ...options, ...(ca ? { ca } : {}) })
      : plainRequest(url, options);
    send.once('timeout', () => send.destroy(new Error(`no answer from ${url} in ${TIMEOUT_MS} ms`)));
    send.once('error', reject);
    send.once('response', (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.once('error', reject);
      response.once('end', () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    send.end(body);
  });
}
