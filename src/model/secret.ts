import { inspect } from 'node:util';

const REDACTED = '[secret]';

/**
 * A value that must appear in no output. It prints, serializes and inspects as `[secret]`; only {@link Secret.reveal}
 * gives it back, so every use can be found by that name.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  /** The secret itself: hand it to a client library and to nothing else. */
  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return REDACTED;
  }

  toJSON(): string {
    return REDACTED;
  }

  [inspect.custom](): string {
    return REDACTED;
  }
}
