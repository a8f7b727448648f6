/** When a request left and when its answer's head arrived, by this machine's clock, in milliseconds since the epoch. */
export interface Exchange {
  readonly sentAt: number;
  readonly receivedAt: number;
}

/**
 * How far a server's clock is ahead of ours, in milliseconds (negative: behind). `serverMillis` was truncated to a whole
 * second, as in the HTTP `Date` header (RFC 9110 section 6.6.1), so half a second is added; the result is exact to half
 * a second plus half the time the exchange took.
 */
export function clockOffsetMillis(serverMillis: number, exchange: Exchange): number {
  return Math.round(serverMillis + 500 - (exchange.sentAt + exchange.receivedAt) / 2);
}

/** The moment in an HTTP `Date` header, in milliseconds since the epoch, or null where it is absent or unreadable. */
export function parseDateHeader(header: string | undefined): number | null {
  if (header === undefined) return null;
  const millis = Date.parse(header);
  return Number.isNaN(millis) ? null : millis;
}
