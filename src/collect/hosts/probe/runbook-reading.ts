import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { type Instant, instantOrNull } from '../../../model/instant.ts';
import { keyedDigest, LARGEST_DIGESTED } from '../file-digest.ts';

/** A runbook without its text; null: it is no text of the size of a runbook. */
export type RunbookAnswer = {
  readonly bytes: number;
  readonly modifiedAt: Instant | null;
  /** Keyed digest of its text; null of one above the size of which digests are compared. */
  readonly digest: string | null;
  /** Which of the names do not stand in it. */
  readonly missing: readonly string[];
} | null;

interface RunbookSearch {
  readonly path: string;
  /** Of the install, for the digest. */
  readonly key: string;
  readonly names: readonly string[];
  /** Bytes that are read. */
  readonly most: number;
}

/** Searches a text for names. The text stays in this process. @throws what node:fs throws */
export function searchRunbook({ path, key, names, most }: RunbookSearch): RunbookAnswer {
  // A named pipe would wait for a writer.
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile() || found.size > most) return null;
    const buffer = Buffer.alloc(found.size);
    const bytes = readSync(descriptor, buffer, 0, buffer.length, 0);
    const text = buffer.toString('utf8', 0, bytes);
    return {
      bytes,
      modifiedAt: instantOrNull(Math.trunc(found.mtimeMs)),
      digest: bytes > LARGEST_DIGESTED ? null : keyedDigest(key, buffer.subarray(0, bytes)),
      missing: names.filter((name) => !isNamed(text, name)).sort(),
    };
  } finally {
    closeSync(descriptor);
  }
}

/** Whether a text holds a name as a word of its own: `dumps` is in "copies in dumps.", and not in `dumps-old`. */
export function isNamed(text: string, name: string): boolean {
  const literal = name.replaceAll(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
  return new RegExp(`(?<![\\w-]|\\w\\.)${literal}(?![\\w-]|\\.\\w)`, 'i').test(text);
}
