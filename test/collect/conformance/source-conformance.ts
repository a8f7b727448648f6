import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { SourceError } from '../../../src/model/source-error.ts';
import { freePort } from '../../services/scratch.ts';
import { type Answer, type ScriptedServer, type SeenRequest, scriptedServer } from './scripted-server.ts';

/** Where a source shall ask, with what, and how long it may take. */
export interface SourceTarget {
  readonly address: string;
  /** To be used as (part of) every credential the source takes. */
  readonly secret: string;
  readonly timeoutMillis: number;
}

export interface SourceUnderTest {
  /** Every public way to read from the source. */
  readonly reads: Readonly<Record<string, (target: SourceTarget) => Promise<unknown>>>;
  /** Reads that need no credentials, so that nothing can refuse them. */
  readonly withoutCredentials?: readonly string[];
  /** Answers as the real server does when it does not accept the credentials. */
  readonly refuse: Answer;
  /** Whether a request is one that the source may send. */
  readonly isAllowed: (request: SeenRequest) => boolean;
}

const SECRET = 'PLANTEDq7Zk4secretVALUE';
const TIMEOUT_MILLIS = 700;
const PAGE = '<!DOCTYPE html><html><body><h1>Sign in</h1></body></html>';

/** What every source has to do, whatever it talks to. */
export function sourceConformance(name: string, source: SourceUnderTest): void {
  const reads = Object.entries(source.reads);
  const authenticated = reads.filter(([read]) => !source.withoutCredentials?.includes(read));

  async function failure(
    read: (target: SourceTarget) => Promise<unknown>,
    address: string,
    timeoutMillis = 20_000,
  ): Promise<SourceError> {
    const error: unknown = await read({ address, secret: SECRET, timeoutMillis }).then(
      (value) => expect.fail(`answered ${inspect(value)}`),
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(SourceError);
    if (!(error instanceof SourceError)) throw error;
    expectNoSecret(error);
    expect(error.message).toMatch(/[^.\s]$/);
    expect(error.message).not.toMatch(/\n/);
    expect(error.remedy).toMatch(/^[A-Z].*/);
    return error;
  }

  async function answered(
    read: (target: SourceTarget) => Promise<unknown>,
    answer: Answer,
    timeoutMillis?: number,
  ): Promise<SourceError> {
    await using server = await scriptedServer(answer);
    const error = await failure(read, server.address, timeoutMillis);
    expectAllowed(server);
    return error;
  }

  function expectAllowed(server: ScriptedServer): void {
    expect(server.seen.length).toBeGreaterThan(0);
    expect(server.seen.filter((request) => !source.isAllowed(request))).toEqual([]);
  }

  describe(`${name} as a source`, () => {
    it.each(authenticated)('%s: refused credentials are unauthorized', async (_, read) => {
      expect((await answered(read, source.refuse)).reason).toBe('unauthorized');
    });

    it.each(reads)('%s: a port on which nobody listens is unreachable', async (_, read) => {
      expect((await failure(read, `http://127.0.0.1:${await freePort()}`)).reason).toBe('unreachable');
    });

    it.each(reads)('%s: a server that never answers is a timeout, within the limit', async (_, read) => {
      const began = performance.now();
      expect((await answered(read, () => undefined, TIMEOUT_MILLIS)).reason).toBe('timeout');
      expect(performance.now() - began).toBeLessThan(TIMEOUT_MILLIS + 1500);
    });

    it.each(reads)('%s: a server that dribbles is a timeout, within the limit', async (_, read) => {
      const began = performance.now();
      const dribble: Answer = (_request, response) => {
        response.writeHead(200, { 'Content-Type': 'application/json' });
        const timer = setInterval(() => response.write(' '), 50);
        response.once('close', () => clearInterval(timer));
      };
      expect((await answered(read, dribble, TIMEOUT_MILLIS)).reason).toBe('timeout');
      expect(performance.now() - began).toBeLessThan(TIMEOUT_MILLIS + 1500);
    });

    it.each(reads)('%s: a web page is malformed', async (_, read) => {
      const page: Answer = (_request, response) =>
        void response.writeHead(200, { 'Content-Type': 'text/html' }).end(PAGE);
      expect((await answered(read, page)).reason).toBe('malformed');
    });

    it.each(reads)('%s: an answer that is no JSON and no XML is malformed', async (_, read) => {
      const noise: Answer = (_request, response) => void response.writeHead(200).end('\u0001\u0002 hello {');
      expect((await answered(read, noise)).reason).toBe('malformed');
    });

    it.each(reads)('%s: a server that repeats the request in its error leaks nothing', async (_, read) => {
      const echo: Answer = (request, response) =>
        void response
          .writeHead(400, { 'Content-Type': 'text/html', 'X-Echo': 'yes' })
          .end(`<pre>${inspect(request)}</pre>${SECRET}`);
      await answered(read, echo);
      const echoJson: Answer = (request, response) =>
        void response
          .writeHead(403, { 'Content-Type': 'application/json' })
          .end(JSON.stringify({ errors: [`${SECRET} ${inspect(request)}`], __type: SECRET, message: SECRET }));
      await answered(read, echoJson);
    });

    it.each(reads)('%s: a redirect to another host is not followed', async (_, read) => {
      await using other = await scriptedServer((_request, response) => void response.end('{}'));
      const redirect: Answer = (request, response) =>
        void response.writeHead(307, { Location: `${other.address}${request.url}` }).end();
      await answered(read, redirect);
      expect(other.seen).toEqual([]);
    });

    it.each(reads)('%s: a connection that is cut is no answer', async (_, read) => {
      const cut: Answer = (_request, response) => void response.socket?.destroy();
      expect((await answered(read, cut)).reason).toBe('unreachable');
    });
  });
}

/** Fails where the planted secret can be read out of an error by any of the ways in which errors get printed. */
export function expectNoSecret(error: SourceError, secret: string = SECRET): void {
  const printed = [
    error.message,
    error.remedy,
    String(error.stack),
    JSON.stringify(error),
    JSON.stringify(error, Object.getOwnPropertyNames(error)),
    inspect(error, { depth: 20, showHidden: true }),
    inspect(error.cause, { depth: 20, showHidden: true }),
  ].join('\n');
  expect(printed).not.toContain(secret);
  expect(printed.toLowerCase()).not.toContain(encodeURIComponent(secret).toLowerCase());
  expect(printed).not.toContain(Buffer.from(secret).toString('base64').slice(0, 20));
}
