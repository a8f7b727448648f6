import {
  DecryptCommand,
  DescribeKeyCommand,
  type DescribeKeyCommandOutput,
  GetKeyPolicyCommand,
  type GetKeyPolicyCommandOutput,
  GetKeyRotationStatusCommand,
  type GetKeyRotationStatusCommandOutput,
  KMSClient,
  type KMSClientConfig,
  ListAliasesCommand,
  type ListAliasesCommandOutput,
  ListGrantsCommand,
  type ListGrantsCommandOutput,
  ListKeyRotationsCommand,
  type ListKeyRotationsCommandOutput,
  ListKeysCommand,
  type ListKeysCommandOutput,
} from '@aws-sdk/client-kms';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { isAwsThrottled } from '../guard/aws-error.ts';
import { createAwsServerClock } from '../guard/aws-server-clock.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import type { HttpsAgent } from '../guard/https-agent.ts';
import { createRequestPace, type RequestPace } from '../guard/request-pace.ts';
import { createKmsCaller } from './kms-caller.ts';
import { admittedOperations, type KmsOperation } from './kms-operations.ts';

export interface KmsClientOptions {
  readonly region: string;
  /** Address of another endpoint than AWS's for the region, e.g. an interface endpoint. */
  readonly endpoint?: string;
  /** The same of AWS STS, which tells whose the credentials are. */
  readonly stsEndpoint?: string;
  readonly accessKeyId: Secret;
  readonly secretAccessKey: Secret;
  readonly sessionToken?: Secret;
  /** Connections over TLS. Default: those of the SDK. */
  readonly httpsAgent?: HttpsAgent;
  /** For one question, with its retries. */
  readonly timeoutMillis: number;
  /** For how long KMS may refuse every request as too many before that is its answer. Default: a minute. */
  readonly throttlePatienceMillis?: number;
  readonly signal?: AbortSignal;
  /** Whether samples may be decrypted. Default: no. */
  readonly prove?: boolean;
}

/**
 * AWS KMS in one region, which can only be asked what `KMS_READ_OPERATIONS` lists, and `KMS_PROOF_OPERATIONS` where it may
 * prove. Rejects with what the AWS SDK throws.
 */
export interface KmsClient {
  readonly region: string;
  /** Safe to print. */
  readonly locator: string;
  describeKey(keyId: string): Promise<DescribeKeyCommandOutput>;
  getKeyPolicy(keyId: string): Promise<GetKeyPolicyCommandOutput>;
  getKeyRotationStatus(keyId: string): Promise<GetKeyRotationStatusCommandOutput>;
  /** Of imported material, what was never rotated is listed, too. One page of at most 1,000. */
  listKeyRotations(keyId: string, marker: string | null): Promise<ListKeyRotationsCommandOutput>;
  /** One page of at most 100. */
  listGrants(keyId: string, marker: string | null): Promise<ListGrantsCommandOutput>;
  /** One page of at most 100 aliases of all keys of the account in the region. */
  listAliases(marker: string | null): Promise<ListAliasesCommandOutput>;
  listKeys(limit: number): Promise<ListKeysCommandOutput>;
  /**
   * The account of the credentials, as AWS STS tells it.
   * @throws SourceError unreachable, unauthorized, timeout, malformed
   */
  callerAccount(): Promise<string>;
  /**
   * Decrypts a sample, overwrites the plaintext before anything else is done with the answer, and tells which key it was.
   * @param context the encryption context that it was wrapped with; null: none
   */
  decryptAndForget(
    keyId: string,
    ciphertext: Uint8Array,
    context: Readonly<Record<string, string>> | null,
  ): Promise<{ readonly keyId: string | null }>;
  /** How far the server's clock was ahead at its last answer, in milliseconds; null where it does not tell. */
  clockOffsetMillis(): number | null;
  close(): void;
}

