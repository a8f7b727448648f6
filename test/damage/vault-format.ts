import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readVaultSnapshot } from '../../src/collect/formats/vault-snapshot/read-snapshot.ts';
import { memoryByteReader } from '../collect/memory-byte-reader.ts';
import { cachedProgram } from '../services/cache.ts';
import { vaultRecipe } from '../services/recipes.ts';
import type { VaultServer } from '../services/vault.ts';
import type { DamagedFormat } from './damaged-format.ts';
import { vendorTool } from './vendor-tool.ts';

const { signal } = new AbortController();
export const VAULT_FORMAT = 'Vault raft snapshot';

/** A raft snapshot of a real Vault with a few transit keys. */
export async function vaultFormat(vault: VaultServer, directory: string): Promise<DamagedFormat> {
  const root = join(directory, 'vault');
  await mkdir(root);
  await vault.request('POST', 'sys/mounts/orgkeys', { type: 'transit' });
  for (let key = 0; key < 20; key += 1) await vault.request('POST', `orgkeys/keys/acme-${key}`);
  const file = join(root, 'vault.snap');
  await vault.snapshot(file);
  const own = await readFile(file);
  const program = cachedProgram(vaultRecipe) ?? 'vault';
  return {
    name: VAULT_FORMAT,
    root,
    files: new Map([['vault.snap', own]]),
    read: async (_, damaged) => {
      const { complete, checksumsMatch, what } = await readVaultSnapshot(memoryByteReader(damaged?.bytes ?? own), {
        signal,
      });
      const isWhole = complete && checksumsMatch;
      return { verdict: isWhole ? 'complete' : what === 'vault-raft-snapshot' ? 'incomplete' : what, sha256: null };
    },
    tools: [
      vendorTool('gzip -t', 'sh', ['-c', 'gzip -t < vault.snap'], root),
      vendorTool(
        'vault operator raft snapshot inspect',
        program,
        ['operator', 'raft', 'snapshot', 'inspect', 'vault.snap'],
        root,
      ),
    ],
    hasRecordedSum: false,
    hasOneDepth: true,
    note: 'It is read to its end at both depths.',
  };
}
