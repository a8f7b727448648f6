import { createHmac, randomBytes } from 'node:crypto';
import type { Secret } from '../../model/secret.ts';
import { SourceError } from '../../model/source-error.ts';
import type { TokenReading } from './pkcs11-messages.ts';

/*
 * Tokens lock after a few wrong PINs, and then nobody reads their keys. So a PIN that a token did not accept, or that
 * nobody knows the fate of, is not tried again in the life of this process, whoever asks: another provider, the same
 * one after its module crashed, doctor. What is kept of a PIN is a digest whose key is this process's alone.
 */

const DIGEST_KEY = randomBytes(32);
const refusals = new Map<string, SourceError>();
const turns = new Map<string, Promise<unknown>>();

/**
 * Logs in, unless that was tried in vain before.
 *
 * @param token what the token says of itself before the login
 * @param login tries the PIN, once
 * @throws SourceError unauthorized where the PIN is not to be tried, and what `login` throws
 */
export function logInOnce(
  locator: string,
  token: TokenReading,
  pin: Secret,
  login: () => Promise<TokenReading>,
): Promise<TokenReading> {
  const name = JSON.stringify([token.manufacturer, token.model, token.serial]);
  // One after the other: two providers with one wrong PIN would otherwise both try it.
  const turn = (turns.get(name) ?? Promise.resolve()).then(() => tryOnce(name, locator, token, pin, login));
  turns.set(
    name,
    turn.catch(() => undefined),
  );
  return turn;
}

async function tryOnce(
  name: string,
  locator: string,
  token: TokenReading,
  pin: Secret,
  login: () => Promise<TokenReading>,
): Promise<TokenReading> {
  if (token.pinLocked) throw notTried(`${locator}: the PIN of the user is locked`, UNLOCK);
  const attempt = createHmac('sha256', DIGEST_KEY).update(`${name} ${pin.reveal()}`).digest('base64');
  const before = refusals.get(attempt);
  if (before !== undefined) throw before;
  if (token.pinLastTry) {
    throw notTried(`${locator}: one more wrong PIN would lock the token, so that none was tried`, LAST_TRY);
  }
  try {
    return await login();
  } catch (error) {
    if (error instanceof SourceError) refusals.set(attempt, error);
    throw error;
  }
}

const UNLOCK = 'Let the security officer of the HSM set the PIN anew, and give it to the audit.';
const LAST_TRY =
  'Log in once with the right PIN by the HSM’s own tools, which sets its counter back, and check the PIN that the audit is given.';

function notTried(message: string, remedy: string): SourceError {
  return new SourceError('unauthorized', message, remedy);
}
