import { readFileSync } from 'node:fs';
import { Agent } from 'node:https';
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { createAwsServerClock } from '../guard/aws-server-clock.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { fileError } from './file-error.ts';
import { S3_READ_OPERATIONS } from './s3-operations.ts';

const requestSchema = z.object({ method: z.string() });
const responseSchema = z.object({ headers: z.object({ server: z.string().optional() }) });

export interface S3ClientOptions {
  /** Address of another service than AWS's for the region, `http(s)://host:port`. */
  readonly endpoint?: string;
  readonly region: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  /** Address buckets as `endpoint/bucket` rather than `bucket.endpoint`. */
  readonly forcePathStyle?: boolean;
  /** Of a bucket whose owner lets those who ask pay (Amazon S3 User Guide, "Requester Pays buckets"). */
  readonly requesterPays?: boolean;
  /** PEM file with the certificate authority to trust instead of the well-known ones. */
  readonly caFile?: string;
  /** To connect, and for each pause while an answer arrives. */
  readonly timeoutMillis: number;
}

/**
 * An S3 service that can only be asked what {@link S3_READ_OPERATIONS} lists. Rejects with what the AWS SDK throws (see
 * `s3Error`), and with ForbiddenRequestError for any other operation, which is not sent.
 */
export interface S3ReadClient {
  /** Where it is, safe to print. */
  readonly locator: string;
  readonly send: S3Client['send'];
  /** How far the server's clock was ahead at its last answer, in milliseconds; null where it has not told. */
  lastClockOffsetMillis(): number | null;
  /** What the service called itself at its last answer (Server header); null where it has not told. */
  lastServerName(): string | null;
  close(): void;
}

/**
 * Importing this file loads the AWS SDK: import it when a bucket is configured.
 * @throws SourceError malformed when region or endpoint cannot be one; unreachable or unauthorized for an unreadable `caFile`
 */
export function createS3Client(options: S3ClientOptions): S3ReadClient {
  if (!/^[A-Za-z0-9-]{2,63}$/.test(options.region)) {
    throw new SourceError(
      'malformed',
      'the region of the S3 service is no name of a region',
      'Write it as eu-central-1.',
    );
  }
  const endpoint = options.endpoint === undefined ? null : parseEndpoint(options.endpoint);
  const client = new S3Client({
    region: options.region,
    ...(endpoint === null ? {} : { endpoint }),
    forcePathStyle: options.forcePathStyle ?? false,
    credentials: {
      accessKeyId: options.accessKeyId.reveal(),
      secretAccessKey: options.secretAccessKey.reveal(),
      ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken.reveal() }),
    },
    maxAttempts: 2,
    // Stated, so that AWS_RESPONSE_CHECKSUM_VALIDATION and profiles change nothing: bytes are compared with what the service
    // keeps where that is asked for, as s3-bucket.ts does of whole objects. A range may be answered with the sum of all.
    responseChecksumValidation: 'WHEN_REQUIRED',
    disableS3ExpressSessionAuth: true,
    requestHandler: {
      connectionTimeout: options.timeoutMillis,
      requestTimeout: options.timeoutMillis,
      throwOnRequestTimeout: true,
      socketTimeout: options.timeoutMillis,
      ...(options.caFile === undefined
        ? {}
        : { httpsAgent: new Agent({ keepAlive: true, ca: readAuthority(options.caFile) }) }),
    },
  });
  guard(client);
  // Nothing is logged; left in, it would make a copy of each answer for a logger that there is none of.
  client.middlewareStack.remove('loggerMiddleware');
  if (options.requesterPays === true) payForRequests(client);
  const clock = createAwsServerClock();
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low' });
  const lastServerName = noteServerName(client);
  return {
    locator: endpoint ?? `Amazon S3 in ${options.region}`,
    send: client.send.bind(client),
    lastClockOffsetMillis: clock.offsetMillis,
    lastServerName,
    close: () => client.destroy(),
  };
}

/** The allow-list by operation before anything else happens, and by HTTP method right before the request leaves. */
function guard(client: S3Client): void {
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '');
      if (!Object.hasOwn(S3_READ_OPERATIONS, operation)) {
        throw new ForbiddenRequestError(`${operation} is not on the allow-list for S3; it was not sent`);
      }
      return await next(args);
    },
    { step: 'initialize', priority: 'high' },
  );
  client.middlewareStack.add(
    (next) => async (args) => {
      const request = requestSchema.safeParse(args.request);
      const method = request.success ? request.data.method : 'an unknown method';
      if (method !== 'GET' && method !== 'HEAD') {
        throw new ForbiddenRequestError(`${method} is never used on S3; the request was not sent`);
      }
      return await next(args);
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
}

/** @returns what the service called itself at its last answer */
function noteServerName(client: S3Client): () => string | null {
  let name: string | null = null;
  client.middlewareStack.add(
    (next) => async (args) => {
      const output = await next(args);
      const answer = responseSchema.safeParse(output.response);
      if (answer.success) name = answer.data.headers.server ?? name;
      return output;
    },
    { step: 'deserialize', priority: 'low' },
  );
  return () => name;
}

function isWithHeaders(request: unknown): request is { headers: Record<string, string> } {
  return typeof request === 'object' && request !== null && 'headers' in request && typeof request.headers === 'object';
}

/** Every request says that its sender pays; it is signed with that. */
function payForRequests(client: S3Client): void {
  client.middlewareStack.add(
    (next) => async (args) => {
      const request: unknown = args.request;
      if (isWithHeaders(request)) request.headers['x-amz-request-payer'] = 'requester';
      return await next(args);
    },
    { step: 'build', priority: 'low' },
  );
}

function parseEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isHttp = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  if (isHttp && url.username === '' && url.password === '' && url.search === '' && url.hash === '') {
    return url.href.replace(/\/$/, '');
  }
  const remedy = 'Write it as https://host:port.';
  throw new SourceError('malformed', 'the endpoint of the S3 service is not the address of a host', remedy);
}

function readAuthority(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw fileError(error, file);
  }
}
