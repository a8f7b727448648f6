/**
 * A file breaks a rule of its format: cut off, overwritten, followed by foreign bytes. `message` is a plain sentence
 * part for an auditor, in lower case and without a final period, e.g. `its tar archive is cut off`.
 */
export class FormatDamage extends Error {
  constructor(because: string, options?: ErrorOptions) {
    super(because, options);
    this.name = 'FormatDamage';
  }
}
