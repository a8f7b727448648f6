import { SourceError } from '../../model/source-error.ts';

/** The token that requests are sent with, and how another one is had. */
export interface VaultSession {
  /** The present token; the first call logs in where that is how one is had. */
  token(): string | Promise<string>;
  /** Another token than the refused one; null where there is no way to have one. */
  renewed(refused: string): Promise<string | null>;
  /** The token of a login that was not given back yet. */
  own(): string | null;
}

/** A token that was given: it cannot be replaced, and is not ours to revoke. */
export function givenToken(token: string): VaultSession {
  return { token: () => token, renewed: async () => null, own: () => null };
}

/** Logins of one run: with a token that lives for a minute this is more than an hour and a half of asking. */
const MAX_LOGINS = 100;
/** For how long a refused login is not tried again: many keys ask at once. */
const REFUSAL_MILLIS = 30_000;

/**
 * Tokens had by logging in: at the first request, and again where one is not valid any more.
 * @param where the server, safe to print
 * @param login sends one login and gives its token
 */
export function loginSession(where: string, login: () => Promise<string>): VaultSession {
  let current: string | null = null;
  let pending: Promise<string> | null = null;
  let refusal: { readonly error: unknown; readonly at: number } | null = null;
  let logins = 0;

  async function once(): Promise<string> {
    if (refusal !== null && performance.now() - refusal.at < REFUSAL_MILLIS) throw refusal.error;
    if (logins >= MAX_LOGINS) {
      throw new SourceError(
        'unauthorized',
        `${where}: the tokens that the login gives lived too short: ${MAX_LOGINS} of them expired during the run`,
        'Raise token_ttl and token_num_uses of the role that the audit logs in with.',
      );
    }
    logins += 1;
    try {
      current = await login();
      return current;
    } catch (error) {
      refusal = { error, at: performance.now() };
      throw error;
    }
  }

  /** One login at a time, whoever asks for it. */
  function logIn(): Promise<string> {
    pending ??= once().finally(() => {
      pending = null;
    });
    return pending;
  }

  return {
    token: () => current ?? logIn(),
    async renewed(refused) {
      if (current === refused) current = null;
      return current ?? (await logIn());
    },
    own: () => current,
  };
}
