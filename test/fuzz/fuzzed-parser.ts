/** The files that one parser reads together, by name. A format of one file has one, of any name. */
export type Artifact = ReadonlyMap<string, Uint8Array>;

/** The tool of PostgreSQL that must not refuse what the parser vouches for. */
export interface Oracle {
  readonly tool: 'pg_restore -l' | 'pg_restore';
  readonly release: 15 | 18;
}

/** One reader of a foreign format, as the fuzzer calls it. */
export interface FuzzedParser {
  readonly name: string;
  /** Small real artifacts, or such as the format's rules make them; every input is one of them, damaged. */
  readonly artifacts: () => readonly Artifact[];
  /**
   * Reads an input to its end. @returns `complete` where the reader vouches for it, else any other word
   * @throws only what {@link declared} names
   */
  readonly read: (input: Artifact, signal: AbortSignal) => Promise<string> | string;
  /** The errors that the reader says it throws. */
  readonly declared: readonly (abstract new (
    ...args: never[]
  ) => Error)[];
  /** Makes the checksums of damaged files right again, so that damage gets past them; applied to every other input. */
  readonly mend?: (bytes: Uint8Array) => Uint8Array;
  readonly oracle?: Oracle;
}

/** An artifact of one file. */
export function oneFile(bytes: Uint8Array | string): Artifact {
  return new Map([['file', Buffer.from(bytes)]]);
}

/** The only file of an artifact made by {@link oneFile}. */
export function bytesOf(artifact: Artifact): Uint8Array {
  return artifact.get('file') ?? new Uint8Array(0);
}

/** In pieces of a size that splits everything somewhere. */
export async function* chunksOf(bytes: Uint8Array, size = 61): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function textOf(artifact: Artifact): string {
  return new TextDecoder().decode(bytesOf(artifact));
}
