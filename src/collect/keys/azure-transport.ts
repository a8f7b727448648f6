import type { IncomingMessage } from 'node:http';
import { type Agent, request as httpsRequest } from 'node:https';
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline';
import { SourceError } from '../../model/source-error.ts';
import type { AzureUnwrapOperation } from '../../model/wrapping.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { createHttpsAgent } from '../guard/https-agent.ts';
import { networkError } from '../guard/network-error.ts';
import { clockOffsetMillis, parseDateHeader } from '../guard/server-clock.ts';
import { withoutPlaintext } from './azure-plaintext.ts';
import { type AzureReadRequest, isProof, matchAzureRequest } from './azure-requests.ts';

export interface AzureTransportOptions {
  readonly at: AzureReadRequest['at'];
  /** Scheme, host and port of the only server that it talks to. */
  readonly origin: string;
  /** The server, safe to print. */
  readonly where: string;
  readonly caFile: string | null;
  /** For one request. */
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | null;
  /** What samples may be unwrapped by. Default: nothing. */
  readonly prove?: AzureUnwrapOperation | null;
  /** Told of every answer before anything else looks at it. */
  readonly onAnswer?: (status: number, body: string) => void;
}

/** What stands in for the HTTP client of the Azure SDK: the last stage of its pipeline, after which bytes are sent. */
export interface AzureTransport extends HttpClient {
  /** How far the server's clock was ahead at its last answer; null before one, and where it does not tell. */
  clockOffsetMillis(): number | null;
  /** Region that the last answer told; null where none did. */
  region(): string | null;
  /** Why the last request came to no answer; null where it came to one. */
  lastFailure(): Error | null;
  close(): void;
}

/** A page of key versions has at most 25 items of some 500 bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/**
 * Sends requests of the allow-list to one server over verified TLS, and no others to no other: neither to where a page
 * says that the next one is, nor where a redirect points, nor to the token address that a description names.
 */
export function createAzureTransport(options: AzureTransportOptions): AzureTransport {
  const { at, origin, where } = options;
  let agent: Promise<Agent> | null = null;
  let clockOffset: number | null = null;
  let region: string | null = null;
  let failure: Error | null = null;

  async function send(request: PipelineRequest) {
    const url = new URL(request.url);
    if (url.origin !== origin) throw elsewhere(where);
    const name = matchAzureRequest(at, request.method, url, options.prove);
    if (name === null) {
      // Where tokens are given out is the sign-in service's own word, not this program's.
      if (at === 'sign-in') throw elsewhere(where);
      throw new ForbiddenRequestError(`a ${request.method} request to Azure is not on its allow-list; it was not sent`);
    }
    agent ??= createHttpsAgent(options.caFile);
    const connections = await agent;
    const limit = AbortSignal.timeout(options.timeoutMillis);
    const signals = [limit, options.signal, request.abortSignal].filter((one) => one instanceof AbortSignal);
    const signal = AbortSignal.any(signals);
    try {
      const sentAt = Date.now();
      const response = await connect(url, request, connections, signal);
      const serverMillis = parseDateHeader(response.headers.date);
      if (serverMillis !== null) clockOffset = clockOffsetMillis(serverMillis, { sentAt, receivedAt: Date.now() });
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400) {
        response.destroy();
        throw elsewhere(where);
      }
      const told = headerText(response.headers['x-ms-keyvault-region']);
      if (told !== null && /^[a-z0-9-]{1,60}$/i.test(told)) region = told;
      const headers = createHttpHeaders();
      for (const [name, value] of Object.entries(response.headers)) headers.set(name, headerText(value) ?? '');
      const body = await readBounded(response, where);
      const bodyAsText = isProof(name) && status === 200 ? withoutPlaintext(body) : body.toString('utf8');
      options.onAnswer?.(status, bodyAsText);
      return { request, status, headers, bodyAsText };
    } catch (error) {
      if (error instanceof SourceError) throw error;
      if (options.signal?.aborted === true) throw interrupted(where);
      if (signal.aborted) throw timedOut(where);
      throw networkError(error, where) ?? noHttp(where);
    }
  }

  return {
    async sendRequest(request) {
      failure = null;
      try {
        return await send(request);
      } catch (error) {
        failure = error instanceof Error ? error : null;
        throw error;
      }
    },
    clockOffsetMillis: () => clockOffset,
    region: () => region,
    lastFailure: () => failure,
    close() {
      agent?.then(
        (connections) => connections.destroy(),
        () => undefined,
      );
    },
  };
}

function connect(url: URL, request: PipelineRequest, agent: Agent, signal: AbortSignal): Promise<IncomingMessage> {
  const body = request.body ?? null;
  if (body !== null && typeof body !== 'string') {
    return Promise.reject(new ForbiddenRequestError('a request to Azure with a body that is no text was not sent'));
  }
  const headers: Record<string, string> = { ...request.headers.toJSON({ preserveCase: true }) };
  for (const name of Object.keys(headers)) {
    // Answers are read as they come, and small.
    if (name.toLowerCase() === 'accept-encoding') delete headers[name];
  }
  return new Promise((resolve, reject) => {
    const outgoing = httpsRequest(url, { method: request.method, headers, agent, signal }, resolve);
    outgoing.on('error', reject);
    outgoing.end(body ?? undefined);
  });
}

/** The pieces are overwritten, as the whole may be by who uses it. */
async function readBounded(response: IncomingMessage, where: string): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      if (!Buffer.isBuffer(chunk)) throw noHttp(where);
      chunks.push(chunk);
      bytes += chunk.length;
      if (bytes > MAX_ANSWER_BYTES) {
        response.destroy();
        throw new SourceError(
          'malformed',
          `${where} answered with more than ${MAX_ANSWER_BYTES} bytes`,
          'Check that the address is that of a vault.',
        );
      }
    }
    return Buffer.concat(chunks);
  } finally {
    for (const chunk of chunks) chunk.fill(0);
  }
}

function headerText(value: string | readonly string[] | undefined): string | null {
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(', ');
}

function elsewhere(where: string): SourceError {
  return new SourceError(
    'malformed',
    `${where} sends this request elsewhere, which is not followed, so that no token or secret reaches another place`,
    'Give the address of the vault and of the sign-in service themselves, and check what a proxy on the way does.',
  );
}

export function timedOut(where: string): SourceError {
  return new SourceError(
    'timeout',
    `${where} did not answer in time`,
    'Check that the server answers this host, or raise the time limit of this source.',
  );
}

export function interrupted(where: string): SourceError {
  return new SourceError('not-asked', `asking ${where} was interrupted`, 'Run the audit again and let it finish.');
}

function noHttp(where: string): SourceError {
  return new SourceError(
    'malformed',
    `the answer of ${where} cannot be read as HTTP`,
    'Check that the address is that of a vault, and what a proxy on the way does.',
  );
}
