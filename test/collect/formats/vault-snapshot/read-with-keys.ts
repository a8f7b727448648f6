import { readVaultSnapshot } from '../../../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { memoryByteReader } from '../../memory-byte-reader.ts';

/** What is read of a snapshot, and all that its visitor is told: `mount/kind/name` of each entry of a key. */
export async function readWithKeys(bytes: Uint8Array, chunkBytes?: number) {
  const { signal } = new AbortController();
  const keys: string[] = [];
  const onKey = (mount: string, kind: string, name: string) => keys.push(`${mount}/${kind}/${name}`);
  const reading = await readVaultSnapshot(memoryByteReader(bytes, chunkBytes), { signal, onKey });
  return { ...reading, keys };
}
