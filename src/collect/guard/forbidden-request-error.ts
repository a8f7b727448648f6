/**
 * A request that is on no allow-list was about to be sent to an audited system. It was not sent. This is a defect of
 * the tool, never evidence about the system, so it is no SourceError and must end the run.
 */
export class ForbiddenRequestError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'ForbiddenRequestError';
  }
}
