#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

/** Entry point. Checks the runtime before anything that needs it is loaded; the only file that touches the process. */
const LEAST_NODE = [22, 13] as const;

/**
 * How far the heap may outgrow what lives in it before it is collected. V8 would let it grow fourfold, for speed: the
 * program walks over far more data than it holds, and its memory is to stay small beside the database server's.
 */
const HEAP_GROWING_PERCENT = 100;

/**
 * Variables by which Node.js prints what its network does, credentials in headers included, to standard error. It reads them
 * before any line of a program runs, so that clearing them is too late.
 */
const TRACES = ['NODE_DEBUG', 'NODE_DEBUG_NATIVE'] as const;

/**
 * The exit code of a run that did not do its work: 4, and 3 (UNKNOWN) for a monitor, whose protocol has no fifth code.
 * Told from the bare arguments, since it is needed where nothing could be loaded that parses them.
 */
function defectCode(args: readonly string[]): 3 | 4 {
  const isForMonitor = args.some(
    (arg, index) => arg === '--exit-style=nagios' || (arg === '--exit-style' && args[index + 1] === 'nagios'),
  );
  return isForMonitor ? 3 : 4;
}

async function start(args: readonly string[]): Promise<void> {
  // Node's own code for whatever goes wrong unseen is 1, which says "a gap" here.
  process.exitCode = defectCode(args);
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    process.stderr.write(
      `recoverage needs Node.js ${LEAST_NODE.join('.')} or newer, and this is ${process.versions.node}.\n`,
    );
    process.exitCode = 3;
    return;
  }
  const traced = TRACES.find((name) => (process.env[name] ?? '') !== '');
  if (traced !== undefined) {
    process.stderr.write(
      `recoverage does not run while ${traced} is set: Node.js would print the credentials of its requests. Unset it.\n`,
    );
    process.exitCode = 3;
    return;
  }
  // Packages look at it when they are loaded, Azure's SDK among them, and print what they send.
  delete process.env['DEBUG'];
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const [{ main }, { processIo }] = await Promise.all([import('./cli/main.ts'), import('./cli/process-io.ts')]);
  const { io, exitCodeAfter } = processIo(defectCode(args));
  process.exitCode = await exitCodeAfter(await main(args, io));
}

await start(process.argv.slice(2)).catch((error: unknown) => {
  process.stderr.write(`recoverage could not be loaded; install it again. ${error}\n`);
});
