import { readLocation, readToEnd } from '../../../../src/collect/backups/artifact-index.ts';
import { localDirectoryTree } from '../../../../src/collect/trees/local-directory.ts';

/* Reads the only dump of a directory to its end in a process of its own, and ends with 130 as the command does on Ctrl-C. */

const [root = ''] = process.argv.slice(2);
const interruption = new AbortController();
process.once('SIGINT', () => interruption.abort());
const location = { name: 'large', tree: localDirectoryTree({ root }), timeZone: null, servers: null };
const refuse = (error: unknown): never => {
  throw error;
};
const { artifacts } = await readLocation(location, new Set(), refuse, interruption.signal);
const [artifact] = artifacts;
if (artifact === undefined) throw new Error('no dump found');
const reading = readToEnd(artifact, interruption.signal);
setTimeout(() => process.stdout.write('reading\n'), 300);
try {
  await reading;
} catch (error) {
  if (!interruption.signal.aborted) throw error;
  process.exitCode = 130;
}
