import { createHash } from 'node:crypto';

const LONGEST_LAST_LINE = 4096;

/** SHA-256 over a manifest up to its last line, which states it (PostgreSQL documentation, "Manifest-Checksum"). */
export interface ManifestDigest {
  write(bytes: Uint8Array): void;
  /** In lower-case hex, with the last line; null where no line of a possible length comes last. */
  finish(): { readonly sha256: string; readonly lastLine: string } | null;
}

export function createManifestDigest(): ManifestDigest {
  const hash = createHash('sha256');
  /** The end of what has come, in which the last line begins. */
  let tail: Uint8Array = new Uint8Array(0);
  return {
    write: (bytes) => {
      const all = Buffer.concat([tail, bytes]);
      const kept = Math.max(0, all.length - LONGEST_LAST_LINE);
      hash.update(all.subarray(0, kept));
      tail = all.subarray(kept);
    },
    finish: () => {
      const text = Buffer.from(tail);
      const start = text.subarray(0, -1).lastIndexOf(0x0a) + 1;
      if (start === 0 || text.at(-1) !== 0x0a) return null;
      hash.update(text.subarray(0, start));
      return { sha256: hash.digest('hex'), lastLine: text.toString('utf8', start) };
    },
  };
}
