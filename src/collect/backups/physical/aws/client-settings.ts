import type { Secret } from '../../../../model/secret.ts';
import { SourceError } from '../../../../model/source-error.ts';
import { type AwsServerClock, createAwsServerClock } from '../../../guard/aws-server-clock.ts';
import { ForbiddenRequestError } from '../../../guard/forbidden-request-error.ts';
import { AWS_BACKUP_READ_OPERATIONS, AWS_SERVICE_NAMES, type AwsService } from './aws-operations.ts';

export interface AwsAccess {
  readonly region: string;
  /** Address that all services are asked at, instead of AWS's own for the region. */
  readonly endpoint?: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  /** For one question, with its retries. */
  readonly timeoutMillis: number;
  readonly signal?: AbortSignal;
}

/** What the clients of all services share. */
export interface ClientSettings {
  readonly region: string;
  /** Null for AWS itself. */
  readonly endpoint: string | null;
  /** For the constructor of a client of the AWS SDK. */
  readonly config: {
    readonly region: string;
    readonly endpoint?: string;
    readonly credentials: {
      readonly accessKeyId: string;
      readonly secretAccessKey: string;
      readonly sessionToken?: string;
    };
    readonly maxAttempts: number;
    readonly requestHandler: { readonly connectionTimeout: number; readonly requestTimeout: number };
  };
  readonly clock: AwsServerClock;
  /** For one question. */
  limit(): { readonly abortSignal: AbortSignal };
}

/** One page of a list, as it came, and what asks for the next. */
export interface Page {
  readonly items: readonly unknown[] | undefined;
  readonly next: string | undefined;
}
export type ReadPage = (token: string | undefined) => Promise<Page>;

/** @throws SourceError malformed when region or endpoint cannot be one */
export function clientSettings(access: AwsAccess): ClientSettings {
  if (!/^[a-z0-9-]{3,40}$/.test(access.region)) {
    throw new SourceError('malformed', 'the region of AWS is not the name of a region', 'Write it as in eu-central-1.');
  }
  const endpoint = access.endpoint === undefined ? null : parseEndpoint(access.endpoint);
  return {
    region: access.region,
    endpoint,
    config: {
      region: access.region,
      ...(endpoint === null ? {} : { endpoint }),
      credentials: {
        accessKeyId: access.accessKeyId.reveal(),
        secretAccessKey: access.secretAccessKey.reveal(),
        ...(access.sessionToken === undefined ? {} : { sessionToken: access.sessionToken.reveal() }),
      },
      maxAttempts: 3,
      requestHandler: { connectionTimeout: access.timeoutMillis, requestTimeout: access.timeoutMillis },
    },
    clock: createAwsServerClock(),
    limit() {
      const timeout = AbortSignal.timeout(access.timeoutMillis);
      return { abortSignal: access.signal === undefined ? timeout : AbortSignal.any([timeout, access.signal]) };
    },
  };
}

/** Refuses every operation that is on no list, before anything is sent. To be added at the step `initialize`. */
export function onlyReads(service: AwsService) {
  return <A, O>(next: (args: A) => Promise<O>, context: { readonly commandName?: string }) =>
    async (args: A): Promise<O> => {
      const operation = String(context.commandName).replace(/Command$/, '');
      if (!Object.hasOwn(AWS_BACKUP_READ_OPERATIONS[service], operation)) {
        const name = AWS_SERVICE_NAMES[service];
        throw new ForbiddenRequestError(`${operation} is not on the allow-list for ${name}; it was not sent`);
      }
      return await next(args);
    };
}

function parseEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isHttp = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  if (isHttp && url.username === '' && url.password === '' && url.pathname === '/' && url.search === '')
    return url.origin;
  throw new SourceError(
    'malformed',
    'the endpoint of AWS is not the address of a host',
    'Write it as https://host:port.',
  );
}
