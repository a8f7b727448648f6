import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readDumpFile } from '../../src/collect/formats/pg-dump/read-dump.ts';
import { fixture } from '../collect/formats/pg-dump/dump-fixtures.ts';
import { memoryByteReader } from '../collect/memory-byte-reader.ts';
import { programOnPath } from '../services/availability.ts';
import { scratchDirectory } from '../services/scratch.ts';
import type { DamagedFormat, VendorTool } from './damaged-format.ts';
import { vendorTool } from './vendor-tool.ts';

const [AGE, GPG] = ['pg_dump custom in age', 'pg_dump custom in OpenPGP'];
export const ENCRYPTED_FORMATS: readonly string[] = [AGE, GPG];

const { signal } = new AbortController();
const TIMEOUT_MS = 120_000;

/** Why what encrypts is not here, or null. */
export function encryptionUnavailable(): string | null {
  const missing = ['age', 'age-keygen', 'gpg'].filter((name) => programOnPath([name]) === null);
  return missing.length === 0 ? null : `${missing.join(', ')} is not on PATH`;
}

/** A dump by a real pg_dump, encrypted with age and with GnuPG. */
export function encryptedFormats(directory: string, cleanup: AsyncDisposableStack): readonly DamagedFormat[] {
  const dump = fixture('pg15-custom.dump');
  return [inAge(dump, join(directory, 'age')), inOpenPgp(dump, join(directory, 'gpg'), cleanup)];
}

function inAge(dump: Buffer, root: string): DamagedFormat {
  mkdirSync(root);
  const key = join(root, '../age.key');
  execFileSync('age-keygen', ['-o', key], { timeout: TIMEOUT_MS, stdio: 'ignore' });
  const recipient = /public key: (\S+)/.exec(readFileSync(key, 'utf8'))?.[1] ?? '';
  const bytes = execFileSync('age', ['-r', recipient], { input: dump, timeout: TIMEOUT_MS });
  const open = vendorTool('age --decrypt', 'age', ['--decrypt', '-i', key, '-o', '/dev/null', 'dump.age'], root);
  return encrypted(AGE, root, ['dump.age', bytes], open);
}

function inOpenPgp(dump: Buffer, root: string, cleanup: AsyncDisposableStack): DamagedFormat {
  mkdirSync(root);
  // The socket of its agent lies there, whose path may not be long.
  const home = cleanup.use(scratchDirectory('gpg')).path;
  cleanup.defer(() => {
    spawnSync('gpgconf', ['--homedir', home, '--kill', 'all'], { timeout: TIMEOUT_MS });
  });
  const always = ['--homedir', home, '--batch', '--yes', '--quiet', '--trust-model', 'always'];
  const gpg = (...options: readonly string[]): Buffer =>
    execFileSync('gpg', [...always, ...options], {
      input: dump,
      timeout: TIMEOUT_MS,
      stdio: ['pipe', 'pipe', 'ignore'],
    });
  gpg('--passphrase', '', '--quick-generate-key', 'one@example.org', 'future-default', 'default', 'never');
  const bytes = gpg('--encrypt', '-r', 'one@example.org');
  const open = vendorTool('gpg --decrypt', 'gpg', [...always, '-o', '/dev/null', '--decrypt', 'dump.gpg'], root);
  return encrypted(GPG, root, ['dump.gpg', bytes], open);
}

function encrypted(
  name: string,
  root: string,
  [file, bytes]: readonly [name: string, bytes: Buffer],
  open: VendorTool,
): DamagedFormat {
  writeFileSync(join(root, file), bytes);
  return {
    name,
    root,
    files: new Map([[file, bytes]]),
    read: async (depth, damaged) => {
      const read = damaged?.bytes ?? bytes;
      const recognition = await readDumpFile(memoryByteReader(read), { depth, signal });
      const sha256 = createHash('sha256').update(read).digest('hex');
      if (recognition.kind === 'dump') return { verdict: recognition.reading.integrity.state, sha256 };
      // Encrypted it is as long as its header says nothing else.
      return { verdict: /damaged|cut off/.test(recognition.what) ? 'damaged' : recognition.kind, sha256 };
    },
    tools: [open],
    hasRecordedSum: true,
    soundVerdict: 'encrypted',
    hasOneDepth: true,
    note: `What is encrypted is not opened: it is never taken to be whole, whatever is in it. *Found* is damage to its header alone.
The tool beside it has the key.`,
  };
}
