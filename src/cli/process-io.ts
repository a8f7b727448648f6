import { createInterface } from 'node:readline/promises';
import { removeUnfinished } from '../pipeline/unfinished.ts';
import type { CommandIo } from './io.ts';

/** How long an orderly end after Ctrl-C may take before the process ends at once, in milliseconds. */
const LONGEST_FAREWELL = 1500;

/** The real process. Ctrl-C and SIGTERM abort the signal; a second one, or a slow end, ends the process at once. */
export function processIo(): CommandIo {
  const abort = new AbortController();
  const interrupt = () => {
    if (abort.signal.aborted) endAtOnce();
    abort.abort(new Error('interrupted'));
    setTimeout(endAtOnce, LONGEST_FAREWELL).unref();
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  // A reader that has seen enough, such as head, is no defect.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  return {
    stdout: { write: (text) => void process.stdout.write(text) },
    stderr: { isTerminal: process.stderr.isTTY === true, write: (text) => void process.stderr.write(text) },
    environment: process.env,
    workingDirectory: process.cwd(),
    signal: abort.signal,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
    async ask(question) {
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      try {
        return await terminal.question(question, { signal: abort.signal });
      } finally {
        terminal.close();
      }
    },
  };
}

/** Ends without waiting for anything, and leaves nothing half-written. */
function endAtOnce(): never {
  try {
    removeUnfinished();
  } finally {
    process.exit(130);
  }
}
