import { readFile } from 'node:fs/promises';
import {
  ClientAssertionCredential,
  ClientCertificateCredential,
  ClientSecretCredential,
  type TokenCredential,
} from '@azure/identity';
import { z } from 'zod';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import { ForbiddenRequestError } from '../guard/forbidden-request-error.ts';
import { createAzureTransport } from './azure-transport.ts';

/** How the audit signs in to Microsoft Entra ID: one of three. */
export type AzureSignIn =
  | { readonly kind: 'secret'; readonly clientSecret: Secret }
  /** PEM with certificate and private key. */
  | { readonly kind: 'certificate'; readonly certificate: Secret }
  /** File with a token of a trusted issuer (workload identity), read anew for each sign-in. */
  | { readonly kind: 'federated'; readonly tokenFile: string };

export interface AzureCredentialOptions {
  /** Origin of the sign-in service. */
  readonly authorityHost: string;
  /** A GUID in lower case. */
  readonly tenantId: string;
  readonly clientId: string;
  readonly signIn: AzureSignIn;
  readonly caFile: string | null;
  readonly timeoutMillis: number;
  readonly signal: AbortSignal | null;
}

export interface AzureCredential extends TokenCredential {
  close(): void;
}

const refusalSchema = z.looseObject({ error: z.string(), error_codes: z.array(z.int()).nullish() });

/** Signs in by the vendor's library, which sends what the allow-list has and tells of failures in words of this source. */
export function createAzureCredential(options: AzureCredentialOptions): AzureCredential {
  const where = `the sign-in service at ${options.authorityHost}`;
  let refusal: string | null = null;
  const transport = createAzureTransport({
    at: 'sign-in',
    origin: options.authorityHost,
    where,
    caFile: options.caFile,
    timeoutMillis: options.timeoutMillis,
    signal: options.signal,
    onAnswer: (status, body) => {
      refusal = refusalIn(status, body);
    },
  });
  const inner = credentialFor(options, {
    authorityHost: options.authorityHost,
    // Whose word is trusted is what the configuration says; nobody else is asked about it.
    disableInstanceDiscovery: true,
    httpClient: transport,
    retryOptions: { maxRetries: 2, retryDelayInMs: 300, maxRetryDelayInMs: 2000 },
    redirectOptions: { maxRetries: 0 },
  });
  return {
    async getToken(scopes, tokenOptions) {
      const asked = tokenOptions?.tenantId?.toLowerCase() ?? options.tenantId;
      if (asked !== options.tenantId) throw otherTenant(where);
      // The library would tell of a missing file as of any other failure.
      if (options.signIn.kind === 'federated') await federatedToken(options.signIn.tokenFile);
      refusal = null;
      try {
        return await inner.getToken(scopes, { ...tokenOptions, tenantId: options.tenantId });
      } catch (error) {
        // Nothing of the error is kept: it repeats what the service said.
        if (error instanceof SourceError) throw error;
        const failure = transport.lastFailure();
        if (failure instanceof SourceError || failure instanceof ForbiddenRequestError) throw failure;
        throw refusal === null ? noToken(where) : refused(where, refusal);
      }
    },
    close: () => transport.close(),
  };
}

type SdkOptions = ConstructorParameters<typeof ClientSecretCredential>[3];

function credentialFor({ tenantId, clientId, signIn }: AzureCredentialOptions, sdk: SdkOptions): TokenCredential {
  switch (signIn.kind) {
    case 'secret':
      return new ClientSecretCredential(tenantId, clientId, signIn.clientSecret.reveal(), sdk);
    case 'certificate':
      return new ClientCertificateCredential(tenantId, clientId, { certificate: signIn.certificate.reveal() }, sdk);
    case 'federated':
      return new ClientAssertionCredential(tenantId, clientId, () => federatedToken(signIn.tokenFile), sdk);
  }
}

async function federatedToken(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch(() => null);
  if (text !== null && text.trim() !== '') return text.trim();
  throw new SourceError(
    'unauthorized',
    `the federated token file ${file} cannot be read or is empty`,
    'Check the path and the rights of the file, and that the platform writes it.',
  );
}

/** Number of the error (AADSTS…) or its OAuth 2.0 name; null where the answer is no refusal. */
function refusalIn(status: number, body: string): string | null {
  if (status < 400 || status >= 500) return null;
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  const answer = refusalSchema.safeParse(parsed);
  if (!answer.success) return null;
  const number = answer.data.error_codes?.[0];
  if (number !== undefined) return `AADSTS${number}`;
  return /^[a-z_]{1,40}$/.test(answer.data.error) ? answer.data.error : 'refused';
}

function refused(where: string, refusal: string): SourceError {
  return new SourceError(
    'unauthorized',
    `${where} does not accept the credentials (${refusal})`,
    'Check tenantId, clientId and the secret, certificate or federated token, that none is expired, and the clock of this host.',
  );
}

function otherTenant(where: string): SourceError {
  return new SourceError(
    'unauthorized',
    `${where} was not asked for a token: the vault belongs to another tenant than tenantId states`,
    'State in tenantId the tenant that the vault belongs to.',
  );
}

function noToken(where: string): SourceError {
  return new SourceError(
    'malformed',
    `${where} gave no token, and its answer is not one of a sign-in service`,
    'Check authorityHost, tenantId and the certificate, and what a proxy on the way does.',
  );
}
