import { readLocation } from '../../dist/collect/backups/artifact-index.js';
import { localDirectoryTree } from '../../dist/collect/trees/local-directory.js';

/*
 * Lists a directory and judges every artifact in it by its structure, with the built program. Prints the seconds it
 * took. Arguments: the directory and how many artifacts it holds.
 */
const [root, artifacts] = process.argv.slice(2);
const location = { name: 'bench', tree: localDirectoryTree({ root }), timeZone: null, servers: null };
const refuse = (error) => {
  throw error;
};
const started = performance.now();
const contents = await readLocation(location, new Set(), refuse, new AbortController().signal);
const seconds = (performance.now() - started) / 1000;
if (contents.artifacts.length !== Number(artifacts)) {
  throw new Error(`${contents.artifacts.length} dumps found instead of ${artifacts}`);
}
process.stdout.write(String(seconds));
