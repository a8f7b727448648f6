#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

/** Entry point. Checks the runtime before anything that needs it is loaded; the only file that touches the process. */
const LEAST_NODE = [22, 13] as const;

/**
 * How far the heap may outgrow what lives in it before it is collected. V8 would let it grow fourfold, for speed: the
 * program walks over far more data than it holds, and its memory is to stay small beside the database server's.
 */
const HEAP_GROWING_PERCENT = 100;

async function start(): Promise<void> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < LEAST_NODE[0] || (major === LEAST_NODE[0] && minor < LEAST_NODE[1])) {
    process.stderr.write(
      `recoverage needs Node.js ${LEAST_NODE.join('.')} or newer, and this is ${process.versions.node}.\n`,
    );
    process.exitCode = 3;
    return;
  }
  setFlagsFromString(`--heap-growing-percent=${HEAP_GROWING_PERCENT}`);
  const [{ main }, { processIo }] = await Promise.all([import('./cli/main.ts'), import('./cli/process-io.ts')]);
  process.exitCode = await main(process.argv.slice(2), processIo());
}

await start();
