import { basename, dirname } from 'node:path';
import { readVaultSnapshot } from '../../dist/collect/formats/vault-snapshot/read-snapshot.js';
import { localDirectoryTree } from '../../dist/collect/trees/local-directory.js';

/*
 * Reads a snapshot of Vault to its end with the built program, and prints the seconds it took. Arguments: the file, and
 * how many entries of transit keys it holds.
 */
const [file, keys] = process.argv.slice(2);
const { signal } = new AbortController();
const started = performance.now();
const reader = await localDirectoryTree({ root: dirname(file) }).open(basename(file), signal);
let seen = 0;
const reading = await readVaultSnapshot(reader, { signal, onKey: () => (seen += 1) });
await reader.close();
const seconds = (performance.now() - started) / 1000;
if (!reading.complete || !reading.checksumsMatch) throw new Error(reading.because);
if (seen !== Number(keys)) throw new Error(`${seen} entries of transit keys found instead of ${keys}`);
process.stdout.write(String(seconds));
