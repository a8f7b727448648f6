/** What is wrong with compressed data. */
export type CompressedFault =
  /** They stop before their end. */
  | 'cut'
  /** They are no valid stream of their format. */
  | 'damaged'
  /** Of gzip: the data end, and the trailer is missing or cut. */
  | 'no-trailer'
  /** Of gzip: length or CRC-32 in the trailer differ from the data. */
  | 'wrong-checksum'
  /** Of gzip: bytes that are no gzip data follow the end. */
  | 'trailing-bytes';

/** Compressed data break a rule of their format. Never leaves the readers of formats. */
export class CompressedDamage extends Error {
  readonly fault: CompressedFault;

  constructor(fault: CompressedFault, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CompressedDamage';
    this.fault = fault;
  }
}
