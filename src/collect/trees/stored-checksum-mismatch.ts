import { SourceError } from '../../model/source-error.ts';

/**
 * What is damaged about bytes that a store gave, by the checksum that it keeps of the whole object: a sentence part for an
 * auditor.
 */
export const MISMATCH = 'the bytes do not match the checksum that the store keeps';

/**
 * An object was read as a whole, and its bytes are not those of which the store keeps the checksum: damage of what lies
 * there, as told apart from bytes that could not be read.
 */
export class StoredChecksumMismatch extends SourceError {
  /** @param where object and address, safe to print */
  constructor(where: string) {
    super(
      'malformed',
      `${where}: ${MISMATCH}`,
      'Read the object again with another client; if it differs there too, restore it from another copy or take a new backup.',
    );
    this.name = 'StoredChecksumMismatch';
  }
}
