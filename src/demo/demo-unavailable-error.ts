/** The demo cannot be built on this machine. The message is one line that says what to do. */
export class DemoUnavailableError extends Error {
  override readonly name = 'DemoUnavailableError';
}
