import type { ChildFailure } from './pkcs11-messages.ts';

/** Why something could not be answered, in words that can be sent. */
export class Pkcs11Failure extends Error {
  readonly failure: ChildFailure;

  constructor(failure: ChildFailure) {
    super(failure.why);
    this.name = 'Pkcs11Failure';
    this.failure = failure;
  }
}

/** Whether a function of the module answered with one of these codes. */
export function isRefusedWith(failure: ChildFailure, codes: ReadonlySet<number>): boolean {
  return failure.why === 'refused' && codes.has(failure.code);
}

/** Calls the module; what it throws for an error of the module becomes a failure that can be sent. */
export function called<T>(name: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    const [, result, code] =
      /(CKR_\w+):(\d+)/.exec(error instanceof Error ? `${error.message} ${error.stack}` : '') ?? [];
    if (result !== undefined)
      throw new Pkcs11Failure({ why: 'refused', function: name, name: result, code: Number(code) });
    if (isError(error) && /^CKR_\w+$/.test(error.message)) {
      throw new Pkcs11Failure({ why: 'refused', function: name, name: error.message, code: error.code });
    }
    throw error;
  }
}

function isError(error: unknown): error is Error & { readonly code: number } {
  return error instanceof Error && 'code' in error && typeof error.code === 'number';
}
