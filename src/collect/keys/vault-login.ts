import { z } from 'zod';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import type { VaultAnswer } from './vault-exchange.ts';

export const VAULT_LOGIN_METHODS = ['approle', 'jwt', 'kubernetes'] as const;
export type VaultLoginMethod = (typeof VAULT_LOGIN_METHODS)[number];

/** How to get a token of Vault. */
export interface VaultLogin {
  readonly method: VaultLoginMethod;
  /** Path at which the auth method is mounted, e.g. `approle`. */
  readonly mount: string;
  /** What the login is made with, asked for anew at each: a service account's token is renewed in its file. */
  credentials(): Promise<Readonly<Record<string, string | Secret>>>;
}

/** Whom a login gave a token. */
export interface VaultGrant {
  readonly token: string;
}

const authSchema = z.object({ auth: z.object({ client_token: z.string(), mfa_requirement: z.unknown().optional() }) });

/** How each method is mended; none of them names a credential. */
const REMEDIES: Readonly<Record<VaultLoginMethod, string>> = {
  approle:
    'Check roleId and secretId, and that the secret id is neither expired nor used up: vault write -f auth/approle/role/ROLE/secret-id.',
  jwt: "Check the role, and that issuer, audience, subject and expiry of the token agree with the role's bounds: vault read auth/jwt/role/ROLE.",
  kubernetes:
    'Check the role, that it is bound to the service account and namespace of the audit, and that Vault may review tokens: vault read auth/kubernetes/role/ROLE.',
};

/** The JSON body of a login. Source: Vault HTTP API documentation 1.21, "AppRole", "JWT/OIDC" and "Kubernetes auth method". */
export async function loginBody(login: VaultLogin): Promise<Readonly<Record<string, string>>> {
  const credentials = await login.credentials();
  return Object.fromEntries(
    Object.entries(credentials).map(([name, value]) => [name, typeof value === 'string' ? value : value.reveal()]),
  );
}

/**
 * The token that a login gave.
 * @param where the server, safe to print
 * @throws SourceError with what is refused and how to mend it; nothing of the answer is in it
 */
export function readLogin(where: string, login: VaultLogin, answer: VaultAnswer, said: string): VaultGrant {
  const what = `${where}, login at auth/${login.mount}`;
  if (answer.status === 200) {
    const parsed = authSchema.safeParse(answer.body);
    if (!parsed.success) {
      throw new SourceError(
        'malformed',
        `${what}: the answer holds no token`,
        'Check that the mount of the login is that of an auth method of this kind.',
      );
    }
    const { client_token: token } = parsed.data.auth;
    if (token === '') {
      throw new SourceError(
        'unsupported',
        `${what}: Vault asks for a second factor, or gives no token`,
        'Exempt the role of the audit from login enforcement of MFA.',
      );
    }
    return { token };
  }
  if (said.includes('missing client token') || answer.status === 404) {
    throw new SourceError(
      'unauthorized',
      `${what}: there is no auth method at this path`,
      'Set login.mount to the path that vault auth list shows, and check the namespace.',
    );
  }
  if (answer.status >= 400 && answer.status < 500) {
    throw new SourceError(
      'unauthorized',
      `${what} (${login.method}): refused (status ${answer.status})`,
      // Vault does not tell a path without an auth method from a refusal.
      answer.status === 403
        ? `${REMEDIES[login.method]} Check login.mount and the namespace, too: vault auth list.`
        : REMEDIES[login.method],
    );
  }
  throw new SourceError(
    'unreachable',
    `${what} (${login.method}): answered with status ${answer.status}`,
    login.method === 'approle'
      ? 'See the log of the Vault server.'
      : `See the log of the Vault server. ${REMEDIES[login.method]}`,
  );
}
