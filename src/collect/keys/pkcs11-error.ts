import { SourceError } from '../../model/source-error.ts';
import type { ChildFailure } from './pkcs11-messages.ts';

/** What to do where the package that speaks to modules is missing: it is compiled on installing, and optional. */
export const INSTALL_HINT =
  'Install it beside the program on the machine that asks the HSM: npm install pkcs11js (it is compiled: a C++ compiler, make and Python 3 are needed, and npm must be allowed to run its install script).';

/** Codes of PKCS #11 2.40 (section 5, "Function return values") that say that this login may not. */
const REFUSED: Readonly<Record<number, string>> = {
  160: 'the PIN is wrong',
  161: 'the PIN is not one that the token could have',
  162: 'the PIN is too short or too long for the token',
  163: 'the PIN has expired',
  164: 'the PIN is locked',
  257: 'the session is not logged in',
  258: 'the PIN of the user was never set',
  259: 'the token knows no such user',
};
const UNSUPPORTED: ReadonlySet<number> = new Set([84, 180]);

/**
 * What a failed question to a module means.
 * @param locator what was asked, safe to print
 */
export function pkcs11Error(locator: string, failure: ChildFailure): SourceError {
  switch (failure.why) {
    case 'not-installed':
      return new SourceError(
        'unsupported',
        `${locator}: the optional package pkcs11js, which asks HSMs, is not installed`,
        INSTALL_HINT,
      );
    case 'not-loaded':
      return new SourceError(
        'unreachable',
        `${locator}: the module could not be loaded (${failure.detail})`,
        'Check that module names the PKCS#11 module of the maker of the HSM, built for this machine, and that the user of the audit may read it and the libraries it needs.',
      );
    case 'no-token': {
      const others = failure.others === 0 ? 'none is there' : `others are there: ${failure.others}`;
      return new SourceError(
        'unreachable',
        `${locator}: no such token (${others})`,
        'List the tokens with pkcs11-tool --module MODULE --list-token-slots. Check tokenLabel and tokenSerial, that the HSM is connected, and the configuration of its module (environment).',
      );
    }
    case 'two-tokens':
      return new SourceError(
        'malformed',
        `${locator}: several tokens answer to that (serial numbers ${failure.serials.join(', ')})`,
        'State tokenSerial, so that one of them is meant.',
      );
    case 'too-many':
      return new SourceError(
        'malformed',
        `${locator}: more objects bear the name than a key could have`,
        'Name the key by its id in the reference of the keyring: id:HEX.',
      );
    case 'too-many-keys':
      return new SourceError(
        'unsupported',
        `${locator}: it holds more than 10,000 keys, so that they were not listed`,
        'Look with the tools of the HSM which of its keys are of organizations that are gone.',
      );
    case 'refused':
      return refused(locator, failure);
    case 'defect':
      return new SourceError(
        'malformed',
        `${locator}: asking the module failed in the auditor itself (${failure.detail})`,
        'Report this as a defect, with the version of the program and the maker of the HSM.',
      );
  }
}

function refused(
  locator: string,
  { function: name, name: result, code }: ChildFailure & { why: 'refused' },
): SourceError {
  const why = REFUSED[code];
  const what = `${locator}: ${name} answered ${result}`;
  if (why !== undefined) {
    return new SourceError(
      'unauthorized',
      `${what}: ${why}`,
      'Check the PIN by hand with the HSM’s own tools before the next run: tokens lock after a few wrong ones. It must be the PIN of the user, not of the security officer.',
    );
  }
  if (UNSUPPORTED.has(code)) {
    return new SourceError('unsupported', `${what}: the module does not offer it`, 'Ask its maker for a newer module.');
  }
  return new SourceError('unreachable', what, 'See the log of the HSM and of its module, then run the audit again.');
}
