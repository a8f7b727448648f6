import { createHostProbe } from '../../dist/collect/hosts/probe/host-probe.js';

/*
 * Digests a directory with the built program, in the process that it starts for that. Prints the seconds it took.
 * Arguments: the directory and how many files it holds.
 */
const [root, files] = process.argv.slice(2);
const probe = createHostProbe();
const started = performance.now();
const task = { ask: 'tree', path: root, key: 'a key of the bench', except: null };
const tree = await probe.ask(task, new AbortController().signal);
const seconds = (performance.now() - started) / 1000;
if (tree.files !== Number(files)) throw new Error(`${tree.files} files found instead of ${files}`);
process.stdout.write(String(seconds));
