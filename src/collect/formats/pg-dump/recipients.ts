import type { PeekedChunks } from './peeked-chunks.ts';

/** Whoever must hold which key to open an encrypted file, as its header tells; null where it does not. */
export async function recipientsIn(_content: PeekedChunks): Promise<string | null> {
  return null;
}