/** @throws SourceError malformed when region or endpoint cannot be one */
export function createKmsClient(options: KmsClientOptions): KmsClient {
  if (!/^[a-z0-9-]{3,40}$/.test(options.region)) {
    throw new SourceError(
      'malformed',
      'the region of AWS KMS is not the name of a region',
      'Write it as in eu-central-1.',
    );
  }
  const endpoint = options.endpoint === undefined ? null : parseEndpoint(options.endpoint);
  const stsEndpoint = options.stsEndpoint === undefined ? null : parseEndpoint(options.stsEndpoint);
  const config = {
    region: options.region,
    credentials: {
      accessKeyId: options.accessKeyId.reveal(),
      secretAccessKey: options.secretAccessKey.reveal(),
      ...(options.sessionToken === undefined ? {} : { sessionToken: options.sessionToken.reveal() }),
    },
    retryStrategy: RETRY_BROKEN,
    requestHandler: {
      connectionTimeout: options.timeoutMillis,
      requestTimeout: options.timeoutMillis,
      ...(options.httpsAgent === undefined ? {} : { httpsAgent: options.httpsAgent }),
    },
  };
  const client = new KMSClient({ ...config, ...(endpoint === null ? {} : { endpoint }) });
  const caller = createKmsCaller(options.region, {
    ...config,
    ...(stsEndpoint === null ? {} : { endpoint: stsEndpoint }),
  });
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const operation = String(context.commandName).replace(/Command$/, '');
      if (!Object.hasOwn(admittedOperations(options.prove ?? false), operation)) {
        throw new ForbiddenRequestError(`${operation} is not on the allow-list for AWS KMS; it was not sent`);
      }
      return await next(args);
    },
    { step: 'initialize', priority: 'high', name: 'readOnlyOperations' },
  );
  const clock = createAwsServerClock();
  client.middlewareStack.add(clock.middleware, { step: 'deserialize', priority: 'low', name: 'serverClock' });

  const limit = () => {
    const timeout = AbortSignal.timeout(options.timeoutMillis);
    return { abortSignal: options.signal === undefined ? timeout : AbortSignal.any([timeout, options.signal]) };
  };
  const pace = () =>
    createRequestPace({
      isThrottled: isAwsThrottled,
      patienceMillis: options.throttlePatienceMillis ?? THROTTLE_PATIENCE_MILLIS,
      signal: options.signal ?? null,
    });
  // Each operation has a quota of its own (AWS KMS Developer Guide, "Request quotas").
  const paces = {
    DescribeKey: pace(),
    GetKeyPolicy: pace(),
    GetKeyRotationStatus: pace(),
    ListKeyRotations: pace(),
    ListGrants: pace(),
    ListAliases: pace(),
    ListKeys: pace(),
    Decrypt: pace(),
  } satisfies Readonly<Record<KmsOperation, RequestPace>>;
  return {
    region: options.region,
    locator: `AWS KMS in ${options.region}${endpoint === null ? '' : ` at ${endpoint}`}`,
    describeKey: (keyId) => paces.DescribeKey.run(() => client.send(new DescribeKeyCommand({ KeyId: keyId }), limit())),
    getKeyPolicy: (keyId) =>
      paces.GetKeyPolicy.run(() =>
        client.send(new GetKeyPolicyCommand({ KeyId: keyId, PolicyName: 'default' }), limit()),
      ),
    getKeyRotationStatus: (keyId) =>
      paces.GetKeyRotationStatus.run(() => client.send(new GetKeyRotationStatusCommand({ KeyId: keyId }), limit())),
    listKeyRotations: (keyId, marker) =>
      paces.ListKeyRotations.run(() =>
        client.send(
          new ListKeyRotationsCommand({
            KeyId: keyId,
            IncludeKeyMaterial: 'ALL_KEY_MATERIAL',
            Limit: 1000,
            ...(marker === null ? {} : { Marker: marker }),
          }),
          limit(),
        ),
      ),
    listGrants: (keyId, marker) =>
      paces.ListGrants.run(() =>
        client.send(
          new ListGrantsCommand({ KeyId: keyId, Limit: 100, ...(marker === null ? {} : { Marker: marker }) }),
          limit(),
        ),
      ),
    listAliases: (marker) =>
      paces.ListAliases.run(() =>
        client.send(new ListAliasesCommand({ Limit: 100, ...(marker === null ? {} : { Marker: marker }) }), limit()),
      ),
    listKeys: (count) => paces.ListKeys.run(() => client.send(new ListKeysCommand({ Limit: count }), limit())),
    callerAccount: () => caller.account(limit()),
    async decryptAndForget(keyId, ciphertext, context) {
      const { KeyId, Plaintext } = await paces.Decrypt.run(() =>
        client.send(
          new DecryptCommand({
            KeyId: keyId,
            CiphertextBlob: ciphertext,
            ...(context === null ? {} : { EncryptionContext: context }),
          }),
          limit(),
        ),
      );
      const wasDecrypted = Plaintext !== undefined && Plaintext.length > 0;
      Plaintext?.fill(0);
      return { keyId: wasDecrypted ? (KeyId ?? null) : null };
    },
    clockOffsetMillis: () => clock.offsetMillis(),
    close() {
      client.destroy();
      caller.close();
    },
  };
}

const THROTTLE_PATIENCE_MILLIS = 60_000;
const BROKEN_RETRIES = 2;

/**
 * A connection or answer that broke is tried again; what was refused for the quota is not: the SDK's own retries give up
 * after a few, and the pace waits as long as it takes.
 */
const RETRY_BROKEN: NonNullable<KMSClientConfig['retryStrategy']> = {
  acquireInitialRetryToken: async () => retryToken(0),
  async refreshRetryTokenForRetry(token, { errorType, error }) {
    const broken = errorType === 'TRANSIENT' || errorType === 'SERVER_ERROR';
    if (!broken || token.getRetryCount() >= BROKEN_RETRIES) throw error;
    return retryToken(token.getRetryCount() + 1);
  },
  recordSuccess: () => undefined,
};

function retryToken(count: number) {
  return { getRetryCount: () => count, getRetryDelay: () => 100 * count };
}

function parseEndpoint(endpoint: string): string {
  const url = URL.parse(endpoint);
  const isHttp = url !== null && (url.protocol === 'https:' || url.protocol === 'http:');
  if (isHttp && url.username === '' && url.password === '' && url.pathname === '/' && url.search === '')
    return url.origin;
  throw new SourceError(
    'malformed',
    'the endpoint of AWS KMS or STS is not the address of a host',
    'Write it as https://host:port.',
  );
}
