/** A bundle that another host wrote is of another install than the one that is audited. */
export class ForeignBundleError extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'ForeignBundleError';
    this.hint = hint;
  }
}
