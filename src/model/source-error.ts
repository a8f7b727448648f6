/** Why a question has no, or no complete, answer. */
export const BLIND_REASONS = [
  'unreachable',
  'unauthorized',
  'timeout',
  'malformed',
  'unsupported',
  'not-asked',
  'stale',
  'expired',
] as const;
export type BlindReason = (typeof BLIND_REASONS)[number];

/**
 * Thrown by whatever talks to an audited system when it cannot answer. One place in the collector turns it into a
 * blind spot; nothing else catches it.
 *
 * `message` says what failed and where, in lower case and without a final period, and holds no secret and no row data.
 * `remedy` is one sentence that says what to change.
 */
export class SourceError extends Error {
  readonly reason: BlindReason;
  readonly remedy: string;

  constructor(reason: BlindReason, message: string, remedy: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'SourceError';
    this.reason = reason;
    this.remedy = remedy;
  }
}
