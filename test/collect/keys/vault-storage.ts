import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { barrierValue } from '../formats/vault-snapshot/synthetic-snapshot.ts';

export const UUID = '0d9c4a1e-0000-4000-8000-000000000001';
/** When the storage was made, and when it was written to last. */
export const FIRST_WRITTEN = new Date('2026-11-01T08:00:00.000Z');
export const LAST_WRITTEN = new Date('2026-11-20T09:30:00.000Z');

const SEAL = JSON.stringify({ type: 'shamir', secret_shares: 5, secret_threshold: 3, stored_shares: 1, name: '' });

/** The least that a Vault keeps, by its paths, with one transit key of each name. */
export function storageEntries(keyNames: readonly string[]): ReadonlyMap<string, Uint8Array> {
  return new Map<string, Uint8Array>([
    ['core/hsm/barrier-unseal-keys', Buffer.from([0x0a, 1, 9])],
    ['core/keyring', barrierValue(0)],
    ['core/mounts', barrierValue(1)],
    ['core/seal-config', Buffer.from(SEAL)],
    ['sys/token/id/h1', barrierValue(1)],
    ...keyNames.flatMap((name): [string, Uint8Array][] =>
      ['archive', 'policy'].map((kind) => [`logical/${UUID}/${kind}/${name}`, barrierValue(1, 300)]),
    ),
  ]);
}

/** Writes entries as Vault's `file` storage does: an underscore before the last part, the value in base64 in JSON. */
export async function writeStorage(directory: string, entries: ReadonlyMap<string, Uint8Array>): Promise<void> {
  for (const [key, value] of entries) {
    const at = key.lastIndexOf('/') + 1;
    const file = join(directory, key.slice(0, at), `_${key.slice(at)}`);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, `${JSON.stringify({ Value: Buffer.from(value).toString('base64') })}\n`);
    const time = key.startsWith('logical/') ? LAST_WRITTEN : FIRST_WRITTEN;
    await utimes(file, time, time);
  }
}
